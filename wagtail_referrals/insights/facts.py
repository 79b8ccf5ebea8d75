"""What is counted: each kind of fact, when it happened, and what it can be split by.

What a fact is split by is taken as it is when it is counted: a page or a partner of later changes
nothing that was counted before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Round
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..asks.models import Ask, AskState
from ..events.models import Event
from ..events.report import PURCHASE
from ..feedback.models import FeedbackResponse, ResponseState
from ..programs.offers import MONEY_KINDS
from ..referrals.models import Advocate, Click, Grade, Referral, Share
from ..rewards.models import EntryKind, RewardEntry
from ..rewards.payout_models import Payout, PayoutState
from ..rewards.rule_models import Beneficiary
from .minutes import MINUTES, Minutes

# What a count can be split by; each fact knows some of them.
DIMENSIONS: dict[str, str | Promise] = {
    "channel": _("Channel"),
    "page": _("Page"),
    "offer": _("Offer"),
    "partner": _("Partner"),
    "locale": _("Language"),
    "regular": _("New or regular"),
    "source": _("Source"),
}
# One more whenever a fact is added, or counts something else: then all is counted anew.
EDITION = 3
NEW, REGULAR = "new", "regular"
_FEEDBACK = "feedback.submitted"
MONEY: DecimalField = DecimalField(max_digits=18, decimal_places=2)


@dataclass(frozen=True)
class Fact:
    """One kind of fact. ``rows`` are all of them; the others are names of their columns.

    ``dimensions`` is {dimension: an expression of its value}; a value of None or "" is not known.
    ``kept`` is the kind's name in retention.py, where its rows are let go of after a time.
    """

    key: str
    rows: Callable[[], QuerySet]
    time: str
    program: str = "program_id"
    dimensions: Mapping[str, Any] = field(default_factory=dict)
    amount: Any = None
    currency: Any = None
    kept: str = ""

    @cached_property
    def unordered(self) -> QuerySet:
        """The rows in no order, built once: a filter of them leaves them as they are."""
        return self.rows().order_by()


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _newness(condition: Q) -> Case:
    return Case(When(condition, then=_text(NEW)), default=_text(REGULAR))


def _answers() -> QuerySet:
    return FeedbackResponse.objects.filter(state=ResponseState.RECEIVED, program__isnull=False)


def _purchases() -> QuerySet:
    """Those of which something was kept."""
    bought = Event.objects.filter(kind=PURCHASE, amount__isnull=False)
    return bought.exclude(amount__gt=0, refunded=F("amount"))


def _entries(kind: str) -> QuerySet:
    return RewardEntry.objects.filter(kind=kind)


def _first_issues() -> QuerySet:
    """A reward whose coupon was used and given back is issued anew: that counts once."""
    before = RewardEntry.objects.filter(
        reward=OuterRef("reward"), kind=EntryKind.ISSUED, pk__lt=OuterRef("pk")
    )
    return _entries(EntryKind.ISSUED).exclude(Exists(before.order_by()))


def _first_thanks() -> QuerySet:
    """The first time that whoever recommended got something for a friend; not what friends get."""
    issued = _entries(EntryKind.ISSUED).filter(reward__referral__isnull=False)
    issued = issued.exclude(reward__beneficiary=Beneficiary.FRIEND)
    issued = issued.exclude(reward__event__kind=_FEEDBACK)
    before = issued.filter(reward__referral=OuterRef("reward__referral"), pk__lt=OuterRef("pk"))
    return issued.exclude(Exists(before.order_by()))


def _first_purchases() -> QuerySet:
    """One for each customer of a program.

    Two orders of the same moment, as of a day without a time, make one customer.
    """
    before = Event.objects.filter(
        kind=PURCHASE,
        program=OuterRef("program"),
        person=OuterRef("person"),
        occurred_at=OuterRef("occurred_at"),
        pk__lt=OuterRef("pk"),
    )
    first = Event.objects.filter(_FIRST_PURCHASE, kind=PURCHASE)
    return first.exclude(Exists(before.order_by()))


def _worth() -> Subquery:
    """What the reward was worth when the entry was written: the sum of its ledger up to there."""
    lines = RewardEntry.objects.filter(reward=OuterRef("reward"), pk__lte=OuterRef("pk"))
    sums = lines.order_by().values("reward").annotate(sum=Sum("amount")).values("sum")
    return Subquery(sums, output_field=MONEY)


_KEPT = F("amount") - F("refunded")
# Of purchases, whose margin was told for all of it.
_KEPT_MARGIN = Case(
    When(refunded=0, then=F("own_margin")),
    default=Round(F("own_margin") * _KEPT / F("amount"), precision=2),
    output_field=MONEY,
)
_FIRST_PURCHASE = Q(person__customer_since=F("occurred_at"))
_MONEY_OF_REWARD = Case(
    When(reward__kind__in=sorted(MONEY_KINDS), then=F("currency")), default=_text("")
)

_OF_REFERRAL: dict[str, Any] = {
    "channel": F("channel"),
    "page": F("page_id"),
    "offer": F("offer_id"),
    "partner": F("advocate__partner__pk"),
    "locale": F("friend__locale"),
    "source": F("source"),
}
_OF_THANKS = {
    name: F(f"reward__referral__{expression.name}") for name, expression in _OF_REFERRAL.items()
}
_OF_PURCHASE = {
    "source": Coalesce(F("referral__source"), _text("")),
    "channel": Coalesce(F("referral__channel"), _text("")),
    "partner": F("referral__advocate__partner__pk"),
    "regular": _newness(_FIRST_PURCHASE),
}
_OF_REWARD = {
    "offer": F("reward__offer_id"),
    "partner": F("reward__referral__advocate__partner__pk"),
}
_BOUGHT: dict[str, Any] = {
    "time": "occurred_at",
    "dimensions": _OF_PURCHASE,
    "currency": F("currency"),
}
_GRANTED: dict[str, Any] = {
    "time": "created_at",
    "program": "reward__program_id",
    "dimensions": _OF_REWARD,
    "currency": _MONEY_OF_REWARD,
}


def _facts() -> list[Fact]:
    return [
        Fact(
            "asked",
            lambda: Ask.objects.filter(state=AskState.ASKED),
            "settled_at",
            # Its index begins with the touchpoint.
            program="touchpoint__program_id",
            dimensions={
                "channel": _text("email"),
                "page": F("touchpoint__page_id"),
                "locale": F("person__locale"),
            },
        ),
        Fact(
            "answered",
            _answers,
            "submit_time",
            dimensions={
                "page": F("page_id"),
                "locale": F("locale"),
                "regular": Case(
                    When(regular=True, then=_text(REGULAR)),
                    When(regular=False, then=_text(NEW)),
                    default=_text(""),
                ),
            },
        ),
        Fact(
            "shared",
            Share.objects.all,
            "occurred_at",
            program="advocate__program_id",
            dimensions={"channel": F("channel"), "partner": F("advocate__partner__pk")},
            kept="shares",
        ),
        Fact(
            "clicked",
            Click.objects.all,
            "occurred_at",
            program="advocate__program_id",
            dimensions={
                "channel": F("channel"),
                "page": F("page_id"),
                "offer": F("offer_id"),
                "partner": F("advocate__partner__pk"),
            },
            kept="clicks",
        ),
        Fact("claimed", Referral.objects.all, "claimed_at", dimensions=_OF_REFERRAL),
        Fact(
            "lead",
            lambda: Referral.objects.filter(grade__lte=Grade.C),
            "claimed_at",
            dimensions=_OF_REFERRAL,
        ),
        Fact(
            "qualified",
            lambda: Referral.objects.filter(qualified_at__isnull=False),
            "qualified_at",
            dimensions=_OF_REFERRAL,
        ),
        Fact(
            "converted",
            lambda: Referral.objects.filter(converted_at__isnull=False),
            "converted_at",
            dimensions=_OF_REFERRAL,
            # How long it took from the advocate's joining: the growth's cycle time.
            amount=Minutes("advocate__created_at", "converted_at"),
            currency=_text(MINUTES),
        ),
        Fact(
            "rewarded",
            _first_thanks,
            "created_at",
            program="reward__program_id",
            dimensions=_OF_THANKS,
        ),
        Fact("given", _first_issues, amount=_worth(), **_GRANTED),
        Fact(
            "for_feedback",
            lambda: _first_issues().filter(reward__event__kind=_FEEDBACK),
            amount=_worth(),
            **_GRANTED,
        ),
        Fact(
            "granted",
            lambda: _entries(EntryKind.GRANTED),
            amount=F("amount"),
            **_GRANTED,
        ),
        Fact(
            "paid",
            lambda: Payout.objects.filter(state=PayoutState.PAID),
            "paid_at",
            program="reward__program_id",
            dimensions=_OF_REWARD,
            amount=F("amount"),
            currency=F("currency"),
        ),
        Fact("joined", Advocate.objects.all, "created_at"),
        Fact(
            "customer",
            _first_purchases,
            "occurred_at",
            dimensions={key: _OF_PURCHASE[key] for key in ("source", "channel", "partner")},
        ),
        Fact("purchase", _purchases, amount=_KEPT, **_BOUGHT),
        # Those whose margin the shop told us.
        Fact(
            "own_margin",
            lambda: _purchases().filter(own_margin__isnull=False),
            amount=_KEPT_MARGIN,
            **_BOUGHT,
        ),
        # Those whose margin goes by the program's rate.
        Fact(
            "rated",
            lambda: _purchases().filter(own_margin=None),
            amount=_KEPT,
            **_BOUGHT,
        ),
        Fact(
            "heard",
            lambda: _answers().exclude(heard=""),
            "submit_time",
            dimensions={"source": F("heard"), "page": F("page_id")},
        ),
    ]


FACTS: dict[str, Fact] = {fact.key: fact for fact in _facts()}
ZERO = Decimal("0.00")
