"""Only imports, so that Django finds the rooms' models."""

from .coupons.models import Coupon, Redemption
from .events.models import Event
from .feedback.models import FeedbackResponse
from .messages.models import Message
from .people.models import Consent, Person
from .programs.models import Offer, Program, TermsVersion
from .referrals.models import Advocate, AttributionChange, Click, DailySalt, Referral
from .rewards.models import Decision, Reward, RewardEntry, RewardRule

__all__ = [
    "Advocate",
    "AttributionChange",
    "Click",
    "Consent",
    "Coupon",
    "DailySalt",
    "Decision",
    "Event",
    "FeedbackResponse",
    "Message",
    "Offer",
    "Person",
    "Program",
    "Redemption",
    "Referral",
    "Reward",
    "RewardEntry",
    "RewardRule",
    "TermsVersion",
]
