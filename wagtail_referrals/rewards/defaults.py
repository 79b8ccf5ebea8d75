"""The rules a new program starts with."""

from django.utils.translation import gettext

from ..programs.models import Program
from .rule_models import Beneficiary, RewardRule, RuleEffect
from .versions import save_rule


def create_default_rules(program: Program) -> list[RewardRule]:
    """The three rules of the first loop, each with the program's own offers; none made twice."""
    defaults = {
        "feedback.submitted": (gettext("A coupon to hand on"), Beneficiary.HAND_ON),
        "referral.claimed": (gettext("The friend's coupon"), Beneficiary.FRIEND),
        "first_purchase": (gettext("The advocate's thank-you"), Beneficiary.ADVOCATE),
    }
    return [
        program.rules.filter(trigger=trigger, effects__beneficiary=beneficiary).first()
        or save_rule(
            RewardRule(program=program, trigger=trigger, name=name),
            [RuleEffect(beneficiary=beneficiary)],
        )
        for trigger, (name, beneficiary) in defaults.items()
    ]
