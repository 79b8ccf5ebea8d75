"""Rewards and days in a reader's words, for pages that say the same few things many times."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS, describe
from .approve import SOON
from .models import RewardState

WORDS: dict[str, str | Promise] = {
    RewardState.HELD: _("It waits for approval: one of us looks at it first."),
    RewardState.APPROVED: _("It is approved. You get it soon."),
    RewardState.ISSUED: _("You have it."),
    RewardState.REDEEMED: _("You have it, and have used it."),
    RewardState.EXPIRED: _("It was not used in time."),
    RewardState.VOIDED: _("It was not given in the end."),
    RewardState.CLAWED_BACK: _("It was taken back: what it was for was undone."),
}


class Telling:
    """How it is said ``at`` a moment: the reader's language and clock are asked for once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.bought, self.claimed = gettext("has bought"), gettext("claimed your offer")
        self._language, self._zone = get_language(), timezone.get_current_timezone()

    def day(self, at: datetime) -> str:
        """A day as the reader's language writes it."""
        return _day(self._date(at), self._language)

    def became_of(self, reward: Any) -> str:
        """What became of a reward, or what it waits for. Nothing about checks, or other people."""
        if reward.state == RewardState.APPROVED and reward.hold_until > self.at + SOON:
            return _approved_until(self._date(reward.hold_until), self._language)
        if reward.state != RewardState.PENDING:
            return str(WORDS[reward.state])
        if reward.hold_until <= self.at:
            return gettext("It is set aside for you. You get it soon.")
        return _set_aside(self._date(reward.hold_until), self._language)

    def worth(self, reward: Any) -> str:
        """What it is, with what is left of its amount where some was taken back."""
        headline: str = reward.wording or _headline(
            reward.kind, reward.amount, reward.currency, reward.item, self._language
        )
        # Of what was taken back whole, its state says so.
        if reward.kind in MONEY_KINDS and reward.balance and reward.balance != reward.amount:
            return f"{headline} ({format_money(reward.balance, reward.currency)})"
        return headline

    def _date(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


# Kept, as a page says the same few over and over. The language is the one of the moment.
@lru_cache(512)
def _day(day: date, language: str | None) -> str:
    return date_format(day, "DATE_FORMAT")


@lru_cache(512)
def _set_aside(day: date, language: str | None) -> str:
    words = gettext("It is set aside for you until %(day)s, in case something is returned.")
    return words % {"day": _day(day, language)}


@lru_cache(512)
def _approved_until(day: date, language: str | None) -> str:
    words = gettext(
        "It is approved, and set aside for you until %(day)s, in case something is returned."
    )
    return words % {"day": _day(day, language)}


@lru_cache(512)
def _headline(
    kind: str, amount: Decimal | None, currency: str, item: str, language: str | None
) -> str:
    return describe(kind, amount, currency, item)
