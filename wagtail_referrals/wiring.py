"""What the lower rooms are told of the upper ones, and what happens when a page goes live."""

from typing import Any

from wagtail.signals import page_published

from .programs.models import Program
from .referrals.refer import follow_repairs
from .rewards.take_back import follow_repair


def choose_landing_page(instance: Any, **kwargs: Any) -> None:
    """The first landing page published for a program is where its links lead."""
    if not getattr(instance, "is_landing_page", False) or not instance.program_id:
        return
    without = Program.objects.filter(pk=instance.program_id, landing_page=None)
    without.update(landing_page=instance.pk)


follow_repairs(follow_repair)
page_published.connect(choose_landing_page, dispatch_uid="wagtail_referrals.landing_page")
