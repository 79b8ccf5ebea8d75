"""What breaks a rule of fair play does not go live, whoever publishes it and however."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext
from wagtail.log_actions import log
from wagtail.models import PageLogEntry

from ..feedback.fairness import broken
from ..people.log import NOT_PUBLISHED

# How Wagtail's command says that it is the one who publishes.
_BY_SCHEDULE = "wagtail.publish.scheduled"


class UnfairPage(PermissionDenied):
    """A page that breaks a rule of fair play was to go live."""


class FairPublishingMixin:
    """For pages that ask for opinions: editors' forms, workflows and schedules all publish here."""

    def publish(self, revision: Any, *args: Any, log_action: Any = True, **kwargs: Any) -> Any:
        """As Wagtail's. Raises UnfairPage; what a schedule publishes stays a draft, with a note."""
        page: Any = self
        found = broken(revision.as_object())
        if not found:
            base: Any = super()
            return base.publish(revision, *args, log_action=log_action, **kwargs)
        reason = " ".join(dict.fromkeys(str(one.words) for one in found))
        if log_action != _BY_SCHEDULE:
            words = gettext("“%(page)s” breaks a rule of fair play. %(reason)s")
            raise UnfairPage(words % {"page": page.title, "reason": reason})
        # The command has other pages to publish, and would come back to this one every time.
        page.revisions.filter(pk=revision.pk).update(approved_go_live_at=None)
        log(page, NOT_PUBLISHED, revision=revision, data={"reason": reason})
        return None


def was_refused(page: Any) -> bool:
    """Whether the newest draft of a page was to go live by schedule, and did not."""
    if not page.latest_revision_id:
        return False
    lines = PageLogEntry.objects.filter(page=page.pk, action=NOT_PUBLISHED)
    return lines.filter(revision=page.latest_revision_id).exists()
