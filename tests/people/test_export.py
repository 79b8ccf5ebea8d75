"""The export: all of one person, nothing of others, for machines and for people."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model

from tests.admin.conftest import Story
from tests.people.rich_story import EMAIL, NAME, PHONE, WHO, tell_all
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages.models import MailPreference
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.people.export import export_page, export_person, parts_of
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.stored import NOT_EXPORTED


@pytest.fixture
def story(db: None, django_user_model: Any) -> Story:
    clerk = django_user_model.objects.create_user("clerk", "clerk@example.org", "x")
    return tell_all(clerk)


@pytest.fixture
def ann(story: Story) -> Person:
    return story.advocate.person


def leads_to_person() -> set[type[Model]]:
    """Our models from which foreign keys lead to a person, over any others."""
    ours = {
        model
        for label in ("wagtail_referrals", "referrals_pages")
        for model in apps.get_models()
        if model.__module__.startswith("wagtail_referrals.")
    }
    found: set[type[Model]] = {Person}
    while True:
        more = {
            model
            for model in ours - found
            if any(
                isinstance(field, ForeignKey) and field.related_model in found
                for field in model._meta.get_fields()
            )
        }
        if not more:
            return found
        found |= more


def test_every_model_that_leads_to_a_person_is_exported_or_has_a_reason_not_to_be(db: None) -> None:
    exported = {part.model for part in parts_of(find_or_add_person(EMAIL), internal=True)}
    missing = {model.__name__ for model in leads_to_person() - exported}
    assert missing == set(NOT_EXPORTED)


def test_a_reason_is_given_for_nothing_that_is_exported(db: None) -> None:
    exported = {part.model.__name__ for part in parts_of(find_or_add_person(EMAIL), internal=True)}
    assert not exported & set(NOT_EXPORTED)


def test_it_holds_what_they_said_and_did(ann: Person) -> None:
    whole = json.dumps(export_person(ann))
    for word in (EMAIL, NAME, PHONE, "Longer opening hours", "Coffee Queen", "2001"):
        assert word in whole, word


def test_it_is_json_with_one_list_for_each_part(ann: Person) -> None:
    whole = export_person(ann)
    assert json.loads(json.dumps(whole)) == whole
    assert whole["person"][0]["email"] == EMAIL
    assert {row["kind"] for row in whole["consents"]} >= {"publish", "listed", "asked"}
    assert whole["contact"] == [{"asked_not_to_be_contacted": True}]


def test_it_says_what_friends_were_promised_and_where_they_took_it(
    advocate: Any, landing: Any
) -> None:
    claim_offer(advocate, email="bo@example.org", page=landing)
    Referral.objects.update(qualified_at="2026-01-02T10:00Z")
    [brought] = export_person(advocate.person)["recommendations"]
    [came] = export_person(Referral.objects.get().friend)["recommended"]
    assert brought["offer"] == came["offer"] == "10% off"
    assert brought["qualified_at"] == came["qualified_at"] == "2026-01-02T10:00:00Z"
    assert came["page"] == "Welcome" and "page" not in brought


def test_it_says_what_advocates_were_promised_to_themselves_only(advocate: Any) -> None:
    claim_offer(advocate, email="bo@example.org")
    [brought] = export_person(advocate.person)["recommendations"]
    [came] = export_person(Referral.objects.get().friend)["recommended"]
    assert brought["advocate_offer"] == advocate.program.advocate_offer.headline
    assert "advocate_offer" not in came


def test_it_names_nobody_else(ann: Person) -> None:
    Person.objects.filter(email="bo@example.org").update(name="Bo Buyer")
    whole = json.dumps(export_person(ann))
    for other in ("bo@example.org", "Bo Buyer", "cleo@example.org", "Cleo Other", "clerk"):
        assert other not in whole, other


def test_it_does_not_tell_whether_we_wrote_to_a_friend(ann: Person) -> None:
    """None is sent to who is known already: who we know is nobody else's business."""
    assert "mails_to_friends" not in export_person(ann)
    assert export_person(ann, internal=True)["mails_to_friends"]


def test_what_staff_wrote_for_themselves_is_added_when_asked_for(ann: Person) -> None:
    assert WHO not in json.dumps(export_person(ann), ensure_ascii=False)
    assert WHO in json.dumps(export_person(ann, internal=True), ensure_ascii=False)


def test_the_page_says_the_same_in_words(ann: Person) -> None:
    page = export_page(ann)
    assert NAME in page and "Longer opening hours" in page
    assert "<script" not in page and "http-equiv" not in page


def test_the_page_takes_a_name_for_no_markup(db: None) -> None:
    person = find_or_add_person("x@example.org", name="<script>alert(1)</script>")
    assert "<script" not in export_page(person)


def test_an_empty_person_has_an_export(db: None) -> None:
    person = find_or_add_person("new@example.org")
    assert export_person(person)["events"] == []
    assert "new@example.org" in export_page(person)


def test_no_link_by_which_somebody_shows_that_it_is_them_is_in_it(ann: Person) -> None:
    link = "https://example.org/refer/me/confirm/Secret/"
    program = Program.objects.get()
    for kind, values in (
        ("own_confirm", {"erase": True, "link": link}),
        ("thank_you_4", {"friend_first_name": "Bo", "friend": 4711, "own_page": link}),
    ):
        queue_message(kind, about="test", person=ann, program=program, context=values)
    rows = {row["kind"]: row["context"] for row in export_person(ann)["messages"]}
    assert rows["own_confirm"] == {"erase": True, "link": "https://…"}
    assert rows["thank_you_4"] == {"friend_first_name": "Bo", "own_page": "https://…"}
    assert "Secret" not in export_page(ann)


def test_the_page_calls_mails_by_their_names(ann: Person) -> None:
    MailPreference.objects.create(person=ann, category="thanks")
    page = export_page(ann)
    assert "thank-you notes" in page
    assert "reward_issued" not in page and "friend_claimed" not in page
