"""Who asked not to be written to gets nothing, whenever it was queued."""

import pytest
from django.utils import timezone

from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.kinds import ASKED_FOR, CATEGORIES, STAFF, mail_kinds
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.preferences import want_only
from wagtail_referrals.messages.unwanted import NOT_SENT, category_of, unwanted
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.suppression import suppress


@pytest.fixture
def kind_of(monkeypatch):
    """Has every kind be of one category."""

    def set_to(category):
        for module in ("unwanted", "quiet"):
            name = f"wagtail_referrals.messages.{module}.category_of"
            monkeypatch.setattr(name, lambda kind: category)

    return set_to


def reason_of(message):
    message.refresh_from_db()
    assert message.state == MessageState.SKIPPED
    return message.last_error


@pytest.mark.parametrize("category", [*CATEGORIES, STAFF, ""])
def test_who_asked_not_to_be_contacted_gets_nothing(server, queue, kind_of, category):
    kind_of(category)
    (message,) = queue("bo@example.org")
    suppress("BO@example.org")
    assert deliver_due() == 0
    assert not server.envelopes
    assert reason_of(message) == "suppressed"


def test_what_they_ask_for_still_comes(server, queue, kind_of):
    kind_of(ASKED_FOR)
    queue("bo@example.org")
    suppress("bo@example.org")
    assert deliver_due() == 1


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_declined_kind_is_not_sent_and_the_others_are(server, queue, kind_of, category):
    kind_of(category)
    (message,) = queue("bo@example.org")
    want_only(message.person, set(CATEGORIES) - {category}, asked=CATEGORIES)
    queue("cy@example.org")
    assert deliver_due() == 1
    assert server.recipients == ["cy@example.org"]
    assert reason_of(message) == "declined"


def test_declining_one_kind_leaves_the_others(server, queue, kind_of):
    kind_of("rewards")
    (message,) = queue("bo@example.org")
    want_only(message.person, ["rewards"], asked=CATEGORIES)
    assert deliver_due() == 1


@pytest.mark.parametrize(("category", "sent"), [("asks", 0), ("thanks", 0), ("rewards", 1)])
def test_nobody_on_the_block_list_is_asked_or_thanked(server, queue, kind_of, category, sent):
    kind_of(category)
    (message,) = queue("bo@example.org")
    block_person(message.person, reason="a cheat")
    assert deliver_due() == sent


def test_nothing_goes_to_somebody_who_was_erased(server, queue):
    (message,) = queue("bo@example.org")
    erase_person(message.person, reason="asked for it")
    assert deliver_due() == 0
    assert reason_of(message) == "no_person"


def test_who_has_no_address_gets_nothing(server, queue):
    (message,) = queue("bo@example.org")
    message.person.email = ""
    message.person.save()
    assert deliver_due() == 0
    assert reason_of(message) == "no_address"


def test_it_takes_two_queries_however_many_they_are(queue, django_assert_num_queries):
    queue(*(f"p{number}@example.org" for number in range(30)))
    messages = list(Message.objects.select_related("person"))
    with django_assert_num_queries(2):
        unwanted(messages)


def test_every_reason_has_its_words(db):
    assert all(str(words) for words in NOT_SENT.values())


def test_every_kind_is_of_a_category(db):
    known = {*CATEGORIES, ASKED_FOR, STAFF}
    assert [kind for kind in mail_kinds() if category_of(kind) not in known] == []


def test_the_time_of_skipping_is_no_time_of_sending(server, queue):
    (message,) = queue("bo@example.org", at=timezone.now())
    suppress("bo@example.org")
    deliver_due()
    message.refresh_from_db()
    assert (message.sent_at, message.attempts) == (None, 0)
