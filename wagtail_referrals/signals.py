"""Signals, sent after the transaction that caused them was committed."""

from django.dispatch import Signal

# event: Event, decisions: list[Decision], rewards: list[Reward]
event_recorded = Signal()
# referral: Referral
referral_claimed = Signal()
# reward: Reward
reward_issued = Signal()
# redemption: Redemption
coupon_redeemed = Signal()
# response: FeedbackResponse
feedback_submitted = Signal()
# case: Case
case_opened = Signal()
# case: Case
case_closed = Signal()
# introduction: Introduction
introduction_received = Signal()
# introduction: Introduction, from_stage: str
introduction_moved = Signal()
