"""What a django_tasks worker does for us, when the setting OUTBOX_TASK is on."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from .messages.deliver import deliver_due
from .messages.wake import awake, is_something_due

AGAIN = timedelta(minutes=1)


@task()
def deliver_outbox() -> int:
    """Send what is due; how many it were. What is left is for the next one, in a minute."""
    awake()
    sent = deliver_due()
    if deliver_outbox.get_backend().supports_defer and is_something_due():
        deliver_outbox.using(run_after=timezone.now() + AGAIN).enqueue()
    return sent
