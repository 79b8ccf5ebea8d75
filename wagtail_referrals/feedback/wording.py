"""Words that differ: for whom, and with what was answered before put into them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Who can get other words. Coupon and review links are the same for all of them.
AUDIENCES: dict[str, str | Promise] = {
    "promoters": _("promoters (9 and 10)"),
    "passives": _("passives (7 and 8)"),
    "detractors": _("detractors (0 to 6)"),
    "first_timers": _("first-timers"),
    "regulars": _("regulars"),
}

# The texts of a page that can differ, by the names of their columns.
PAGE_TEXTS: dict[str, str | Promise] = {
    "title": _("title"),
    "thanks_heading": _("heading with the coupon"),
    "thanks_text": _("text above the coupon"),
}
