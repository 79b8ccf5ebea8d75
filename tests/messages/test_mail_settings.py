"""Which mails somebody gets: chosen behind the links in a mail, and never by opening one."""

import pytest
from django.test import Client

from tests.pages.test_hostile import BODIES, NAUGHTY, WELCOME
from wagtail_referrals.messages.addresses import mail_token
from wagtail_referrals.messages.kinds import CATEGORIES
from wagtail_referrals.messages.models import MailPreference, Message
from wagtail_referrals.messages.preferences import declined_by, stop_mails
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Suppression
from wagtail_referrals.people.suppression import is_suppressed
from wagtail_referrals.tokens import sign_value

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def person(advocate):
    return advocate.person


@pytest.fixture
def address(advocate):
    return f"/refer/mail/{mail_token(advocate.person, advocate.program)}/"


@pytest.mark.parametrize("part", ["", "off/", "not-me/"])
def test_opening_a_link_of_a_mail_changes_nothing(client, person, address, part):
    answer = client.get(address + part)
    assert answer.status_code == 200
    assert not is_suppressed(person.email)
    assert not answer.cookies


@pytest.mark.parametrize("part", ["", "off/", "not-me/"])
def test_whoever_was_sent_the_mail_on_learns_no_address(client, person, address, part):
    page = client.get(address + part).content.decode()
    assert person.email not in page
    assert f"{person.email[0]}…@" in page


def test_one_click_stops_every_mail_without_a_cookie_or_a_token_of_the_form(person, address):
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(address + "off/", ONE_CLICK).status_code == 204
    assert browser.post(address + "off/", ONE_CLICK).status_code == 204
    assert is_suppressed(person.email)


def test_the_button_does_the_same_and_leads_to_the_page(client, person, address):
    answer = client.post(address + "off/")
    assert (answer.status_code, answer.url) == (303, address)
    assert is_suppressed(person.email)


def test_somebody_can_have_mails_again(client, person, address):
    stop_mails(person)
    assert "Write to me again" in client.get(address).content.decode()
    client.post(address, {"change": "on"})
    assert not is_suppressed(person.email)


def test_what_is_not_ticked_is_declined_and_can_be_ticked_again(client, person, address):
    client.post(address, {"change": "save", "wanted": ["rewards", "thanks"]})
    assert declined_by(person) == {"asks", "friends"}
    client.post(address, {"change": "save", "wanted": ["rewards", "asks", "nonsense"]})
    assert declined_by(person) == {"thanks", "friends"}


def test_a_post_that_says_nothing_changes_nothing(client, person, address):
    client.post(address, {})
    assert not MailPreference.objects.exists()
    assert not Suppression.objects.exists()


def test_not_me_stops_the_mails_and_tells_the_owner_once(client, program, person, address):
    program.notify_email = "owner@example.org"
    program.save()
    client.post(address + "not-me/")
    client.post(address + "not-me/")
    assert is_suppressed(person.email)
    message = Message.objects.get(kind="not_me")
    assert message.person.email == "owner@example.org"
    assert person.email not in str(message.context)


def test_the_log_says_that_they_chose_it(person):
    from wagtail.models import ModelLogEntry

    stop_mails(person)
    stop_mails(person)
    (entry,) = ModelLogEntry.objects.for_instance(person)
    assert entry.data["reason"] == "They chose it, by the link in a mail."


FORGED = ["x", ":" * 50, "a" * 3000, "%00", "😀", "bWFpbA"]


@pytest.mark.parametrize("part", ["", "off/", "not-me/"])
@pytest.mark.parametrize("token", FORGED)
def test_forged_links_are_all_answered_the_same(client, db, token, part):
    for answer in (client.get(f"/refer/mail/{token}/{part}"), client.post(f"/refer/mail/{token}/")):
        assert answer.status_code == 404
        assert "know this link" in answer.content.decode()


@pytest.mark.parametrize("value", [[10**6, 1], [1], ["1", "x"], 7, {"a": 1}, [None, None], []])
def test_a_signed_link_of_nobody_is_answered_like_a_forged_one(client, db, value):
    assert client.get(f"/refer/mail/{sign_value('mail', value)}/").status_code == 404


def test_a_link_of_somebody_who_was_erased_leads_nowhere(client, person, address):
    erase_person(person, reason="asked for it")
    assert client.get(address).status_code == 404
    assert client.post(address + "off/", ONE_CLICK).status_code == 404


@pytest.mark.parametrize("number", range(len(BODIES)))
@pytest.mark.parametrize("part", ["", "off/", "not-me/"])
def test_a_body_that_is_no_form_is_answered_without_an_error(address, part, number):
    body, kind = BODIES[number]
    answer = Client().generic("POST", address + part, body, content_type=kind)
    assert answer.status_code in {*WELCOME, 204}


def test_hostile_values_decline_nothing_unheard_of(client, person, address):
    for value in NAUGHTY:
        client.post(address, {"change": "save", "wanted": [value, *CATEGORIES]})
        client.post(address, {"change": value})
    assert declined_by(person) <= set(CATEGORIES)
