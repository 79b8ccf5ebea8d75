"""The screen of the four groups: what it says, to whom, and what it survives."""

import csv
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.models import Group as StaffGroup
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.fixtures import make_program
from wagtail_referrals.insights.champion_models import (
    CustomerValue,
    SegmentMove,
    ValueSettings,
    ValueSummary,
)
from wagtail_referrals.insights.champions import recompute
from wagtail_referrals.insights.groups import sort_into_groups
from wagtail_referrals.people.register import find_or_add_person

from .conftest import staff

pytestmark = pytest.mark.django_db
URL = "/admin/referrals/champions/report/"


@pytest.fixture
def settings_of(program):
    return ValueSettings.objects.create(program=program, margin_percent=40)


def add_values(program, count=40, currency="EUR"):
    """Customers of every group; the summary is worked out from them."""
    for number in range(count):
        CustomerValue.objects.create(
            program=program,
            person=find_or_add_person(f"c{number}@example.org", name=f"Customer {number}"),
            currency=currency,
            lifetime=Decimal(number * number) - 20,
            referral_value=Decimal(number % 4 * 25),
            referral_low=Decimal(number % 4 * 10),
            referral_high=Decimal(number % 4 * 40),
            purchases=number,
        )
    at = timezone.now()
    settings = ValueSettings.objects.get(program=program)
    ValueSettings.objects.update(run_at=at)
    assert sort_into_groups(settings, at=at, ahead_of_time=2)


@pytest.fixture
def values(program, settings_of):
    add_values(program)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_without_settings_it_says_what_to_do_first(owner, program):
    page = text(owner.get(URL))
    assert "what a purchase leaves you" in page
    assert "/admin/referrals/values/" in page


def test_before_the_first_run_it_says_when(owner, settings_of):
    assert "done once a day" in text(owner.get(URL))


def test_without_purchases_it_says_so(owner, program, settings_of):
    recompute(program)
    assert "It has no purchases" in text(owner.get(URL))


def test_of_few_customers_it_says_that_it_is_not_enough(owner, program, settings_of):
    add_values(program, 5)
    page = text(owner.get(URL))
    assert "Not enough yet: with fewer than 10 customers" in page
    assert "nan" not in page.lower().split("</h2>")[1]


def test_it_tells_how_many_are_in_each_group_and_what_they_are_worth(owner, values):
    response = owner.get(URL)
    cells = {cell.group: cell for cell in response.context["cells"]}
    for group, cell in cells.items():
        rows = CustomerValue.objects.filter(segment=group)
        assert cell.count == rows.count()
        assert [value.pk for _url, _name, value, *_amounts in cell.customers] == list(
            rows.order_by(
                "-lifetime" if group in ("affluents", "misers") else "-referral_value", "-pk"
            ).values_list("pk", flat=True)[:10]
        )
    assert sum(cell.count for cell in cells.values()) == 40
    page = text(response)
    assert "2 purchases have a date in the future" in page
    assert "take them to lunch" in page
    assert "style=" not in page.split('class="referrals-nps')[1].split("</main>")[0]


def test_each_group_leads_to_its_list(owner, values):
    for cell in owner.get(URL).context["cells"]:
        assert len(owner.get(cell.url).context["object_list"]) == cell.count


def test_every_customer_is_in_the_picture(owner, values):
    picture = owner.get(URL).context["picture"]
    assert 0 < len(picture.dots) <= 40
    for dot in picture.dots:
        assert picture.left <= float(dot.x) <= picture.right
        assert picture.top <= float(dot.y) <= picture.bottom


def test_other_currencies_are_shown_apart(owner, program, values):
    add_values(program, 12, "USD")
    page = owner.get(URL)
    assert page.context["summary"].currency == "EUR"
    assert "currency=USD" in text(page)
    assert owner.get(URL, {"currency": "USD"}).context["summary"].customers == 12


def test_it_tells_who_moved_within_the_days(owner, program, values):
    ann = find_or_add_person("ann@example.org")
    for days, before, after in ((1, "misers", "champions"), (40, "misers", "advocates")):
        SegmentMove.objects.create(
            program=program,
            person=ann,
            currency="EUR",
            before=before,
            after=after,
            lifetime_from=1,
            referral_from=1,
            moved_at=timezone.now() - timedelta(days=days),
        )
    assert sum(sum(counts) for _label, counts in owner.get(URL).context["moves"]) == 2
    start = timezone.localdate() - timedelta(days=10)
    moves = dict(owner.get(URL, {"start": start.isoformat()}).context["moves"])
    assert moves["Misers"] == [1, 0, 0, 0]


def test_a_campaign_is_seen_beside_as_many_days_before(owner, program, values):
    moves = ((1, "misers", "champions"), (2, "champions", "affluents"), (15, "misers", "champions"))
    for number, (days, before, after) in enumerate(moves):
        SegmentMove.objects.create(
            program=program,
            person=find_or_add_person(f"m{number}@example.org"),
            currency="EUR",
            before=before,
            after=after,
            lifetime_from=1,
            referral_from=1,
            moved_at=timezone.now() - timedelta(days=days),
        )
    start = timezone.localdate() - timedelta(days=9)
    page = owner.get(URL, {"start": start.isoformat()})
    changes = {
        one.group: (one.came, one.left, one.net, one.before) for one in page.context["changes"]
    }
    assert changes["champions"] == (1, 1, 0, 1)
    assert changes["misers"] == (0, 1, -1, -1)
    assert changes["affluents"] == (1, 0, 1, 0)
    assert "In as many days before" in text(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"program": "999"},
        {"program": "abc"},
        {"currency": "XXX"},
        {"start": "0001-01-01", "end": "9999-12-31"},
        {"start": "0001-01-01", "end": "0001-01-01"},
        {"start": "2026-05-02", "end": "2026-05-01"},
        {"start": "x", "end": "\x00"},
        {"utm_source": "mail"},
    ],
)
def test_any_question_is_survived(owner, values, asked):
    assert owner.get(URL, asked).status_code == 200
    for kind in ("csv", "xlsx"):
        assert owner.get(URL, {**asked, "export": kind}).status_code == 200


def test_the_csv_has_the_same_numbers(owner, values):
    response = owner.get(URL, {"export": "csv"})
    _head, *rows = csv.reader(StringIO(response.content.decode()))
    told = {row[0]: (int(row[2]), Decimal(row[3]), Decimal(row[5])) for row in rows[:4]}
    cells = ValueSummary.objects.get().groups
    assert told == {
        group.title(): (one["count"], Decimal(one["lifetime"]), Decimal(one["referral"]))
        for group, one in cells.items()
    }


def test_the_csv_of_few_customers_says_how_many_and_that_it_is_not_enough(
    owner, program, settings_of
):
    add_values(program, 5)
    response = owner.get(URL, {"export": "csv"})
    _head, counted, why = csv.reader(StringIO(response.content.decode()))
    assert counted == ["All customers", "EUR", "5"]
    assert "fewer than 10 customers" in why[0]


def test_it_costs_the_same_however_many_there_are(owner, program, values):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            owner.get(URL)
        return len(captured)

    owner.get(URL)
    before = queries()
    CustomerValue.objects.all().delete()
    add_values(program, 80)
    assert queries() == before <= 25


def test_who_does_not_see_the_program_sees_no_group_of_it(viewer, program, values):
    assert "Customer 39" in text(viewer.get(URL))
    program.groups.add(StaffGroup.objects.create(name="Others"))
    page = text(viewer.get(URL, {"program": program.pk}))
    assert "Customer 39" not in page
    assert program.name not in page


def test_a_change_of_the_settings_waits_for_the_next_run(owner, settings_of):
    ValueSettings.objects.update(computed_at=timezone.now())
    form = {
        "program": settings_of.program_id,
        "margin_percent": "45",
        "marketing_cost": "0",
        "acquisition_cost": "30",
        "discount_percent": "15",
        "anyway_percent": "50",
        "anyway_from": "25",
        "anyway_to": "75",
        "depth": "2",
    }
    address = f"/admin/referrals/values/edit/{settings_of.pk}/"
    assert owner.post(address, form).status_code == 302
    found = ValueSettings.objects.get()
    assert (found.margin_percent, found.depth, found.computed_at) == (45, 2, None)
    wrong = owner.post(address, {**form, "anyway_from": "60"})
    assert "It has to be from" in text(wrong)


def test_a_customer_s_screen_shows_how_the_value_comes_about(owner, story):
    bo = CustomerValue.objects.get(person__email="bo@example.org")
    page = text(owner.get(f"/admin/referrals/champions/inspect/{bo.pk}/"))
    assert "How the lifetime value comes about" in page
    assert "1.0724" in page
    ann = CustomerValue.objects.get(person__email="ann@example.org")
    page = text(owner.get(f"/admin/referrals/champions/inspect/{ann.pk}/"))
    assert "What their friends left" in page


@pytest.fixture
def a_champion(story):
    CustomerValue.objects.filter(person=story.advocate.person).update(segment="champions")
    return story.advocate


@pytest.mark.parametrize("part", ["people", "advocates"])
def test_other_lists_are_filtered_by_group_and_export_it(owner, a_champion, part):
    url = f"/admin/referrals/{part}/"
    found = owner.get(url, {"group": "champions"}).context["object_list"]
    assert [str(row) for row in found] == ["Ann Advocate"]
    rows = list(csv.reader(StringIO(_csv(owner, url))))
    told = {row[rows[0].index("Name")]: row[rows[0].index("Group of customers")] for row in rows}
    assert told["Ann Advocate"] == "Champions"
    assert set(told.values()) == {"Group of customers", "Champions", ""}


@pytest.mark.parametrize("part", ["people", "advocates"])
def test_who_may_not_see_values_learns_no_group(django_user_model, a_champion, part):
    clerk = staff(django_user_model, "clerk", ("view",))
    values = Permission.objects.get(codename="view_customervalue")
    StaffGroup.objects.get(name="clerk").permissions.remove(values)
    url = f"/admin/referrals/{part}/"
    assert "Champions" not in _csv(clerk, url)
    # A filter they are not offered does nothing.
    asked = [clerk.get(url, {"group": name}) for name in ("champions", "misers")]
    assert len({len(page.context["object_list"]) for page in asked}) == 1


def test_nor_a_group_in_a_program_they_do_not_see(viewer, a_champion):
    from wagtail_referrals.events.models import Event

    other = make_program("other")
    Event.objects.create(program=other, kind="seen", source_key="k", person=a_champion.person)
    a_champion.program.groups.add(StaffGroup.objects.create(name="Others"))
    told = _csv(viewer, "/admin/referrals/people/")
    assert "Ann Advocate" in told and "Champions" not in told


def _csv(client, url):
    return b"".join(client.get(url, {"export": "csv"}).streaming_content).decode()
