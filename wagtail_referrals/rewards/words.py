"""What a decision says, in words: all of it for staff, and what concerns the customer for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Part
from ..programs.money import format_money
from .conditions import Condition, conditions
from .limits import describe_limit, stored_limit
from .models import Decision
from .rule_models import Beneficiary, RewardRule
from .triggers import triggers

Words = dict[str, str | Promise]
Details = dict[str, Any]

FOR_STAFF: Words = {
    # Why an event counts for nobody's recommendation.
    "already_customer": _("They had bought here before anybody recommended us."),
    "already_referred": _("Somebody else had recommended us to them before."),
    "outside_window": _("It came after the attribution window had ended."),
    "self_referral": _("The code was their own."),
    "unknown": _("The code they gave is not known."),
    # Why a rule granted nothing.
    "blocked": _("One of the two is on the block list."),
    "budget": _("The program's budget was used up."),
    "closed": _("The program was not running at that time."),
    "condition": _("A condition was not met."),
    "erased": _("One of the two asked to be forgotten."),
    "exclusive": _("Another rule of its exclusive group granted instead."),
    "full": _("The program had nothing left to give."),
    "limit": _("A limit was used up."),
    "no_offer": _("Neither the rule nor the program has an offer for this."),
    "no_referral": _("Nobody had recommended us to this person."),
    "not_triggered": _("It was not what the rule waits for."),
    "once": _("The rule had granted for this occasion before."),
    "paused": _("The advocate is paused."),
    "part_missing": _("The rule uses something this site no longer has."),
    "taken_back": _("The introduction was not won after all."),
    "too_early": _("The rule began later."),
    "too_late": _("The rule had ended."),
    "unfair": _("The rule looks at what somebody thinks of you: no reward may depend on that."),
    "wrong_currency": _("A limit or budget in money does not count rewards in another currency."),
}
_GENERAL = Condition.gentle
# Nothing here says what was found out about anybody, or that somebody looked.
FOR_CUSTOMER: Words = {
    "already_customer": _("The offer is for people who are new here."),
    "already_referred": _("The offer is given once, for the recommendation that came first."),
    "blocked": _("This offer could not be given. Write to us if you think it should be."),
    "budget": _("The offer had been given as often as it could be."),
    "closed": _("The offer was not running at that time."),
    "erased": _("This offer could not be given. Write to us if you think it should be."),
    "exclusive": _("Another offer was given for the same occasion instead."),
    "full": _("The offer had been given as often as it could be."),
    "limit": _("The offer had been given as often as it could be."),
    "no_offer": _("There was no offer for this at that time."),
    "no_referral": _("We know of no recommendation that it would be for."),
    "not_triggered": _("The offer is for another occasion."),
    "once": _("The offer is given once, and was given before."),
    "outside_window": _("It came after the time within which a recommendation counts."),
    "paused": _("This offer could not be given. Write to us if you think it should be."),
    "part_missing": _("This offer could not be given. Write to us if you think it should be."),
    "self_referral": _("A recommendation has to come from somebody else."),
    "taken_back": _("It did not come about after all."),
    "too_early": _("The offer had not begun at that time."),
    "too_late": _("The offer had ended by that time."),
    "unfair": _("This offer could not be given. Write to us if you think it should be."),
    "unknown": _("We do not know the code that was given."),
    "wrong_currency": _("The offer is not given for orders in that currency."),
}
# What staff can tell somebody whose reward they end.
REFUSALS: Words = {
    "returned": _("The order was cancelled or sent back."),
    "terms": _("It did not meet the terms of the program."),
    **{
        code: FOR_CUSTOMER[code]
        for code in (
            "already_customer",
            "already_referred",
            "self_referral",
            "outside_window",
            "taken_back",
            "blocked",
        )
    },
}
# What an advocate may be told of: themselves and the calendar, not what a friend did.
_ADVOCATES_OWN = frozenset(["date", "friends_converted", "segment", "tier", "weekday"])
_FRIENDS_OWN = frozenset(["already_customer", "already_referred", "outside_window", "unknown"])


def for_staff(decision: Decision) -> str:
    """The decision in a sentence that holds nothing back. Reads its rule and the rule's program."""
    if decision.granted:
        return gettext("Granted.")
    return explain(decision.rule, decision.reason, decision.details)


def explain(rule: RewardRule, reason: str, details: Details) -> str:
    """Why a rule grants nothing, with what was asked and what was found, for staff."""
    in_detail = _IN_DETAIL.get(reason)
    return (in_detail(rule, details) if in_detail else "") or in_short(reason)


def in_short(reason: str) -> str:
    """The same without the details; a code that we do not know stays as it is."""
    return str(FOR_STAFF.get(reason, reason))


def for_customer(decision: Decision) -> str:
    """The same in a sentence that can be sent to the person it is about.

    It says nothing about other people, and nothing about checks for abuse.
    """
    if decision.granted:
        return gettext("You got the reward for this.")
    return refusal(decision.reason, decision.details, decision.beneficiary)


def refusal(reason: str, details: Details, beneficiary: str) -> str:
    """Why they got nothing, in such a sentence."""
    if reason == "condition":
        return _gentle(details, beneficiary)
    if reason == "limit" and _is_their_own(details, beneficiary):
        return gettext("You have had all that the offer gives to one person.")
    if beneficiary != Beneficiary.FRIEND and reason in _FRIENDS_OWN:
        return str(_GENERAL)
    return str(FOR_CUSTOMER.get(reason, _GENERAL))


def _gentle(details: Details, beneficiary: str) -> str:
    key = details.get("key", "")
    condition = conditions.get(key)
    if condition is None:
        return str(_GENERAL)
    told = beneficiary == Beneficiary.FRIEND or key in _ADVOCATES_OWN
    return str(condition.gentle if told else _GENERAL)


def _is_their_own(details: Details, beneficiary: str) -> bool:
    """Whether the limit is that of the person the decision is about."""
    per = _limit(details).get("per")
    return per == ("friend" if beneficiary == Beneficiary.FRIEND else "advocate")


def _limit(details: Details) -> Details:
    return stored_limit(str(details.get("limit", "")), details.get("most", "0"))


def _condition(rule: RewardRule, details: Details) -> str:
    condition = conditions.get(details.get("key", ""))
    if condition is None:
        return _part_missing(rule, details)
    words = {
        "wanted": _describe(condition, details.get("options", {})),
        "found": details.get("found"),
    }
    if not words["found"]:
        return gettext("Not met: %(wanted)s.") % words
    return gettext("Not met: %(wanted)s. Found: %(found)s.") % words


def _describe(part: Part, options: Details) -> str:
    """A part's own words; its label for options that it no longer understands."""
    try:
        return part.describe(options)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return str(part.label)


def _part_missing(rule: RewardRule, details: Details) -> str:
    part = details.get("part") or details.get("key")
    words = gettext("The rule uses “%(part)s”, which this site no longer has.")
    return words % {"part": part} if part else ""


def _not_triggered(rule: RewardRule, details: Details) -> str:
    trigger = triggers.get(rule.trigger)
    if trigger is None:
        return ""
    words = gettext("The rule waits for something else: %(wanted)s.")
    return words % {"wanted": _describe(trigger, rule.trigger_options)}


def _limit_reached(rule: RewardRule, details: Details) -> str:
    stored = _limit(details)
    if not stored:
        return ""
    limit = capfirst(describe_limit(stored, rule.program.currency))
    return gettext("%(limit)s: used up.") % {"limit": limit}


def _budget(rule: RewardRule, details: Details) -> str:
    if not details:
        return ""
    most = Decimal(details["most"])
    if details["limit"].endswith(":amount"):
        words = gettext("The program's budget of %(most)s was used up.")
        return words % {"most": format_money(most, rule.program.currency)}
    return gettext("The program's budget of %(most)d rewards was used up.") % {"most": most}


def _exclusive(rule: RewardRule, details: Details) -> str:
    words = gettext("Of its exclusive group, “%(rule)s” granted instead.")
    return words % {"rule": details["rule"]} if details else ""


def _too_early(rule: RewardRule, details: Details) -> str:
    day = _day(details, "starts_at")
    return gettext("The rule began later, on %(day)s.") % {"day": day} if day else ""


def _too_late(rule: RewardRule, details: Details) -> str:
    day = _day(details, "ends_at")
    return gettext("The rule had ended on %(day)s.") % {"day": day} if day else ""


def _day(details: Details, name: str) -> str:
    at: datetime | None = parse_datetime(str(details.get(name, "")))
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


def _wrong_currency(rule: RewardRule, details: Details) -> str:
    if not details:
        return ""
    if details["limit"].startswith("program:"):
        words = gettext("It would be in %(other)s, and the program's budget counts %(own)s only.")
    else:
        words = gettext("It would be in %(other)s, and a limit of the rule counts %(own)s only.")
    return words % {"other": details["currency"], "own": rule.program.currency}


# Each says "" when the details (of an older time, or of an erased person) are not there.
_IN_DETAIL: dict[str, Callable[[RewardRule, Details], str]] = {
    "budget": _budget,
    "condition": _condition,
    "exclusive": _exclusive,
    "limit": _limit_reached,
    "not_triggered": _not_triggered,
    "part_missing": _part_missing,
    "too_early": _too_early,
    "too_late": _too_late,
    "wrong_currency": _wrong_currency,
}
