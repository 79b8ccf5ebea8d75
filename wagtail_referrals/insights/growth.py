"""Does it grow by itself: who takes part, how much they share, K, and the next twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from ..feedback.changes import day_of
from .dashboard_parts import Chart, Number, Series
from .found import Counts, Found, elapsed_days
from .minutes import MINUTES
from .reckon import CENT, TENTH, grouped, percent, ratio, rounded

# A month of the growth numbers.
MONTH_DAYS = 30
# More than anybody has customers: a projection ends there.
MOST = Decimal(10) ** 12
_OF_A_DAY = 24 * 60


def make_growth(found: Found) -> list[Number]:
    """Participation, share rate, conversion, K and cycle time."""
    return [_participation(found), _share_rate(found), _conversion(found), _k(found), _cycle(found)]


def advocates_of(found: Found, *, before: bool = False) -> int:
    """How many had joined by the end of the period, or of the one before."""
    return found.count("joined", found.since_ever) + (0 if before else found.count("joined"))


def _customers(found: Found, *, before: bool = False) -> int:
    return found.count("customer", found.since_ever) + (0 if before else found.count("customer"))


def _participation(found: Found) -> Number:
    advocates, customers = advocates_of(found), _customers(found)
    now = percent(advocates, customers)
    how = of_customers(advocates, customers)
    if now is None and customers:
        how = f"{how}: " + gettext("more advocates than customers whose purchase we know")
    before = percent(advocates_of(found, before=True), _customers(found, before=True))
    return Number("participation", gettext("Participation"), now, before, "percent", how=how)


def of_customers(advocates: int, customers: int) -> str:
    """How participation comes about."""
    words = gettext("Advocates ÷ customers: %(advocates)s ÷ %(customers)s")
    return words % {"advocates": grouped(advocates), "customers": grouped(customers)}


def of_advocates(shares: int, advocates: int, days: Decimal) -> str:
    """How the share rate comes about."""
    words = gettext("Shares ÷ advocates ÷ days × 30: %(shares)s ÷ %(advocates)s ÷ %(days)s × 30")
    return words % {
        "shares": grouped(shares),
        "advocates": grouped(advocates),
        "days": number_format(rounded(days).normalize()),
    }


def of_shares(customers: int, shares: int) -> str:
    """How the customers per share come about."""
    words = gettext("Friends who bought ÷ shares: %(customers)s ÷ %(shares)s")
    return words % {"customers": grouped(customers), "shares": grouped(shares)}


def shares_each(found: Found, counts: Counts | None = None) -> Decimal | None:
    """Shares per advocate and month; None before a day of it has gone by."""
    earlier = counts is found.earlier
    days = elapsed_days(found.period.before.span if earlier else found.period.span, found)
    each = ratio(found.count("shared", counts), advocates_of(found, before=earlier))
    return None if each is None or days < 1 else each * MONTH_DAYS / days


def customers_each(found: Found, counts: Counts | None = None) -> Decimal | None:
    """Customers per share."""
    return ratio(found.count("converted", counts), found.count("shared", counts))


def _share_rate(found: Found) -> Number:
    days = elapsed_days(found.period.span, found)
    how = of_advocates(found.count("shared"), advocates_of(found), days)
    return Number(
        "share_rate",
        gettext("Shares per advocate and month"),
        _to(shares_each(found), CENT),
        _to(shares_each(found, found.earlier), CENT),
        "plain",
        how=how,
    )


def _conversion(found: Found) -> Number:
    how = of_shares(found.count("converted"), found.count("shared"))
    return Number(
        "conversion",
        gettext("Customers per share"),
        _hundredfold(customers_each(found)),
        _hundredfold(customers_each(found, found.earlier)),
        "percent",
        how=how,
    )


def _k_of(found: Found, counts: Counts | None = None) -> Decimal | None:
    shares, customers = shares_each(found, counts), customers_each(found, counts)
    return None if shares is None or customers is None else shares * customers


def _k(found: Found) -> Number:
    return Number(
        "k",
        gettext("K: customers an advocate brings in a month"),
        _to(_k_of(found), CENT),
        _to(_k_of(found, found.earlier), CENT),
        "plain",
        how=gettext("Shares per advocate and month × customers per share"),
    )


def cycle_days(found: Found, counts: Counts | None = None) -> Decimal | None:
    """From the day somebody became an advocate to the first purchase of a friend, on average."""
    minutes = found.amounts("converted", counts).get(MINUTES)
    if minutes is None:
        return None
    each = ratio(minutes, found.count("converted", counts))
    return None if each is None else each / _OF_A_DAY


def _cycle(found: Found) -> Number:
    return Number(
        "cycle",
        gettext("Cycle time"),
        _to(cycle_days(found), TENTH),
        _to(cycle_days(found, found.earlier), TENTH),
        "days",
        how=gettext(
            "From joining to the first purchase of a friend: the average of all friends who "
            "bought in this period"
        ),
    )


def _to(number: Decimal | None, places: Decimal) -> Decimal | None:
    return None if number is None else rounded(number, places)


def _hundredfold(number: Decimal | None) -> Decimal | None:
    return None if number is None else rounded(100 * number)


# The next twelve months


def project(
    customers: int,
    share_rate: Decimal,
    conversion: Decimal,
    days: Decimal,
    months: int = 12,
    participation: Decimal = Decimal(100),
) -> list[Decimal]:
    """New customers in each of the next months if K and the cycle time stay as they are.

    ``customers`` are those who recommend us today, ``share_rate`` their shares in thirty days,
    ``conversion`` and ``participation`` are in percent. Day by day:

        new(d) = (customers + participation × Σ new(1 … d - days)) × share_rate × conversion ÷ 30

    So many of the new ones as take part begin to bring friends after the cycle time. A month has
    thirty days. A number too large for any shop ends at 10^12.
    """
    daily = float(share_rate) * float(conversion) / 100 / MONTH_DAYS
    wait, part, most = max(round(days), 1), float(participation) / 100, float(MOST)
    active, new = float(customers), [0.0]
    for day in range(1, months * MONTH_DAYS + 1):
        if day > wait:
            active = min(active + part * new[day - wait], most)
        new.append(min(active * daily, most))
    return [
        rounded(Decimal(str(min(sum(new[first : first + MONTH_DAYS]), most))))
        for first in range(1, len(new), MONTH_DAYS)
    ]


def projection(values: Sequence[Decimal], today: date) -> Chart:
    """What comes in the months after this one, as a chart with its formula."""
    return Chart(
        key="projection",
        title=gettext("New customers by recommendation in the next twelve months"),
        kind="bar",
        steps=month_names(today, len(values)),
        series=[Series("projection", gettext("New customers"), list(values))],
        how=gettext(
            "New customers of a day = (advocates + those of the new ones who take part, after the "
            "cycle time) × shares a month × customers per share ÷ 30. It holds if nothing changes."
        ),
    )


def make_projection(found: Found) -> Chart | None:
    """The next twelve months; None where there is not enough to project from."""
    shares, each, days = shares_each(found), customers_each(found), cycle_days(found)
    if not shares or not each or days is None:
        return None
    advocates = advocates_of(found)
    part = percent(advocates, _customers(found)) or Decimal(100)
    rate, conversion, days = rounded(shares, CENT), rounded(100 * each), rounded(days)
    values = project(advocates, rate, conversion, days, participation=part)
    return projection(values, day_of(found.at))


def month_names(today: date, number: int) -> list[str]:
    """What the months after this one are called."""
    count = today.year * 12 + today.month
    days = (date((count + n) // 12, (count + n) % 12 + 1, 1) for n in range(number))
    return [date_format(day, "M Y") for day in days]
