"""The rules a new program starts with."""

from django.utils.translation import gettext

from ..programs.models import Program
from .models import Beneficiary, RewardRule


def create_default_rules(program: Program) -> list[RewardRule]:
    """The three rules of the first loop, each with the program's own offers; none made twice."""
    defaults = {
        "feedback.submitted": (gettext("A coupon to hand on"), Beneficiary.HAND_ON),
        "referral.claimed": (gettext("The friend's coupon"), Beneficiary.FRIEND),
        "purchase": (gettext("The advocate's thank-you"), Beneficiary.ADVOCATE),
    }
    return [
        RewardRule.objects.get_or_create(
            program=program, trigger=trigger, beneficiary=beneficiary, defaults={"name": name}
        )[0]
        for trigger, (name, beneficiary) in defaults.items()
    ]
