"""What a mail tells mailboxes: who can be written back to, and how it is declined."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.people.suppression import is_suppressed


@pytest.fixture
def message(queue):
    return queue("bo@example.org")[0]


def headers(message):
    return compose(message).message()


def test_the_mailboxs_button_stops_all_mails_by_one_post(message):
    """As RFC 8058 has it: the address of the header, no cookie, no page in between."""
    sent = headers(message)
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (address,) = re.findall(r"<([^>]+)>", sent["List-Unsubscribe"])
    path = address.removeprefix("http://localhost")
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 204
    assert is_suppressed("bo@example.org")


def test_a_scanner_that_opens_the_address_stops_nothing(client, message):
    (address,) = re.findall(r"<([^>]+)>", headers(message)["List-Unsubscribe"])
    client.get(address.removeprefix("http://localhost"))
    client.head(address.removeprefix("http://localhost"))
    assert not is_suppressed("bo@example.org")


def test_there_is_one_address_on_the_programs_site(message):
    site = message.program.site
    site.hostname, site.port = "shop.example.org", 443
    site.save()
    message.refresh_from_db()
    (address,) = re.findall(r"<([^>]+)>", headers(message)["List-Unsubscribe"])
    assert address.startswith("https://shop.example.org/refer/mail/")


@pytest.mark.parametrize("category", ["asked_for", "staff"])
def test_what_was_asked_for_and_staffs_mails_have_no_such_button(message, monkeypatch, category):
    kind = replace(mail_kinds()[message.kind], category=category)
    monkeypatch.setattr("wagtail_referrals.messages.compose.mail_kinds", lambda: {kind.key: kind})
    assert "List-Unsubscribe" not in headers(message)


def test_the_address_says_nothing_about_who_it_is(message):
    assert "bo@" not in headers(message)["List-Unsubscribe"]
