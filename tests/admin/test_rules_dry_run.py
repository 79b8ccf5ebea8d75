"""Dry run and replay: they say what would be, and write nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import RewardRule

from .conftest import Story, staff
from .test_rules import RULES, Owner, first_paragraph, for_any_order

DRY_RUN = f"{RULES}dry-run/"


def sample(**values: Any) -> dict[str, Any]:
    return {
        "kind": "purchase",
        "amount": "49.90",
        "purchase_number": "1",
        "friends_converted": "1",
        "source": "link",
        "grade": "A",
        "days_since_claim": "3",
        "friend_is_new": "on",
        **values,
    }


def read_only(client: Client, address: str, data: dict[str, Any], post: bool = False) -> str:
    """The page; nothing but reading was done for it."""
    with CaptureQueriesContext(connection) as captured:
        response = client.post(address, data) if post else client.get(address, data)
    assert response.status_code == 200
    statements = {query["sql"].split()[0].upper() for query in captured}
    # A check constraint is looked at inside a savepoint; PostgreSQL streams by a cursor.
    assert statements <= {"SELECT", "SAVEPOINT", "RELEASE", "DECLARE"}, statements
    return response.content.decode()


def test_a_past_event_is_found_and_asked_again(story: Story, owner: Client) -> None:
    program = story.program.pk
    for term in ("1001", "bo@example.org", "BO@example.org"):
        page = read_only(owner, DRY_RUN, {"program": program, "q": term})
        assert f'name="event" value="{story.purchase.pk}"' in page
    assert "Nothing was found" in read_only(owner, DRY_RUN, {"program": program, "q": "nobody"})
    page = read_only(owner, DRY_RUN, {"program": program, "event": story.purchase.pk})
    assert "Would give €10 off to the advocate" in page
    assert "These wait for something else" in page
    assert Decision.objects.filter(event=story.purchase).count() == 1


def test_a_sample_says_for_every_rule_why(story: Story, owner: Client) -> None:
    rule = story.reward.rule
    rule.conditions = [{"key": "order_amount", "options": {"at_least": "60", "currency": "EUR"}}]
    rule.save()
    rewards = Reward.objects.count()
    page = read_only(owner, DRY_RUN, {"rule": rule.pk, **sample()})
    assert "Would give nothing to the advocate" in page
    assert "the order is at least €60" in page and "found: 49.90 EUR" in page
    page = read_only(owner, DRY_RUN, {"rule": rule.pk, **sample(amount="75")})
    assert "Would give €10 off to the advocate" in page and "It would wait until" in page
    page = read_only(owner, DRY_RUN, {"rule": rule.pk, **sample(purchase_number="2", amount="75")})
    assert "Would give nothing to the advocate" in page
    assert Reward.objects.count() == rewards


def test_a_paused_rule_is_asked_when_the_dry_run_is_about_it(story: Story, owner: Client) -> None:
    rule = story.reward.rule
    RewardRule.objects.filter(pk=rule.pk).update(state="paused")
    program = {"program": story.program.pk}
    assert "No rule waits" in read_only(owner, DRY_RUN, {**program, **sample()})
    assert "Would give €10 off" in read_only(owner, DRY_RUN, {"rule": rule.pk, **sample()})


def test_a_rule_that_is_not_saved_is_asked_as_it_was_typed(story: Story, owner: Client) -> None:
    for_any_order(story.program)
    made = first_paragraph(Owner(owner))
    assert made.response.status_code == 200
    fields = made.page.fields
    page = read_only(owner, DRY_RUN, fields, post=True)
    assert "it is not saved" in page and 'name="advocate-options-steps" value="1: 10' in page
    page = read_only(owner, DRY_RUN, {**fields, **sample(friends_converted="4")}, post=True)
    assert "Would give €20 store credit to the advocate" in page and "not saved" in page
    page = read_only(owner, DRY_RUN, {**fields, **sample(amount="20")}, post=True)
    assert "found: 20" in page
    page = read_only(owner, DRY_RUN, {**fields, "replay": "1"}, post=True)
    assert "Would have granted" in page and "€10" in page
    assert RewardRule.objects.count() == 3


def test_a_sample_that_makes_no_sense_is_told_so(story: Story, owner: Client) -> None:
    for values, words in [
        ({"amount": "x"}, "Enter a number"),
        ({"currency": "XYZ"}, "three letters"),
        ({"kind": "\x00"}, "valid choice"),
        ({"advocate": "nobody@example.org"}, "Nobody of this program"),
        ({"occurred_at": "soon"}, "valid date"),
        ({"source": "rumour"}, "valid choice"),
    ]:
        page = read_only(owner, DRY_RUN, {"program": story.program.pk, **sample(**values)})
        assert words in page, values
    for values in ({"event": "x"}, {"event": "9" * 30}, {"rule": "\x00"}, {"q": "\x00" * 9}):
        read_only(owner, DRY_RUN, {"program": story.program.pk, **values})


def test_the_last_30_days_again(story: Story, owner: Client) -> None:
    rule = story.reward.rule
    page = read_only(owner, DRY_RUN, {"rule": rule.pk, "replay": "1"})
    assert "Would have granted" in page and "€10" in page


@pytest.mark.parametrize("count", [0, 1, 2])
def test_without_a_chosen_program_it_asks_for_one(count: int, db: None, owner: Client) -> None:
    from tests.fixtures import make_program, make_root

    make_root()
    for number in range(count):
        make_program(f"p{number}")
    page = read_only(owner, DRY_RUN, {})
    assert ("Of which program?" in page) == (count == 2)
    assert ("Or think one up" in page) == (count == 1)


@pytest.fixture
def rule_maker(story: Story, django_user_model: Any) -> Client:
    """May do all with rules, and see nothing else."""
    client = staff(django_user_model, "rule maker")
    rules = Permission.objects.filter(codename__endswith="_rewardrule")
    Group.objects.get(name="rule maker").permissions.add(*rules)
    return client


def test_an_event_is_shown_only_to_who_may_see_events(story: Story, rule_maker: Client) -> None:
    asked = {"program": story.program.pk, "event": story.purchase.pk}
    page = read_only(rule_maker, DRY_RUN, asked)
    assert "Would give" not in page and "bo@example.org" not in page and "1001" not in page


def test_who_is_an_advocate_is_told_only_to_who_may_see_advocates(
    story: Story, rule_maker: Client
) -> None:
    pages = [
        read_only(rule_maker, DRY_RUN, {"program": story.program.pk, **sample(advocate=email)})
        for email in ("ann@example.org", "nobody@example.org")
    ]
    for page in pages:
        assert "Would give" in page and "Nobody of this program" not in page


@pytest.mark.parametrize("when", ["0001-01-01 00:00", "1989-12-31 00:00", "9999-12-31 23:59"])
def test_a_sample_is_of_a_time_that_can_be(when: str, story: Story, owner: Client) -> None:
    asked = {"program": story.program.pk, **sample(occurred_at=when)}
    assert "Enter a time" in read_only(owner, DRY_RUN, asked)
