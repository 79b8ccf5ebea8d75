"""Why somebody is not asked: the codes that are stored, and staff's words for them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In the order in which they are looked for: the first one is told.
WHY_NOT: dict[str, str | Promise] = {
    "touchpoint_off": _("The touchpoint is out of use, or asks for something else now."),
    "program_ended": _("The program is not running."),
    "too_old": _("It should have been asked more than 30 days ago: nobody remembers any more."),
    "gone": _("They asked to be forgotten."),
    "blocked": _("They are on the block list."),
    "no_address": _("We have no address of theirs."),
    "unsubscribed": _("They do not want to be asked."),
    "left": _("They have left the program, or are paused in it."),
    "refunded": _("All they bought was sent back."),
    "open_complaint": _("Something of theirs is still to be followed up."),
    "whom_gone": _("The group of people it asks does not exist any more."),
    "not_for_them": _("It is for other people than them."),
    "no_page": _("There is no published page where they could answer."),
    "answered_already": _("They have done it by themselves."),
    "invited": _("They have an open invitation to the same form."),
    "asked_this": _("They were asked the same lately."),
    "asked_lately": _("They were asked for something lately."),
    # Of events that no ask was planned for: nothing of it is stored.
    "too_early": _("It happened before the touchpoint was there, or while it was out of use."),
    "not_planned": _("It is planned when what is due is done the next time."),
}


def why_not(code: str) -> str:
    """The words for a code; the code itself when it is a later version's."""
    return str(WHY_NOT.get(code, code))
