"""Staff say how far a recommendation has come, and the rules that wait for it are asked."""

from decimal import Decimal

import pytest
from wagtail.models import ModelLogEntry

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.grade import grade_referral
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import InvalidInput, ReferralsError
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.tier import set_tier
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule


@pytest.fixture
def referral(advocate: Advocate) -> Referral:
    """Claimed, of grade C; a rule gives the advocate €5 for an introduction."""
    rule = RewardRule(
        program=advocate.program, name="Introduced", trigger="grade", trigger_options={"grade": "B"}
    )
    effect = RuleEffect(
        beneficiary="advocate",
        formula="fixed",
        formula_options={"amount": "5.00", "currency": "EUR"},
    )
    save_rule(rule, [effect])
    return claim_offer(advocate, email="bo@example.org").referral


def test_a_grade_is_recorded_and_rewarded(referral: Referral) -> None:
    result = grade_referral(referral, "B", reason="They met at the fair")
    assert result.created and result.event.metadata == {"grade": "B"}
    reward = Reward.objects.get(rule__name="Introduced")
    assert (reward.person, reward.amount) == (referral.advocate.person, Decimal("5.00"))
    referral.refresh_from_db()
    assert referral.grade == "B"
    entry = ModelLogEntry.objects.get(action="wagtail_referrals.grade")
    assert entry.data == {"reason": "They met at the fair", "grade": "B"}


def test_another_grade_than_the_rule_s_earns_nothing(referral: Referral) -> None:
    assert grade_referral(referral, "A", reason="x").rewards == []


def test_a_grade_only_rises(referral: Referral) -> None:
    grade_referral(referral, "B", reason="x")
    for grade in ("B", "C", "D"):
        with pytest.raises(ReferralsError) as refused:
            grade_referral(referral, grade, reason="x")
        assert refused.value.code == "not_possible"
    assert Event.objects.filter(kind="referral.graded").count() == 1


def test_what_a_grade_earned_it_earned_once(referral: Referral) -> None:
    grade_referral(referral, "B", reason="x")
    Referral.objects.filter(pk=referral.pk).update(grade="C")  # an order was sent back
    assert not grade_referral(referral, "B", reason="y").created
    assert Reward.objects.filter(rule__name="Introduced").count() == 1


@pytest.mark.parametrize("grade", ["", "E", "b", None, "A" * 300])
def test_no_other_grades_are_known(referral: Referral, grade: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        grade_referral(referral, grade, reason="x")
    assert refused.value.code == "invalid_grade"


def test_a_tier_is_set_with_a_reason(advocate: Advocate) -> None:
    set_tier(advocate, " gold \n", reason="Ten friends")
    advocate.refresh_from_db()
    assert advocate.tier == "gold"
    with pytest.raises(ReferralsError):
        set_tier(advocate, "gold", reason="Again")
    with pytest.raises(InvalidInput):
        set_tier(advocate, "silver", reason="")
    set_tier(advocate, "", reason="Gone quiet")
    advocate.refresh_from_db()
    assert advocate.tier == ""
