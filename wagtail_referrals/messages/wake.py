"""Waking a worker when something is queued."""

from __future__ import annotations

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from ..conf import setting
from .models import Message, MessageState

TASK = "wagtail_referrals.tasks.deliver_outbox"
KEY = "wagtail_referrals.outbox_woken"
# A worker that was woken and died is woken again after so many seconds.
ASLEEP_AGAIN = 60


def wake_later() -> None:
    """Have the outbox delivered once the transaction is committed, if OUTBOX_TASK says so."""
    if setting("OUTBOX_TASK"):
        # What is queued is safe: a queue of tasks that is down must not fail what caused it.
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    # Many mails queued at once wake one worker.
    if cache.add(KEY, True, ASLEEP_AGAIN):
        import_string(TASK).enqueue()


def awake() -> None:
    """A worker is about to look: what is queued from now on wakes another."""
    cache.delete(KEY)


def is_something_due() -> bool:
    """Whether a mail waits that could go now."""
    rows = Message.objects.filter(state=MessageState.QUEUED, due_at__lte=timezone.now())
    return rows.exists()
