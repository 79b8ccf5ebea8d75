"""Our words for mails to staff and to owners."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .kinds import LINES, STAFF, Field, MailKind, text

OWNER = _("You get this mail because your address is that of the program's owner.")


KINDS = (
    MailKind(
        key="cases_new",
        label=_("new cases"),
        category=STAFF,
        subject=_("To follow up: {{ program_name }}"),
        body=(text(_("There is something to follow up, with the day it is due:")), LINES),
        why=_(
            "You get this mail because these cases are yours, or your address is that of the "
            "program's owner."
        ),
    ),
    MailKind(
        key="cases_late",
        label=_("cases that are late"),
        category=STAFF,
        subject=_("Late: {{ program_name }}"),
        body=(text(_("These should be closed by now:")), LINES),
        why=_(
            "You get this mail because these cases are yours, or your address is that of the "
            "program's owner."
        ),
    ),
    MailKind(
        key="introductions_due",
        label=_("next steps that are due"),
        category=STAFF,
        subject=_("Next steps that are due"),
        body=(text(_("These introductions wait for their next step:")), LINES),
        why=_("You get this mail because introductions are yours to follow."),
    ),
    MailKind(
        key="partners_due",
        label=_("partners to get in touch with"),
        category=STAFF,
        subject=_("Partners to get in touch with"),
        body=(text(_("It is time to get in touch with these partners:")), LINES),
        why=_("You get this mail because these partners are yours to keep in touch with."),
    ),
    MailKind(
        key="pool_low",
        label=_("few codes left"),
        category=STAFF,
        subject=_("Few codes are left: {{ pool_name }}"),
        body=(
            text(_("Codes left in the pool “{{ pool_name }}”: {{ low_at }} or fewer.")),
            text(
                _(
                    "Upload more codes in the admin, under “Code pools”. Until then rewards wait, "
                    "or are given as coupons, as you have set it up."
                )
            ),
        ),
        why=OWNER,
        fields=(
            Field("pool_name", _("name of the pool"), _("Cinema tickets")),
            Field("low_at", _("codes left"), 10),
        ),
    ),
    MailKind(
        key="running_dry",
        label=_("nothing left to give"),
        category=STAFF,
        subject=_("Nothing left to give: {{ rule_name|the budget is used up }}"),
        body=(
            text(
                _(
                    "The rule “{{ rule_name }}” of the program “{{ program_name }}” has granted "
                    "as much as its limit for everybody allows."
                ),
                only_with="rule_name",
            ),
            text(
                _("The program “{{ program_name }}” has granted as much as its budget allows."),
                only_with="!rule_name",
            ),
            text(
                _(
                    "It grants nothing from now on. Where visitors are promised what it gave, the "
                    "pages say that the program is full."
                )
            ),
            text(
                _(
                    "Raise the limit or the budget in the admin to go on. With a limit for a day, "
                    "a month or a year it goes on by itself when the next one begins."
                )
            ),
        ),
        why=OWNER,
        fields=(Field("rule_name", _("name of the rule"), _("A coffee for each friend")),),
    ),
)
