"""The few functions a shop calls. Their names and meaning stay."""

from .coupons.hold import hold_coupon, release_hold
from .coupons.redeem import Quote, quote_coupon, redeem_coupon, roll_back_redemption
from .events.record import EventResult, record_event
from .exceptions import Conflict, CouponRefused, InvalidInput, ReferralsError
from .messages.bounces import report_bounce

__all__ = [
    "Conflict",
    "CouponRefused",
    "EventResult",
    "InvalidInput",
    "Quote",
    "ReferralsError",
    "hold_coupon",
    "quote_coupon",
    "record_event",
    "redeem_coupon",
    "release_hold",
    "report_bounce",
    "roll_back_redemption",
]
