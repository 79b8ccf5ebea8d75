"""Addresses that a mail server says nobody lives at."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from ..exceptions import InvalidInput
from ..people.register import find_person
from ..people.suppression import suppress
from ..transactions import retried
from .preferences import stop_mails


@retried
def report_bounce(email: str, *, hard: bool = True) -> None:
    """A mail to ``email`` came back, as a mail provider's web hook or the mail server says.

    A hard bounce (no such mailbox) or a complaint: nobody writes there any more. Another one is
    the provider's to try again: nothing changes. However often; an address that is none is
    ignored.
    """
    if not hard:
        return
    try:
        person = find_person(email)
        if person is None:
            suppress(email)
            return
    except InvalidInput:
        return
    with translation.override(settings.LANGUAGE_CODE):
        stop_mails(person, reason=gettext("The mail server says that mails cannot arrive."))
