"""Introductions in the admin: list, board, a word of mouth noted, stages, and the report."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.fixtures import make_program
from tests.partners.meeting import introduced, make_partner
from wagtail_referrals.admin import introduction_board
from wagtail_referrals.partners.introduction_models import Introduction, StageWords
from wagtail_referrals.partners.report import balances, months, owed
from wagtail_referrals.partners.stages import move
from wagtail_referrals.people.suppression import suppress

HERE = "/admin/referrals/introductions/"
SAID = {
    "giver_name": "Ann Advocate",
    "giver_email": "ann@example.org",
    "name": "Dora Keen",
    "email": "dora@example.org",
    "need": "A new shop window",
    "known": "well",
    "way": "call",
    "agreed": "on",
}


@pytest.fixture
def partner(program):
    return make_partner(program)


def test_what_was_told_by_word_of_mouth_is_noted(program, partner, owner):
    response = owner.post(f"{HERE}new/", {**SAID, "program": program.pk, "to": partner.pk})
    introduction = Introduction.objects.get()
    assert response["Location"] == f"{HERE}inspect/{introduction.pk}/"
    assert introduction.partner == partner
    assert introduction.entries.get().user.username == "owner"


def test_of_who_did_not_agree_nothing_is_noted(program, owner):
    page = owner.post(f"{HERE}new/", {**SAID, "program": program.pk, "agreed": ""})
    assert "Ask them first" in page.content.decode()
    assert not Introduction.objects.exists()


def test_staff_are_not_told_why_either(program, owner):
    suppress("dora@example.org")
    page = owner.post(f"{HERE}new/", {**SAID, "program": program.pk})
    assert "We cannot take this introduction." in page.content.decode()


def test_a_partner_of_another_program_is_no_choice(program, owner):
    other = make_partner(make_program("other"))
    page = owner.post(f"{HERE}new/", {**SAID, "program": program.pk, "to": other.pk})
    assert "to" in page.context["form"].errors
    assert not Introduction.objects.exists()


def test_the_board_has_a_column_for_each_stage_and_its_count(program, partner, owner):
    introduced(program, partner)
    move(introduced(program, email="eve@example.org"), "won", amount="100")
    page = owner.get(f"{HERE}board/")
    counts = {column.stage: column.count for column in page.context["columns"]}
    assert counts["received"] == counts["won"] == 1
    assert sum(counts.values()) == 2
    assert "by Ann Advocate to Kiln" in page.content.decode()


def test_a_column_shows_the_first_and_leads_to_the_others(program, owner, monkeypatch):
    monkeypatch.setattr(introduction_board, "MOST_CARDS", 2)
    for number in range(3):
        introduced(program, email=f"d{number}@example.org")
    column = owner.get(f"{HERE}board/").context["columns"][0]
    assert (column.count, len(column.cards)) == (3, 2)
    assert column.more_url == f"{HERE}?stage=received"


def test_the_board_costs_the_same_for_one_and_for_many(
    program, partner, owner, django_assert_num_queries, django_assert_max_num_queries
):
    introduced(program, partner)
    with django_assert_max_num_queries(30) as one:
        owner.get(f"{HERE}board/")
    for number in range(5):
        introduced(program, partner, email=f"d{number}@example.org")
    with django_assert_num_queries(len(one)):
        owner.get(f"{HERE}board/")


def test_what_waits_for_long_says_so(program, owner):
    introduced(program)
    Introduction.objects.update(stage_since=timezone.now() - timedelta(days=20))
    assert "20 days here – a long time" in " ".join(
        owner.get(f"{HERE}board/").content.decode().split()
    )


def test_a_button_of_the_board_moves_one_and_leads_back(program, owner):
    introduction = introduced(program)
    post = {"stage": "accepted", "seen": "received", "board": "1"}
    response = owner.post(f"{HERE}move/{introduction.pk}/", post)
    assert response["Location"] == f"{HERE}board/"
    introduction.refresh_from_db()
    assert introduction.stage == "accepted"


def test_what_a_colleague_moved_meanwhile_is_not_moved_over(program, owner):
    introduction = introduced(program)
    move(introduction, "lost", reason="No budget")
    page = owner.post(
        f"{HERE}move/{introduction.pk}/", {"stage": "accepted", "seen": "received", "board": "1"}
    )
    assert "Somebody else has changed this meanwhile" in page.content.decode()


@pytest.mark.parametrize(
    ("post", "field"),
    [
        ({"stage": "lost"}, "reason"),
        ({"stage": "x"}, "stage"),
        ({"stage": "offer", "amount": "5"}, "amount"),
        ({"stage": "won", "amount": "-5"}, "amount"),
        ({"stage": "won", "amount": "1e99"}, "amount"),
    ],
)
def test_a_move_that_cannot_be_is_an_error_at_the_field(program, owner, post, field):
    introduction = introduced(program)
    page = owner.post(f"{HERE}move/{introduction.pk}/", {"seen": "received", **post})
    assert field in page.context["form"].errors
    introduction.refresh_from_db()
    assert introduction.stage == "received"


def test_its_screen_tells_the_story(program, partner, owner):
    introduction = introduced(program, partner)
    move(introduction, "won", amount="120.00", actor="partner")
    page = owner.get(f"{HERE}inspect/{introduction.pk}/").content.decode()
    for said in ("Dora Keen", "A new shop window", "won: €120", "the partner"):
        assert said in page
    assert introduction.consent.wording in page


def test_owner_and_next_step_are_set_by_staff(program, owner, django_user_model):
    introduction = introduced(program)
    me = django_user_model.objects.get(username="owner")
    owner.post(
        f"{HERE}change/{introduction.pk}/",
        {"owner": me.pk, "next_step": "Call", "next_step_on": "2026-12-01", "grade": "A"},
    )
    introduction.refresh_from_db()
    assert (introduction.owner, introduction.next_step, introduction.grade) == (me, "Call", "A")


def test_the_list_finds_by_partner_and_exports(program, partner, owner):
    introduced(program, partner)
    introduced(program, email="eve@example.org")
    assert len(owner.get(f"{HERE}?q=kiln").context["object_list"]) == 1
    content = b"".join(owner.get(f"{HERE}?export=csv").streaming_content).decode("utf-8-sig")
    assert {row["Their e-mail"] for row in csv.DictReader(io.StringIO(content))} == {
        "dora@example.org",
        "eve@example.org",
    }


@pytest.fixture
def three(program):
    """Kiln got two and gave one that won; Loom gave one; Mill sleeps."""
    kiln, loom, mill = (make_partner(program, name) for name in ("Kiln", "Loom", "Mill"))
    introduced(program, kiln)
    introduced(program, kiln, email="eve@example.org")
    given = introduced(program, giver_email=kiln.person.email, email="fay@example.org")
    move(given, "won", amount="250.50")
    introduced(program, giver_email=loom.person.email, email="gil@example.org")
    long_ago = timezone.now() - timedelta(days=100)
    type(mill).objects.update(created_at=long_ago)
    return kiln, loom, mill


def test_the_report_says_who_gives_and_who_takes(three):
    kiln, loom, _mill = three
    found = balances(Introduction.objects.all())
    assert (found[kiln.pk].given.count, found[kiln.pk].received.count) == (2, 1)
    assert found[kiln.pk].received.value == {"EUR": Decimal("250.50")}
    assert (found[kiln.pk].received.won, found[kiln.pk].ratio) == (1, "2 : 1")
    assert owed(found) == [loom.pk]


def asleep(owner):
    return [line.partner.name for line in owner.get(f"{HERE}report/").context["asleep"]]


def test_partners_with_whom_nothing_happened_are_asleep(three, owner):
    assert asleep(owner) == ["Mill"]
    type(three[2]).objects.update(last_favour_on=timezone.localdate())
    assert asleep(owner) == []


def test_a_favour_or_an_introduction_of_long_ago_keeps_nobody_awake(three, owner):
    long_ago = timezone.now() - timedelta(days=100)
    type(three[2]).objects.update(last_favour_on=long_ago.date())
    Introduction.objects.update(created_at=long_ago)
    assert asleep(owner) == ["Kiln", "Loom", "Mill"]


def test_the_months_run_through_to_this_one(program, partner):
    introduced(program, partner)
    Introduction.objects.update(created_at=timezone.now() - timedelta(days=70))
    introduced(program, giver_email=partner.person.email, email="eve@example.org")
    steps = months(Introduction.objects.filter(partner=partner))
    assert len(steps) in (3, 4)
    assert (steps[0].given, steps[0].balance) == (1, 1)
    assert (steps[-1].received, steps[-1].balance) == (1, 0)


def test_the_report_is_a_table_a_picture_and_a_spreadsheet(three, owner):
    kiln, loom, mill = three
    page = owner.get(f"{HERE}report/")
    assert [line.partner for line in page.context["owed"]] == [loom]
    assert [line.partner for line in page.context["asleep"]] == [mill]
    one = owner.get(f"{HERE}report/?partner={kiln.pk}").content.decode()
    assert "<polyline" in one and "€250.50" in one
    rows = owner.get(f"{HERE}report/?export=csv").content.decode().splitlines()
    assert rows[1].startswith("Kiln,active,2,0,–,1,1,€250.50,1,")


@pytest.mark.parametrize("partner", ["0", "x", "9" * 30, "-1", "%00"])
def test_the_report_of_no_partner_is_not_found(db, owner, partner):
    assert owner.get(f"{HERE}report/?partner={partner}").status_code == 404


def test_a_language_of_no_page_is_an_error_at_the_field(program, owner):
    post = {"program": program.pk, "stage": "won", "locale": "klingon", "words": "Qapla"}
    page = owner.post("/admin/referrals/stages/create/", post)
    assert "Use one of the site" in page.content.decode()
    owner.post("/admin/referrals/stages/create/", {**post, "locale": "DE"})
    assert StageWords.objects.get().locale == "de"
