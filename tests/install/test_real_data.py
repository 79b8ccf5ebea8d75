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
