"""23,570 people and their 69,659 purchases, imported twice.

The file is a public data set of a shop's early customers; it does not come with this repository,
so the test runs where it lies beside the checkout (or where REFERRALS_REAL_DATA names it).
"""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Sum

DATA = Path(
    os.environ.get("REFERRALS_REAL_DATA")
    or Path(__file__).resolve().parents[3] / "shared/data/cdnow_purchases.csv.gz"
)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the file of real purchases is not here")
@pytest.mark.django_db
def test_the_real_purchases_go_in_once() -> None:
    from wagtail.models import Site

    from wagtail_referrals.events.models import Event
    from wagtail_referrals.people.models import Person
    from wagtail_referrals.programs.models import Program
    from wagtail_referrals.rewards.defaults import create_default_rules
    from wagtail_referrals.rewards.models import Reward

    program = Program.objects.create(
        site=Site.objects.get(), name="Friends", slug="friends", currency="USD"
    )
    create_default_rules(program)
    for _run in range(2):
        call_command("referrals_import_purchases", str(DATA), program="friends", create_people=True)
        purchases = Event.objects.filter(program=program, kind="purchase")
        assert Person.objects.count() == 23_570
        assert purchases.count() == 69_659
        # SQLite adds floating numbers; to the cent it is right all the same.
        total = purchases.aggregate(sum=Sum("amount"))["sum"]
        assert round(total, 2) == Decimal("2500315.63")
    assert not Reward.objects.exists()


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the file of real purchases is not here")
@pytest.mark.django_db
def test_their_lifetime_values_are_those_of_another_calculation() -> None:
    """Read from the file itself, half-year by half-year, in fractions: to the cent."""
    import csv
    import gzip
    from collections import defaultdict
    from datetime import UTC, date, datetime
    from fractions import Fraction

    from wagtail.models import Site

    from tests.insights.plain_value import plain_lifetime
    from wagtail_referrals.insights.champion_models import CustomerValue, ValueSettings
    from wagtail_referrals.insights.champions import recompute
    from wagtail_referrals.programs.models import Program

    program = Program.objects.create(
        site=Site.objects.get(), name="Friends", slug="friends", currency="USD"
    )
    ValueSettings.objects.create(
        program=program, margin_percent=Decimal("37.5"), marketing_cost=Decimal("1.99")
    )
    call_command("referrals_import_purchases", str(DATA), program="friends", create_people=True)
    bought: dict[str, list[tuple[date, Fraction]]] = defaultdict(list)
    with gzip.open(DATA, "rt") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["ordered_at"])
            bought[row["person_email"]].append((day, Fraction(row["amount"]) * Fraction(3, 8)))
    end = date(1998, 9, 30)
    assert recompute(program, at=datetime(1998, 9, 30, tzinfo=UTC))
    values = dict(CustomerValue.objects.values_list("person__email", "lifetime"))
    assert len(values) == len(bought) == 23_570
    for email, purchases in bought.items():
        first = min(day for day, _margin in purchases)
        days = [((day - first).days, margin) for day, margin in purchases]
        exact = plain_lifetime(days, (end - first).days, Fraction("1.99"), 15)
        assert abs(Fraction(values[email]) - exact) <= Fraction(1, 200), email
