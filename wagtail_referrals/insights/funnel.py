"""The funnel: from asking a customer to rewarding who recommended us, step by step."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .dashboard_parts import FunnelStep, Split, Words
from .facts import DIMENSIONS, FACTS
from .found import FUNNEL, Found
from .reckon import percent
from .split_labels import not_known

# So many rows of a split are shown.
MOST_ROWS = 12

LABELS: dict[str, Words] = {
    "asked": _("Asked"),
    "answered": _("Answered"),
    "shared": _("Shared"),
    "clicked": _("Clicked"),
    "claimed": _("Claimed"),
    "lead": _("Lead"),
    "qualified": _("Qualified"),
    "converted": _("Bought"),
    "rewarded": _("Rewarded"),
}
# Why a step can be larger than the one before it.
_LARGER: dict[str, Words] = {
    "answered": _("Many answer without being asked by us, so there is no rate."),
    "shared": _("One customer can share in several ways, so there is no rate."),
    "clicked": _("One share can be opened by many friends, so there is no rate."),
    "claimed": _("Friends also claim by code or coupon, so there is no rate."),
    "converted": _("Some buy with a code and claim nothing before, so there is no rate."),
    "rewarded": _("Some are thanked for a claim, or for a friend of before, so there is no rate."),
}
# The list behind each number, with what narrows it down, and its filter by days.
_ROWS: dict[str, tuple[str, dict[str, str], str]] = {
    "asked": ("referrals_asks:index", {"state": "asked"}, "settled_at"),
    "answered": ("referrals_feedback:index", {"state": "received"}, "submit_time"),
    "claimed": ("referrals_referrals:index", {}, "claimed_at"),
    "lead": ("referrals_referrals:index", {"grade": "C"}, "claimed_at"),
    "qualified": ("referrals_referrals:index", {}, "qualified_at"),
    "converted": ("referrals_referrals:index", {}, "converted_at"),
    "rewarded": ("referrals_referrals:index", {}, "rewarded"),
}


def make_funnel(found: Found) -> list[FunnelStep]:
    """The steps in their order."""
    steps: list[FunnelStep] = []
    last: int | None = None
    for key in FUNNEL:
        steps.append(_step(found, key, last))
        last = steps[-1].count
    return steps


def _step(found: Found, key: str, last: int | None) -> FunnelStep:
    count = found.count(key)
    rate = percent(count, last) if last else None
    return FunnelStep(
        key=key,
        label=LABELS[key],
        count=count,
        before=found.count(key, found.earlier),
        rate=rate,
        drop=None if last is None or count > last else last - count,
        rows=_rows(found, key),
        why="" if last is None or rate is not None else _why(key, last),
    )


def _why(key: str, last: int) -> str:
    if not last:
        return gettext("Nothing came of the step before, so there is no rate.")
    return str(_LARGER.get(key) or gettext("It is more than the step before, so there is no rate."))


def _rows(found: Found, key: str) -> tuple[str, dict[str, Any]] | tuple[()]:
    """The list in the admin, narrowed down to what was counted."""
    if key not in _ROWS:
        return ()
    name, narrowed, days = _ROWS[key]
    query: dict[str, Any] = {**narrowed, "program": [one.pk for one in found.programs]}
    if days:
        query[f"{days}_from"] = found.period.start.isoformat()
        query[f"{days}_to"] = found.period.end.isoformat()
    return name, query


def make_split(found: Found) -> Split:
    """The funnel by one dimension: the values with most first, then what is not known."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for (fact, value), counted in found.split.items():
        if value:
            counts[value][fact] = counted.count
    order = sorted(counts, key=lambda value: (-sum(counts[value].values()), value))
    rows = [(found.labels.get(value, value), counts[value]) for value in order[:MOST_ROWS]]
    told = {
        # Not what is left of the whole, which was counted a moment before.
        fact: found.count(fact, found.split)
        for fact in FUNNEL
        if _knows(fact, found.split_by)
    }
    if any(told.values()):
        rows.append((not_known(), told))
    return Split(
        dimension=found.split_by,
        label=DIMENSIONS[found.split_by],
        rows=[(label, [_cell(found, fact, values) for fact in FUNNEL]) for label, values in rows],
        more=max(len(order) - MOST_ROWS, 0),
        remark=_early_look() if found.split_by == "offer" and found.tests_offers else "",
    )


def _early_look() -> str:
    return gettext(
        "An offer is being tested. To compare its offers here is to look early: which of them is "
        "better, the experiment says at its end."
    )


def _cell(found: Found, fact: str, values: dict[str, int]) -> int | None:
    return values.get(fact, 0) if _knows(fact, found.split_by) else None


def _knows(fact: str, dimension: str) -> bool:
    return fact in FACTS and dimension in FACTS[fact].dimensions
