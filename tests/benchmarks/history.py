"""A past by the million, written by the database itself: clicks and referrals over some days."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max, Model

from wagtail_referrals.people.models import Person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate, Click, Referral

from .database import _NUMBERS as NUMBERS
from .database import by_the_million

# So many seconds ago, as a time; PostgreSQL, SQLite and MariaDB each in its own words.
_AGO = {
    "postgresql": "now() - ({0}) * interval '1 second'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({0}) || ' seconds')",
    "mysql": "UTC_TIMESTAMP(6) - INTERVAL ({0}) SECOND",
}
_CHANNEL = "CASE n % 4 WHEN 0 THEN 'email' WHEN 1 THEN 'whatsapp' WHEN 2 THEN 'qr' ELSE '' END"


def fill_past(program: Program, *, clicks: int, referrals: int, days: int) -> None:
    """Clicks and referrals spread evenly over the last days.

    The program has advocates and a landing page. A third of the referrals came to nothing, a
    third is qualified, a third bought; their friends are new people of no name.
    """
    advocates = Advocate.objects.filter(program=program).order_by("pk")
    values = {
        "first": advocates.values_list("pk", flat=True)[0],
        "spread": advocates.count(),
        "program": program.pk,
        "offer": program.friend_offer_id,
        "page": program.landing_page_id,
    }
    if clicks:
        at = _spread(clicks, days)
        _write(Click, _CLICKS, clicks, {**values, "at": at, "there": _last(Click)})
    if referrals:
        at, before = _spread(referrals, days), _last(Person)
        _write(Person, _PEOPLE, referrals, {"at": at, "there": before})
        _write(Referral, _REFERRALS, referrals, {**values, "at": at, "there": before})


def _last(model: type[Model]) -> int:
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0


def _spread(count: int, days: int) -> str:
    """When the n-th was: one after the other, as they are written."""
    number = f"({count} - n)"
    if connection.vendor != "sqlite":
        number = f"CAST({number} AS DECIMAL(20, 6))"
    return _AGO[connection.vendor].format(f"{number} * {days * 86_400.0} / {count}")


def _write(model: type[Model], sql: str, count: int, values: dict[str, object]) -> None:
    numbers = f"({NUMBERS[connection.vendor][0] % (1, count)}) AS numbers"
    with by_the_million(model), connection.cursor() as cursor:
        cursor.execute(sql.format(numbers=numbers, **values))


_CLICKS = f"""
INSERT INTO wagtail_referrals_click
(advocate_id, visitor, channel, offer_id, page_id, occurred_at)
SELECT {{first}} + n % {{spread}}, CAST({{there}} + n AS CHAR(32)), {_CHANNEL},
n % 2 + 1, n % 3 + 1, {{at}} FROM {{numbers}}
"""
_PEOPLE = """
INSERT INTO wagtail_referrals_person (id, email, name, locale, blocked_reason, created_at)
SELECT {there} + n, '', '', CASE n % 2 WHEN 0 THEN 'en' ELSE 'de' END, '', {at} FROM {numbers}
"""
_REFERRALS = f"""
INSERT INTO wagtail_referrals_referral
(program_id, advocate_id, referrer_id, friend_id, stage, grade, source, channel, visitor, flags,
offer_terms, advocate_offer_terms, offer_id, page_id, claimed_at, counts_until, qualified_at,
converted_at)
SELECT {{program}}, a.id, a.person_id, {{there}} + numbers.n,
CASE n % 3 WHEN 0 THEN 'converted' ELSE 'claimed' END,
CASE n % 3 WHEN 0 THEN 'A' WHEN 1 THEN 'B' ELSE 'C' END,
'link', {_CHANNEL}, '', '[]', '{{{{}}}}', '{{{{}}}}', {{offer}}, {{page}}, {{at}}, {{at}},
CASE WHEN n % 3 < 2 THEN {{at}} END, CASE n % 3 WHEN 0 THEN {{at}} END
FROM {{numbers}} JOIN wagtail_referrals_advocate a ON a.id = {{first}} + numbers.n % {{spread}}
"""
