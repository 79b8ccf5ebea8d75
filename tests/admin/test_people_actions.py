"""What staff do about people, referrals and advocates: block, erase, grade, tier."""

import pytest
from django.test import Client

from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.suppression import is_suppressed, suppress
from wagtail_referrals.referrals.models import Advocate, Referral

from .conftest import Story, staff

PEOPLE = "/admin/referrals/people/"


@pytest.fixture
def ann(story: Story) -> Person:
    return story.advocate.person


@pytest.fixture
def keeper(db: None, django_user_model: type) -> Client:
    """Who may erase."""
    return staff(django_user_model, "keeper", ("view", "change", "delete"))


def test_a_person_is_blocked_and_let_go_with_a_reason(ann: Person, clerk: Client) -> None:
    screen = f"{PEOPLE}inspect/{ann.pk}/"
    block, unblock = f"{PEOPLE}block/{ann.pk}/", f"{PEOPLE}unblock/{ann.pk}/"
    assert block in clerk.get(screen).content.decode()
    assert "required" in clerk.post(block, {"reason": ""}).content.decode()
    assert clerk.post(block, {"reason": "Sold the code"}).url == screen  # type: ignore[attr-defined]
    page = clerk.get(screen).content.decode()
    assert "Sold the code" in page and "(clerk)" not in page and unblock in page
    assert "cannot be done any more" in clerk.post(block, {"reason": "x"}).content.decode()
    clerk.post(unblock, {"reason": "It was her brother"})
    page = clerk.get(screen).content.decode()
    assert "It was her brother" in page and "On the block list since" not in page
    assert "By staff" in page and "Unblocked" in page and "clerk" in page


def test_an_address_is_blocked_by_hand(story: Story, clerk: Client, viewer: Client) -> None:
    address = f"{PEOPLE}block/"
    assert address in clerk.get(PEOPLE).content.decode()
    assert address not in viewer.get(PEOPLE).content.decode()
    for data, field, words in [
        ({"email": "nobody", "reason": "x"}, "email", "valid email"),
        ({"email": "a@b.example", "reason": ""}, "reason", "required"),
        ({"email": '"a"@b.example', "reason": "x"}, "email", "name@example.org"),
    ]:
        response = clerk.post(address, data)
        assert words in str(response.context["form"].errors[field]), data
    response = clerk.post(address, {"email": "new@example.org", "reason": "Known elsewhere"})
    person = Person.objects.get(email="new@example.org")
    assert response.url == f"{PEOPLE}inspect/{person.pk}/"  # type: ignore[attr-defined]
    again = clerk.post(address, {"email": "NEW@example.org", "reason": "x"})
    assert "on the block list already" in str(again.context["form"].errors["email"])


def test_the_block_list_is_a_filter_of_people(ann: Person, clerk: Client) -> None:
    block_person(ann, reason="x")
    assert list(clerk.get(f"{PEOPLE}?blocked=true").context["object_list"]) == [ann]
    assert ann not in clerk.get(f"{PEOPLE}?blocked=false").context["object_list"]
    assert "blocked" in clerk.get(PEOPLE).content.decode()


def test_erasing_wants_the_permission_a_reason_and_a_tick(
    ann: Person, clerk: Client, keeper: Client
) -> None:
    screen, address = f"{PEOPLE}inspect/{ann.pk}/", f"{PEOPLE}erase/{ann.pk}/"
    assert address not in clerk.get(screen).content.decode()
    assert clerk.post(address, {"reason": "x", "sure": "on"}).status_code == 302
    ann.refresh_from_db()
    assert ann.email
    assert address in keeper.get(screen).content.decode()
    assert "Tick the box" in keeper.post(address, {"reason": "x"}).content.decode()
    assert keeper.post(address, {"reason": "By letter", "sure": "on"}).status_code == 302
    page = keeper.get(screen).content.decode()
    assert "Somebody" in page and "By letter" in page
    assert "Ann Advocate" not in page and "ann@example.org" not in page and address not in page


def test_a_referral_is_graded(story: Story, clerk: Client) -> None:
    Referral.objects.update(grade="C")
    screen = f"/admin/referrals/referrals/inspect/{story.referral.pk}/"
    address = f"/admin/referrals/referrals/grade/{story.referral.pk}/"
    assert address in clerk.get(screen).content.decode()
    page = clerk.get(address).content.decode()
    assert "B · an introduction made" in page and "D · a name" not in page
    for data in ({"grade": "D", "reason": "x"}, {"grade": "", "reason": "x"}, {"grade": "B"}):
        assert clerk.post(address, data).status_code == 200
    assert clerk.post(address, {"grade": "A", "reason": "They met"}).status_code == 302
    page = clerk.get(screen).content.decode()
    assert "They met" in page and "A · a meeting" in page and address not in page


def test_an_advocate_is_given_a_tier(story: Story, clerk: Client) -> None:
    address = f"/admin/referrals/advocates/tier/{story.advocate.pk}/"
    assert clerk.post(address, {"tier": "gold", "reason": "Ten friends"}).status_code == 302
    assert Advocate.objects.get(pk=story.advocate.pk).tier == "gold"
    page = clerk.get(f"/admin/referrals/advocates/inspect/{story.advocate.pk}/").content.decode()
    assert "gold" in page and "Ten friends" in page
    again = clerk.post(address, {"tier": "gold", "reason": "x"})
    assert "cannot be done any more" in again.content.decode()
    assert "at most 40" in clerk.post(address, {"tier": "x" * 41, "reason": "x"}).content.decode()


def test_what_looks_wrong_about_a_referral_is_explained(story: Story, clerk: Client) -> None:
    Referral.objects.update(flags=["alias", "gone_since"])
    page = clerk.get(f"/admin/referrals/referrals/inspect/{story.referral.pk}/").content.decode()
    assert "reads like another one of the advocate" in page and "gone_since" in page


def test_who_asked_not_to_be_contacted_is_nobody_s_to_introduce(ann: Person, clerk: Client) -> None:
    screen, stop = f"{PEOPLE}inspect/{ann.pk}/", f"{PEOPLE}no_contact/{ann.pk}/"
    assert stop in clerk.get(screen).content.decode()
    assert clerk.post(stop, {"reason": "She rang"}).url == screen  # type: ignore[attr-defined]
    assert is_suppressed(ann.email)
    page = clerk.get(screen).content.decode()
    assert "asked not to be contacted" in page and "She rang" in page and stop not in page


def test_who_changed_their_mind_can_be_introduced_again(ann: Person, clerk: Client) -> None:
    again = f"{PEOPLE}contact/{ann.pk}/"
    assert "cannot be done any more" in clerk.post(again, {"reason": "x"}).content.decode()
    suppress(ann.email)
    clerk.post(again, {"reason": "She rang once more"})
    assert not is_suppressed(ann.email)
