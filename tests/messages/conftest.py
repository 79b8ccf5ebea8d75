import pytest

from tests.smtp import server as server
from wagtail_referrals.messages.models import Message
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.people.register import find_or_add_person


@pytest.fixture
def queue(program):
    """Puts mails into the outbox, one for each address."""

    def put(*emails, kind="reward_issued", **values):
        for email in emails:
            person = find_or_add_person(email)
            values = {"context": {"offer_headline": "10 €"}, **values}
            queue_message(kind, about=email, person=person, program=program, **values)
        return list(Message.objects.order_by("pk"))

    return put
