"""Which mails somebody wants. What they don't want is not sent, whenever it was queued."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from ..bulk import insert
from ..exceptions import InvalidInput
from ..people.log import CONTACT_AGAIN, NO_CONTACT, note
from ..people.models import Person, Suppression
from ..people.register import find_or_add_person
from ..people.suppression import is_suppressed, suppress
from ..programs.models import Program
from ..transactions import retried
from .kinds import CATEGORIES
from .models import MailPreference
from .queue import queue_message
from .to_staff import screen_url

NOT_ME = "not_me"


def declined_by(person: Person) -> set[str]:
    """The categories they don't want."""
    return set(MailPreference.objects.filter(person=person).values_list("category", flat=True))


@retried
def want_only(
    person: Person, wanted: Iterable[str], *, asked: Iterable[str], at: datetime | None = None
) -> None:
    """Of the categories they were ``asked`` about they want these; nothing else changes."""
    at = at or timezone.now()
    known = set(asked) & set(CATEGORIES)
    wanted = set(wanted)
    rows = MailPreference.objects.filter(person=person)
    rows.filter(category__in=known & wanted).delete()
    insert(
        [
            MailPreference(person=person, category=category, declined_at=at)
            for category in sorted(known - wanted)
        ],
        ignore_conflicts=True,
    )


@retried
def stop_mails(person: Person, *, reason: str = "") -> None:
    """Nobody writes to their address any more, but for what they ask for; however often."""
    if not person.email or is_suppressed(person.email):
        return
    suppress(person.email)
    note(person, NO_CONTACT, reason=reason or _by_link())


def _by_link() -> str:
    # The log is read by staff, whatever language its cause was told in.
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("They chose it, by the link in a mail.")


@retried
def want_mails_again(person: Person) -> None:
    """They changed their mind; nothing changes when they had not asked for it."""
    if not person.email:
        return
    if Suppression.objects.filter(email_key=person.email_key).delete()[0]:
        note(person, CONTACT_AGAIN, reason=_by_link())


@retried
def say_not_me(person: Person, program: Program) -> None:
    """Somebody gets mails that are not for them: none follows, and the owner is told, once."""
    with translation.override(settings.LANGUAGE_CODE):
        stop_mails(person, reason=gettext("Whoever reads this mailbox says: that's not me."))
    if not program.notify_email:
        return
    try:
        owner = find_or_add_person(program.notify_email)
    except InvalidInput:
        return
    queue_message(
        NOT_ME,
        about=f"{person.pk}:{program.pk}",
        person=owner,
        program=program,
        # Not who it is: that would outlive an erasure.
        context={"screen": screen_url("people", person.pk)},
    )
