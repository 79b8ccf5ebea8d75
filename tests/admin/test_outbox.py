"""The outbox as staff see it."""

import re

import pytest

from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.referrals.own_link import find_by_token
from wagtail_referrals.referrals.own_mail import ask_for_own_link, ask_to_confirm, find_change


@pytest.fixture
def message(advocate):
    queue_message(
        "reward_issued", about=1, person=advocate.person, program=advocate.program, context={}
    )
    return Message.objects.get()


def test_the_list_says_in_words_why_a_mail_was_not_sent(admin_client, message):
    Message.objects.update(state=MessageState.SKIPPED, last_error="suppressed")
    page = admin_client.get("/admin/referrals/messages/").content.decode()
    assert "They asked not to be contacted" in page


def test_the_list_is_filtered_by_why(admin_client, message):
    Message.objects.update(state=MessageState.SKIPPED, last_error="suppressed")
    found = [
        "/refer/" in page or "messages/inspect" in page
        for page in (
            admin_client.get(f"/admin/referrals/messages/?last_error={why}").content.decode()
            for why in ("suppressed", "declined")
        )
    ]
    assert found == [True, False]


def test_a_mail_that_was_given_up_is_sent_again_by_a_button(admin_client, message):
    Message.objects.update(state=MessageState.FAILED, attempts=8)
    screen = admin_client.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
    address = f"/admin/referrals/messages/resend/{message.pk}/"
    assert address in screen
    admin_client.post(address, {"reason": "they asked"})
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)


def test_a_mail_that_still_waits_has_no_such_button(admin_client, message):
    screen = admin_client.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
    assert "/resend/" not in screen


def test_a_program_says_who_its_mails_come_from_and_when_it_is_quiet(admin_client, program):
    address = f"/admin/referrals/programs/edit/{program.pk}/"
    page = admin_client.get(address).content.decode()
    for name in ("mail_from_name", "mail_from", "mail_reply_to", "quiet_from", "quiet_to"):
        assert f'name="{name}"' in page


def test_who_may_look_at_a_mail_gets_no_way_to_what_is_its_readers(admin_client, advocate):
    """The links in it open somebody's own page, and confirm that they want to be forgotten."""
    ask_for_own_link(advocate.person.email)
    ask_to_confirm(advocate, "erase")
    for message in Message.objects.all():
        url = f"/admin/referrals/messages/inspect/{message.pk}/"
        page = admin_client.get(url).content.decode()
        assert "/refer/me/" in page
        for token in re.findall(r"[\w-]{20,}", page):
            assert find_by_token(token) is None and find_change(token) is None


@pytest.mark.parametrize("change", ["leave", "data", "erase"])
def test_nobody_but_its_reader_learns_the_link_by_which_they_decide(admin_client, advocate, change):
    ask_to_confirm(advocate, change)
    message = Message.objects.get()
    screen = admin_client.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
    assert "Confirm what you asked for" in screen
    assert message.context["link"] not in screen
