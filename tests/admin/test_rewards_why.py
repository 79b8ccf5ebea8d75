"""The queue says why a reward is held."""

from decimal import Decimal
from typing import Any

import pytest

from wagtail_referrals.admin.rewards_why import why_held, with_holds
from wagtail_referrals.api import record_event
from wagtail_referrals.programs.models import Program
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule


@pytest.mark.parametrize(
    ("currency", "said"),
    [("EUR", "It is above €50."), ("CHF", "It is not in EUR, as its limit is.")],
)
def test_the_threshold_is_said_in_the_programs_currency(
    program: Program, advocate: Any, currency: str, said: str
) -> None:
    RewardRule.objects.update(state="archived")
    rule = RewardRule(
        program=program,
        name="Thank you",
        trigger="first_purchase",
        approval="above",
        approval_above=Decimal("50.00"),
    )
    amounts = {"EUR": "60.00", "CHF": "60.00"}
    save_rule(rule, [RuleEffect(formula="per_currency", formula_options={"amounts": amounts})])
    record_event(
        program.slug,
        "purchase",
        external_id="1",
        email="bo@example.org",
        amount=Decimal("80.00"),
        currency=currency,
        referral_code=advocate.display_code,
    )
    reward = Reward.objects.prefetch_related(with_holds()).get()
    assert (reward.state, why_held(reward)) == ("held", said)
