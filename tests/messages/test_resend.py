"""Somebody says that a mail did not arrive."""

import pytest
from wagtail.models import ModelLogEntry

from wagtail_referrals.exceptions import InvalidInput, ReferralsError
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.resend import may_go_again, resend
from wagtail_referrals.people.erase import erase_person


@pytest.fixture
def message(queue):
    return queue("bo@example.org")[0]


def test_what_was_given_up_goes_out_with_the_same_id(server, message):
    Message.objects.update(state=MessageState.FAILED, attempts=8, last_error="SMTPDataError 554")
    resend(message, reason="they asked")
    assert deliver_due() == 1
    assert server.message_ids == [message.message_id]


def test_what_was_sent_goes_out_as_another_mail(server, message):
    deliver_due()
    resend(message, reason="they asked")
    assert deliver_due() == 1
    first, second = server.message_ids
    assert first == message.message_id != second


def test_what_still_waits_is_not_sent_again(message):
    with pytest.raises(ReferralsError) as refused:
        resend(message, reason="they asked")
    assert refused.value.code == "not_possible"


@pytest.fixture
def to_a_friend(message):
    Message.objects.update(kind="friend_invitation")
    message.refresh_from_db()
    return message


def test_a_friend_is_not_written_to_twice_by_this_way_either(server, to_a_friend):
    deliver_due()
    to_a_friend.refresh_from_db()
    assert not may_go_again(to_a_friend)
    with pytest.raises(ReferralsError):
        resend(to_a_friend, reason="they asked")
    assert deliver_due() == 0


def test_a_friend_who_got_nothing_can_be_written_to(to_a_friend):
    Message.objects.update(state=MessageState.FAILED)
    resend(to_a_friend, reason="they asked")
    assert Message.objects.get().state == MessageState.QUEUED


def test_nothing_is_sent_to_who_was_erased(message):
    erase_person(message.person, reason="asked for it")
    with pytest.raises(ReferralsError):
        resend(message, reason="they asked")


def test_the_persons_log_says_who_did_it_and_why(server, message, admin_user):
    deliver_due()
    resend(message, reason="they asked", user=admin_user)
    (entry,) = ModelLogEntry.objects.for_instance(message.person)
    assert (entry.user, entry.data["reason"]) == (admin_user, "they asked")


def test_a_reason_is_needed(server, message):
    deliver_due()
    with pytest.raises(InvalidInput):
        resend(message, reason="")
