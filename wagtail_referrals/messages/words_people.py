"""Our words for mails that let somebody in: to their own page, and into a program."""

from django.utils.translation import gettext_lazy as _

from .kinds import ASKED_FOR, LINES, Field, MailKind, button, text

_LINK = Field("link", _("address of the page"), "https://www.example.org/refer/me/…/")
_SHORT_NOTE = text(
    _("Whoever has this address gets in, so keep it to yourself. You can have a new one any time.")
)
_WAS_NOT_ME = text(_("If you did not ask for it, there is nothing to do: nothing has changed."))

KINDS: tuple[MailKind, ...] = (
    MailKind(
        key="own_link",
        label=_("the way to one's own page"),
        category=ASKED_FOR,
        subject=_("Your own page with us"),
        body=(
            text(
                _(
                    "Here you see your link, what became of your recommendations, and what you "
                    "have earned."
                )
            ),
            button(_("Open my page"), "link"),
            LINES,
            _SHORT_NOTE,
            _WAS_NOT_ME,
        ),
        why=_("You get this mail because somebody asked for it with your address."),
        fields=(_LINK,),
    ),
    MailKind(
        key="confirm_address",
        label=_("confirm the address, to join"),
        category=ASKED_FOR,
        subject=_("One step to your own link"),
        body=(
            text(
                _(
                    "You would like to recommend us. Confirm that this address is yours, and you "
                    "have a link of your own to pass on."
                )
            ),
            button(_("Yes, this is my address"), "link"),
            LINES,
            text(_("The link holds for a week.")),
            _WAS_NOT_ME,
        ),
        why=_("You get this mail because somebody asked for it with your address."),
        fields=(_LINK,),
    ),
    MailKind(
        key="own_confirm",
        label=_("confirm leaving, erasing or a copy of one's data"),
        category=ASKED_FOR,
        subject=_("Confirm what you asked for"),
        body=(
            text(_("You want to leave the program “{{ program_name }}”."), only_with="leave"),
            text(_("You want a copy of everything we have about you."), only_with="data"),
            text(_("You want us to erase everything that says who you are."), only_with="erase"),
            text(
                _(
                    "Because links are easily passed on, we ask you once more, here where only "
                    "you read it."
                )
            ),
            button(_("Go on"), "link"),
            text(_("The link holds for an hour.")),
            _WAS_NOT_ME,
        ),
        why=_("You get this mail because it was asked for on your own page."),
        fields=(
            _LINK,
            Field("leave", _("filled in when they want to leave"), True),
            Field("data", _("filled in when they want a copy of their data"), False),
            Field("erase", _("filled in when they want to be erased"), False),
        ),
    ),
)
