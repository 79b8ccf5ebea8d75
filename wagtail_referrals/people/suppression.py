"""People who asked not to be contacted: only a digest of the address is kept."""

from datetime import datetime

from django.utils import timezone

from .identity import email_key
from .models import Suppression


def suppress(email: str, *, at: datetime | None = None) -> None:
    """Note that nobody at this address is to be contacted; however often. Raises InvalidInput."""
    at = at or timezone.now()
    rows = [Suppression(email_key=email_key(email), created_at=at)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def is_suppressed(email: str) -> bool:
    """Whether they asked not to be contacted. Raises InvalidInput."""
    return Suppression.objects.filter(email_key=email_key(email)).exists()
