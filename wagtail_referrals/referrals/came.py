"""Whether a friend would have come without the recommendation, as they say themselves."""

from .models import Referral


def say_whether_would_have_come(referral: Referral, would_have_come: bool) -> bool:
    """Keep the friend's answer. False when there is one: the first one stays."""
    unasked = Referral.objects.filter(pk=referral.pk, would_have_come=None)
    if not unasked.update(would_have_come=would_have_come):
        return False
    referral.would_have_come = would_have_come
    return True
