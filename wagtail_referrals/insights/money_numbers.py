"""Revenue, margin, and what rewards are promised, given, waiting and paid, against the budget."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from ..programs.money import format_money
from .costs import own_row
from .dashboard_parts import Number, Words
from .found import Counts, Found
from .nps import Scores, as_points
from .reckon import cents, percent, with_minus
from .sources import ZERO, margin_in, margin_words, referred_amount, referred_of, whole_amount


def make_headlines(found: Found) -> list[Number]:
    """What an owner looks at first."""
    numbers = [_customers(found), _share(found)]
    for currency in found.currencies:
        revenue, cost = _referred_revenue(found, currency), _cost(found, currency)
        if currency == found.currencies[0] or revenue.value or revenue.before:
            numbers.append(revenue)
        if currency == found.currencies[0] or cost.value or cost.before:
            numbers.append(cost)
    return [*numbers, _nps(found)]


def _referred(found: Found) -> tuple[int, int]:
    """New customers by recommendation, in the period and before."""
    now = sum(referred_of(counts, "customer") for counts in found.sourced.values())
    return now, referred_of(found.sourced_earlier, "customer")


def _customers(found: Found) -> Number:
    now, before = _referred(found)
    how = gettext("First purchases that count for an advocate or partner")
    label = gettext("New customers by recommendation")
    return Number("customers", label, Decimal(now), Decimal(before), how=how)


def _share(found: Found) -> Number:
    now, before = _referred(found)
    everybody = found.count("customer")
    how = gettext("%(referred)d of %(everybody)d new customers") % {
        "referred": now,
        "everybody": everybody,
    }
    if found.goal is not None:
        how += " · " + gettext("your goal: %(percent)d %%") % {"percent": found.goal}
    return Number(
        "share",
        gettext("Share of all new customers"),
        percent(now, everybody),
        percent(before, found.count("customer", found.earlier)),
        "percent",
        how=how,
    )


def _referred_revenue(found: Found, currency: str) -> Number:
    return _money_number(
        "revenue",
        gettext("What referred customers bought for"),
        currency,
        _sum(found, lambda counts: referred_amount(counts, "purchase", currency)),
        referred_amount(found.sourced_earlier, "purchase", currency),
        gettext("All their purchases of this time, less what was refunded"),
    )


def _cost(found: Found, currency: str) -> Number:
    now, before = own_row(found, currency), own_row(found, currency, found.earlier)
    how: Words = ngettext(
        "Rewards given, without those for feedback: %(cost)s ÷ %(customers)d friend who bought "
        "for the first time",
        "Rewards given, without those for feedback: %(cost)s ÷ %(customers)d friends who bought "
        "for the first time",
        1 if now.customers == 1 else 2,
    )
    told = {"cost": format_money(now.cost, currency), "customers": now.customers}
    how = now.why or how % told
    label = gettext("Cost of each by recommendation")
    return _money_number("cost", label, currency, now.each, before.each, how)


def _nps(found: Found) -> Number:
    now = sum(found.scores.values(), Scores())
    earlier = found.scores_earlier
    how: Words = ngettext("%(count)d answer", "%(count)d answers", now.total) % {"count": now.total}
    if now.between:
        low, high = now.between
        words = ngettext(
            "%(count)d answer; with 95 %% confidence from %(low)s to %(high)s",
            "%(count)d answers; with 95 %% confidence from %(low)s to %(high)s",
            now.total,
        )
        how = words % {"count": now.total, "low": with_minus(low), "high": with_minus(high)}
    if now.total and now.is_few:
        few = gettext("few answers, so do not build on it yet")
        if now.is_outside:
            few = gettext("so few answers that the score lies outside: do not build on it yet")
        how = f"{how} · {few}"
    return Number(
        "nps", gettext("NPS"), as_points(now.nps), as_points(earlier.nps), "plain", how=how
    )


def make_money(found: Found) -> list[Number]:
    """For each currency by itself."""
    return [number for currency in found.currencies for number in _in_currency(found, currency)]


def _in_currency(found: Found, currency: str) -> list[Number]:
    def rewards(key: str, label: str, fact: str, how: str) -> Number:
        now, before = (whole_amount(c, fact, currency) for c in (found.now, found.earlier))
        return _money_number(key, label, currency, now, before, how)

    numbers = [
        *_of_customers(found, currency, referred=True),
        *_of_customers(found, currency, referred=False),
        rewards(
            "promised", gettext("Rewards promised"), "granted", gettext("Granted in this time")
        ),
        rewards("given", gettext("Rewards given"), "given", gettext("Handed over in this time")),
        rewards(
            "for_feedback",
            gettext("Of these for feedback"),
            "for_feedback",
            gettext("Coupons and other thanks for an answer: no part of what a new customer costs"),
        ),
        rewards("paid", gettext("Paid out"), "paid", gettext("Transferred in this time")),
        _money_number(
            "held",
            gettext("Rewards that wait now"),
            currency,
            found.waiting.get(currency, ZERO),
            how=gettext("Promised and not yet given, at this moment"),
        ),
    ]
    # Another currency in which nothing happened is no row.
    is_own = currency in {program.currency for program in found.programs}
    if not is_own and not any(number.value or number.before for number in numbers):
        return []
    return [*numbers, *_budget(found, currency)]


def _of_customers(found: Found, currency: str, *, referred: bool) -> list[Number]:
    """Revenue and margin of referred customers, or of all others."""

    def revenue(sourced: Counts, whole: Counts) -> Decimal:
        amount = referred_amount(sourced, "purchase", currency)
        return amount if referred else whole_amount(whole, "purchase", currency) - amount

    def margin(sourced: Counts, whole: Counts) -> Decimal | None:
        amount = margin_in(found, sourced, currency, referred=True)
        everything = margin_in(found, whole, currency)
        if referred or amount is None or everything is None:
            return amount if referred else None
        return everything - amount

    labels = (
        (gettext("Revenue of referred customers"), gettext("Margin of referred customers"))
        if referred
        else (gettext("Revenue of other customers"), gettext("Margin of other customers"))
    )
    keys = ("revenue", "margin") if referred else ("revenue_others", "margin_others")
    before = (found.sourced_earlier, found.earlier)
    return [
        _money_number(
            keys[0],
            labels[0],
            currency,
            _over(found, revenue),
            revenue(*before),
            gettext("Purchases less what was refunded of them"),
        ),
        _money_number(
            keys[1],
            labels[1],
            currency,
            _over(found, margin),
            margin(*before),
            margin_words(found),
        ),
    ]


def _over(found: Found, amount: Callable[[Counts, Counts], Decimal | None]) -> Decimal | None:
    """An amount of all steps; None where one of them has none."""
    total = ZERO
    for sourced, whole in zip(found.sourced.values(), found.steps.values(), strict=True):
        here = amount(sourced, whole)
        if here is None:
            return None
        total += here
    return total


def _sum(found: Found, amount: Callable[[Counts], Decimal]) -> Decimal:
    return sum((amount(counts) for counts in found.sourced.values()), ZERO)


def _budget(found: Found, currency: str) -> list[Number]:
    if currency not in found.budgets:
        return []
    most, used = found.budgets[currency]
    how = gettext("%(used)s of %(most)s since the beginning") % {
        "used": format_money(used, currency),
        "most": format_money(most, currency),
    }
    return [
        _money_number("budget", gettext("Budget"), currency, most),
        _money_number("budget_used", gettext("Budget used"), currency, used, how=how),
        _money_number("budget_left", gettext("Budget left"), currency, max(most - used, ZERO)),
    ]


def _money_number(
    key: str,
    label: str,
    currency: str,
    value: Decimal | None,
    before: Decimal | None = None,
    how: Words = "",
) -> Number:
    return Number(key, label, cents(value), cents(before), "money", currency, how)
