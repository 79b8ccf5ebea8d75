"""«Why did I get nothing?» is answered on one screen, for any customer."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

from .conftest import Story

WHY = "/admin/referrals/why/"


def asked(client: Client, **query: Any) -> str:
    response = client.get(WHY, query)
    assert response.status_code == 200
    return response.content.decode()


def buy(story: Story, order: str, email: str = "bo@example.org", amount: str = "5") -> None:
    record_event(
        story.program,
        "purchase",
        external_id=order,
        email=email,
        amount=Decimal(amount),
        currency="EUR",
    )


@pytest.fixture
def rule(story: Story) -> RewardRule:
    """€5 for every order over €30, at most €10 a year."""
    rule = RewardRule(
        program=story.program,
        name="Big orders",
        trigger="purchase",
        conditions=[{"key": "order_amount", "options": {"at_least": "30.00", "currency": "EUR"}}],
        limits=[{"per": "advocate", "period": "year", "measure": "amount", "most": "10.00"}],
    )
    options = {"amount": "5.00", "currency": "EUR"}
    save_rule(rule, [RuleEffect(beneficiary="advocate", formula="fixed", formula_options=options)])
    return rule


def test_it_begins_with_what_to_type(story: Story, clerk: Client) -> None:
    page = asked(clerk)
    assert "e-mail, an order" in page and "words to answer the customer with" in page


@pytest.mark.parametrize("by", ["email", "alias", "name", "order", "coupon", "advocate's code"])
def test_a_customer_is_found_by_what_they_wrote(by: str, story: Story, clerk: Client) -> None:
    assert story.claim.coupon
    term = {
        "email": "ann@example.org",
        "alias": " ANN@Example.org ",
        "name": "Ann Adv",
        "order": "1001",
        "coupon": story.claim.coupon.display_code.lower(),
        "advocate's code": story.advocate.display_code,
    }[by]
    page = asked(clerk, q=term)
    assert ("bo@example.org" if by == "coupon" else "Ann Advocate") in page
    # An order is the business of two: who bought it and who brought them.
    assert ("Whom do you mean?" in page) == (by == "order")


def test_each_rule_s_answer_is_there_with_words_for_the_customer(
    story: Story, rule: RewardRule, clerk: Client
) -> None:
    buy(story, "1002")
    page = asked(clerk, q="ann@example.org")
    # What was found is told as it was noted, in the language of that moment.
    assert re.search(r"Not met: the order is at least €30\. Found: (€5|5\.00 EUR)\.", page)
    assert ">Not everything the offer asks for was met.</textarea>" in page
    assert "1002" in page and "by bo@example.org, whom they brought" in page


def test_a_reward_says_what_it_waits_for(story: Story, clerk: Client) -> None:
    page = asked(clerk, q="ann@example.org")
    assert "€10" in page and "waiting" in page and "14-day hold" in page
    Reward.objects.filter(pk=story.reward.pk).update(state="held", flags=["alias"])
    assert "reads like another one of the advocate" in asked(clerk, q="ann@example.org")


def test_limits_debts_and_blocks_are_told(story: Story, rule: RewardRule, clerk: Client) -> None:
    reward = story.reward
    for number in range(3):
        buy(story, f"big-{number}", amount="40")
    Reward.objects.filter(pk=reward.pk).update(owed=Decimal("7.00"))
    block_person(story.advocate.person, reason="Sold the code")
    page = asked(clerk, q="ann@example.org")
    assert "at most €10 a year per advocate" in page and "<td>€10</td>" in page
    assert "At most €10 a year per advocate: used up." in page
    assert "You have had all that the offer gives to one person." in page
    assert "They owe €7 of it" in page
    assert "Sold the code" in page


def test_the_customer_s_words_are_in_the_customer_s_language(story: Story, clerk: Client) -> None:
    buy(story, "1002")
    page = asked(clerk, q="ann@example.org")
    assert "The offer is for another occasion." in page
    Person.objects.update(locale="no such language")
    assert "The offer is for another occasion." in asked(clerk, q="ann@example.org")


def test_an_event_no_rule_waits_for_says_so(story: Story, clerk: Client) -> None:
    record_event(story.program, "newsletter", external_id="n-1", email="ann@example.org")
    assert "No rule had anything to decide" in asked(clerk, q="ann@example.org")


def test_what_counted_for_nobody_says_why(story: Story, clerk: Client) -> None:
    record_event(
        story.program,
        "purchase",
        external_id="own",
        email="dee@example.org",
        amount=Decimal(5),
        currency="EUR",
        referral_code="nonsense",
    )
    assert "The code they gave is not known." in asked(clerk, q="dee@example.org")


def test_somebody_unknown_is_met_with_advice(story: Story, clerk: Client) -> None:
    page = asked(clerk, q="zoe@example.org")
    assert "We know nobody by that." in page and "Try the order" in page


def test_somebody_without_a_story_has_an_empty_one(story: Story, clerk: Client) -> None:
    block_person("new@example.org", reason="x")
    page = asked(clerk, q="new@example.org")
    assert "No reward yet." in page and "Nothing was reported about them" in page


def test_an_erased_person_is_nobody(story: Story, clerk: Client) -> None:
    ann = story.advocate.person
    erase_person(ann, reason="x")
    page = asked(clerk, person=ann.pk)
    assert "This person was erased." in page and "Ann" not in page
    # Decisions lost what was found; their reasons are told all the same.
    assert Decision.objects.filter(person=ann).exists()


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\x00"},
        {"q": "' OR 1=1 --"},
        {"q": "<script>alert(1)</script>"},
        {"q": "x" * 5000},
        {"q": "%"},
        {"q": "@"},
        {"q": "😀@😀"},
        {"q": "\ud800"},
        {"person": "abc"},
        {"person": "-1"},
        {"person": "9" * 40},
        {"person": "٣"},
        {"person": ""},
    ],
)
def test_hostile_questions_are_survived(query: dict[str, str], story: Story, clerk: Client) -> None:
    value = {key: text.encode("utf-8", "surrogatepass") for key, text in query.items()}
    page = clerk.get(WHY, value)
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_it_costs_as_much_for_a_long_story(story: Story, rule: RewardRule, clerk: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            asked(clerk, q="ann@example.org")
        return len(queries)

    count()
    before = count()
    for number in range(6):
        buy(story, f"more-{number}", amount="40")
        claim_offer(Advocate.objects.get(pk=story.advocate.pk), email=f"friend{number}@x.example")
    assert count() <= before
    assert before <= 40


def test_screens_of_people_and_events_lead_to_it(
    story: Story, clerk: Client, viewer: Client
) -> None:
    ann, bo = story.advocate.person, story.referral.friend
    for client in (clerk, viewer):
        page = client.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
        assert f"{WHY}?person={ann.pk}" in page
        page = client.get(f"/admin/referrals/events/inspect/{story.purchase.pk}/").content.decode()
        assert f"{WHY}?person={bo.pk}" in page


def test_who_may_see_people_only_sees_no_more_than_the_person(
    story: Story, stranger: Client, django_user_model: Any
) -> None:
    from django.contrib.auth.models import Group, Permission

    group = Group.objects.get(name="stranger")
    group.permissions.add(Permission.objects.get(codename="view_person"))
    page = asked(stranger, q="ann@example.org")
    assert "Ann Advocate" in page
    for secret in ("1001", story.advocate.display_code, "bo@example.org", "14-day hold"):
        assert secret not in page
    assert "We know nobody" in asked(stranger, q="1001")
