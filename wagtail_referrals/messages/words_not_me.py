"""The owner is told that somebody gets mails that are not for them."""

from django.utils.translation import gettext_lazy as _

from .kinds import STAFF, Field, MailKind, button, text

KINDS = (
    MailKind(
        key="not_me",
        label=_("Somebody says: that's not me"),
        category=STAFF,
        subject=_("Somebody gets our mails by mistake"),
        body=(
            text(
                _(
                    "Somebody who got a mail of {{ program_name|your program }} says that they are "
                    "not the person it was meant for. No mail goes to that address any more."
                )
            ),
            text(
                _(
                    "Perhaps an address was mistyped. Perhaps somebody makes up people to collect "
                    "rewards: have a look at what was done with it."
                )
            ),
            button(_("Look at the person"), "screen"),
        ),
        why=_("You get this mail because your address is the owner's of this program."),
        fields=(Field("screen", _("link to the person's screen"), "https://example.org/admin/"),),
    ),
)
