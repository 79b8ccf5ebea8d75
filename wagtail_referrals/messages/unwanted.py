"""Mails that are not sent: nobody is there to read them, or their reader does not want them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.models import Suppression
from .kinds import ASKED_FOR, ASKS, FRIENDS, THANKS, mail_kinds
from .models import MailPreference, Message

# Why, for staff.
NOT_SENT = {
    "no_person": _("The person it was for is no longer known."),
    "no_address": _("The person has no e-mail address."),
    "suppressed": _("They asked not to be contacted, or their mailbox does not exist."),
    "declined": _("They don't want mails of this kind."),
    "blocked": _("They are on the block list: nobody asks or thanks them."),
    "worker_died": _("Whatever sends the mails came to an end in the middle of it, each time."),
}
# What nobody on the block list gets.
NOT_IF_BLOCKED = (ASKS, THANKS, FRIENDS)


def unwanted(messages: Iterable[Message]) -> dict[str, list[Message]]:
    """Those that are not to be sent, by the reason; two queries, however many they are."""
    messages = list(messages)
    people = [message.person for message in messages if message.person]
    keys = [person.email_key for person in people if person.email_key]
    suppressed = set(
        Suppression.objects.filter(email_key__in=keys).values_list("email_key", flat=True)
    )
    rows = MailPreference.objects.filter(person__in=[person.pk for person in people])
    declined = set(rows.values_list("person_id", "category"))
    found = defaultdict(list)
    for message in messages:
        if reason := _reason(message, suppressed, declined):
            found[reason].append(message)
    return found


def category_of(kind: str) -> str:
    """What its reader can decline; "" for a kind that is no longer known."""
    known = mail_kinds().get(kind)
    return known.category if known else ""


def _reason(message: Message, suppressed: set[str], declined: set[tuple[int, str]]) -> str:
    person, category = message.person, category_of(message.kind)
    if person is None or person.erased_at:
        return "no_person"
    if not person.email:
        return "no_address"
    if category == ASKED_FOR:
        return ""
    if person.email_key in suppressed:
        return "suppressed"
    if (person.pk, category) in declined:
        return "declined"
    if person.blocked_at and category in NOT_IF_BLOCKED:
        return "blocked"
    return ""
