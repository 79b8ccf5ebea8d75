"""What the dashboard costs where much has happened, and where little.

CLICKS=1000000 measures it with fewer than the issue asks for; a tenth of them are friends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect

from wagtail_referrals.insights.rollup_models import Rollup, RollupState
from wagtail_referrals.insights.rollups import update_rollups
from wagtail_referrals.referrals.models import Advocate

from .database import settle
from .feedback import _shown, _staff
from .history import fill_past
from .measure import Comparison, compare, statements
from .models import PlainLandingPage
from .results import LeftOut, Result
from .rewards import _of_sizes
from .site import Bench

LITTLE = 10_000
# Clicks by database; and how much dearer it may be than with little.
MUCH = {"postgresql": (10_000_000, 1.3), "sqlite": (1_000_000, 1.5)}
PERIODS = {"30 days": "30", "12 months": "12m"}
# Wagtail's own lists show so many of each on a page.
PAGES, REDIRECTS = 50, 20
Sizes = dict[tuple[str, str], Comparison]


def dashboard(bench: Bench) -> Iterator[Result]:
    """The screen with a year of history, each size against Wagtail's own list of pages."""
    if connection.vendor not in MUCH:
        raise LeftOut("it is measured on PostgreSQL and SQLite")
    clicks, reach = MUCH[connection.vendor]
    clicks = int(os.environ.get("CLICKS") or clicks)
    staff = _staff()
    stock = {
        f"Wagtail's list of {PAGES} pages": _list_of_pages(staff, bench),
        f"Wagtail's list of {REDIRECTS} redirects": _list_of_redirects(staff),
    }
    small, large = [_measure(staff, stock, bench, size) for size in (LITTLE, clicks)]
    for name, period in PERIODS.items():
        path = f"dashboard, {name}: {clicks:,} clicks"
        queries = len(statements(partial(_shown, staff, _address(period))))
        # Beside the first of the lists, whatever the machine did meanwhile.
        key = (period, next(iter(stock)))
        yield Result(
            f"{path}, {LITTLE:,}",
            _of_sizes(small[key], large[key]),
            reach=reach,
            queries=queries,
            reach_queries=25,
        )
        for listed, address in stock.items():
            yield Result(
                f"{path}, {listed}",
                large[period, listed],
                reach=2,
                queries=queries,
                plain_queries=len(statements(partial(_listed, staff, address))),
            )


def _address(period: str) -> str:
    return f"dashboard/?period={period}"


def _list_of_pages(staff: Client, bench: Bench) -> str:
    """Where Wagtail lists as many pages as it shows at once, each with a revision."""
    for number in range(PAGES):
        page = PlainLandingPage(title=f"Page {number}", slug=f"page-{number}")
        bench.plain_landing.add_child(instance=page).save_revision().publish()
    address = reverse("wagtailadmin_explore", args=[bench.plain_landing.pk])
    words = _listed(staff, address).content.decode()
    assert all(f"Page {number}\n" in words for number in range(PAGES)), words
    return address


def _list_of_redirects(staff: Client) -> str:
    """The plainest of Wagtail's own lists: four columns, no rights to ask for each row."""
    Redirect.objects.bulk_create(
        Redirect(old_path=f"/old-{number}", redirect_link=f"/new-{number}")
        for number in range(REDIRECTS)
    )
    address = reverse("wagtailredirects:index")
    words = _listed(staff, address).content.decode()
    assert all(f"/old-{number}\n" in words for number in range(REDIRECTS)), words
    return address


def _listed(staff: Client, address: str) -> Any:
    response = staff.get(address)
    assert response.status_code == 200
    return response


def _measure(staff: Client, stock: dict[str, str], bench: Bench, clicks: int) -> Sizes:
    """The year in rollups first, as it is where they have been kept all along."""
    fill_past(bench.program, clicks=clicks, referrals=clicks // 10, days=365)
    for model in (Rollup, RollupState):
        model.objects.all().delete()
    update_rollups()
    settle(Advocate, Rollup)
    return {
        (period, name): compare(
            lambda count, p=period: [partial(_shown, staff, _address(p))] * count,  # type: ignore[misc]
            lambda count, a=address: [partial(_listed, staff, a)] * count,  # type: ignore[misc]
            calls=2,
            rounds=9,
        )
        for period in PERIODS.values()
        for name, address in stock.items()
    }


PATHS = {"dashboard": dashboard}
