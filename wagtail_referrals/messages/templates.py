"""Beginning to write a mail in one's own words, and going back to ours."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from wagtail.actions.unpublish import UnpublishAction

from ..programs.models import Program
from .kinds import mail_kinds
from .template_models import MessageTemplate


def begin_words(program: Program, kind: str, locale: str, *, user: Any = None) -> MessageTemplate:
    """A draft filled with our words; the one that is there, when somebody began before.

    Nothing is sent differently before it is published. Raises KeyError for an unknown kind.
    """
    template = MessageTemplate(
        program=program, kind=mail_kinds()[kind].key, locale=locale, live=False
    )
    template.take_our_words()
    with transaction.atomic():
        made, created = MessageTemplate.objects.get_or_create(
            program=program,
            kind=kind,
            locale=locale,
            defaults={"subject": template.subject, "body": template.body, "live": False},
        )
        if created:
            made.save_revision(user=user)
    return made


def restore_words(template: MessageTemplate, *, user: Any = None) -> None:
    """Send our words again. Theirs stay in the history, from where they can be published again."""
    with transaction.atomic():
        latest = template.get_latest_revision_as_object()
        latest.take_our_words()
        latest.save_revision(user=user, log_action=True)
        template.refresh_from_db()
        if template.live:
            # Who may is asked by the screen: a template has no permissions of its own.
            UnpublishAction(template, user=user).execute(skip_permission_checks=True)
