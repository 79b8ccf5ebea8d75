"""Only imports, so that Django finds the rooms' models."""

from .asks.models import Ask, Touchpoint
from .coupons.models import Coupon, CouponBatch, CouponEntry, Redemption
from .events.models import Event
from .feedback.case_models import Case, CaseEntry, CaseRule
from .feedback.heard_models import Mention
from .feedback.inbox_models import FeedbackNote, FeedbackTag, FeedbackWord, SavedView
from .feedback.invitation_models import Invitation
from .feedback.models import FeedbackResponse
from .feedback.testimonial_models import Testimonial
from .insights.champion_models import CustomerValue, SegmentMove, ValueSettings, ValueSummary
from .insights.goal_models import ChannelCost, Goal
from .insights.models import ChangedDay, FeedbackTally, TallyState
from .insights.reach_models import Reach, ReachRun
from .insights.rollup_models import ChangedHour, Rollup, RollupState
from .messages.models import MailPreference, Message, Quota
from .messages.template_models import MessageTemplate
from .partners.collateral_models import Collateral, CollateralUse, CollateralVersion
from .partners.introduction_models import (
    GradeLine,
    Introduction,
    IntroductionEntry,
    StageWords,
    WantedContact,
)
from .partners.models import JointOffer, Partner, PartnerContact, PartnerTopic
from .people.models import Consent, Person, Suppression
from .programs.experiment_models import Experiment, Variant
from .programs.models import Offer, Program, TermsVersion
from .programs.share_models import ShareText
from .referrals.friend_mail_models import FriendMail
from .referrals.models import Advocate, AttributionChange, Click, DailySalt, Referral, Share
from .rewards.models import Decision, Reward, RewardEntry
from .rewards.payout_models import Payout, PayoutRun
from .rewards.pool_models import CodePool, PoolCode
from .rewards.rule_models import Allowance, RewardRule, RuleEffect, RuleVersion

__all__ = [
    "ChangedHour",
    "ChannelCost",
    "Experiment",
    "Goal",
    "Reach",
    "ReachRun",
    "Rollup",
    "RollupState",
    "Variant",
    "CustomerValue",
    "SegmentMove",
    "ValueSettings",
    "ValueSummary",
    "Ask",
    "FriendMail",
    "MailPreference",
    "MessageTemplate",
    "Quota",
    "Share",
    "ShareText",
    "Touchpoint",
    "Suppression",
    "PartnerTopic",
    "PartnerContact",
    "Partner",
    "JointOffer",
    "WantedContact",
    "StageWords",
    "IntroductionEntry",
    "Introduction",
    "GradeLine",
    "CollateralVersion",
    "CollateralUse",
    "Collateral",
    "Advocate",
    "Allowance",
    "ChangedDay",
    "AttributionChange",
    "Case",
    "CaseEntry",
    "CaseRule",
    "Click",
    "CodePool",
    "Consent",
    "Coupon",
    "CouponBatch",
    "CouponEntry",
    "DailySalt",
    "Decision",
    "Event",
    "FeedbackNote",
    "FeedbackResponse",
    "Mention",
    "FeedbackTag",
    "FeedbackWord",
    "FeedbackTally",
    "Invitation",
    "Message",
    "Offer",
    "Payout",
    "PayoutRun",
    "Person",
    "PoolCode",
    "Program",
    "Redemption",
    "Referral",
    "Reward",
    "RewardEntry",
    "RewardRule",
    "RuleEffect",
    "RuleVersion",
    "SavedView",
    "TallyState",
    "TermsVersion",
    "Testimonial",
]
