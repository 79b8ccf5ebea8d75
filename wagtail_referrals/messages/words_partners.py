"""Our words for mails to partners, and to who introduced somebody."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from .kinds import ASKED_FOR, PARTNERS, THANKS, Field, MailKind, button, text

NAME = Field("partner_name", _("name of the partner"), _("The bicycle shop"))
OWN_PAGE = Field("own_page", _("link to their own page"), "https://example.org/partner/")
WHY = _("You get this mail because you are a partner of ours, or asked to be one.")
KEEP_TO_YOURSELF = text(
    _(
        "Whoever has this address gets in, so keep it to yourself. It holds for a month; after "
        "that you can have a new one sent to you."
    )
)


def _state_values(context: dict[str, Any]) -> dict[str, Any]:
    state = context.get("state")
    known = state in ("active", "paused")
    return {
        "goes_on": state == "active",
        "paused": state == "paused",
        "ended": not known,
        "news": {"active": _("it goes on"), "paused": _("it is paused")}.get(
            str(state), _("it has ended")
        ),
    }


KINDS = (
    MailKind(
        key="partner_invitation",
        label=_("invitation to be a partner"),
        category=PARTNERS,
        subject=_("{{ site_name }} would like to recommend you"),
        body=(
            text(
                _(
                    "We would like to introduce people to {{ partner_name|you }}, and ask you how "
                    "best to do it: who your ideal client is, what they say, how you work."
                )
            ),
            text(
                _(
                    "A completed example stands beside the form. It takes about ten minutes, and "
                    "from your answers we make a page about you."
                )
            ),
            button(_("Open the form"), "join_link"),
            text(_("The address is for you alone.")),
        ),
        why=_(
            "You get this mail because somebody here would like to be your partner. If you do not "
            "want that, do nothing: we do not ask again."
        ),
        fields=(
            NAME,
            Field("join_link", _("link to the form"), "https://example.org/join/"),
            OWN_PAGE,
        ),
    ),
    MailKind(
        key="partner_link",
        label=_("partner's own page"),
        category=ASKED_FOR,
        subject=_("Your own page with us"),
        body=(
            text(
                _(
                    "On it you see your link, what came of it, and the introductions between us. "
                    "You can change what your page says, and pause."
                )
            ),
            button(_("Open your own page"), "own_page"),
            KEEP_TO_YOURSELF,
        ),
        why=WHY,
        fields=(NAME, OWN_PAGE),
    ),
    MailKind(
        key="partner_published",
        label=_("partner's page is online"),
        category=PARTNERS,
        subject=_("The page of {{ partner_name }} is online"),
        body=(
            text(
                _("Thank you for your answers. Your page is online:\n{{ page_url }}"),
                only_with="page_url",
            ),
            text(_("Thank you for your answers. Your page is online."), only_with="!page_url"),
            text(
                _(
                    "From now on you have a link of your own, with what we give the friends you "
                    "send us, and we introduce people to you."
                )
            ),
            button(_("See your link on your own page"), "own_page"),
            KEEP_TO_YOURSELF,
        ),
        why=WHY,
        fields=(
            NAME,
            OWN_PAGE,
            Field("page_url", _("link to the page"), "https://example.org/partners/bicycles/"),
        ),
    ),
    MailKind(
        key="partner_state",
        label=_("partnership paused, ended or going on"),
        category=PARTNERS,
        subject=_("Our partnership: {{ news }}"),
        body=(
            text(
                _(
                    "{{ partner_name }} is our partner again: your link works, and we introduce "
                    "people to you."
                ),
                only_with="goes_on",
            ),
            text(
                _(
                    "We have paused our partnership with {{ partner_name }}: your link leads "
                    "nowhere for now, and we introduce nobody."
                ),
                only_with="paused",
            ),
            text(
                _(
                    "Our partnership with {{ partner_name }} has ended: your link leads nowhere "
                    "any more. What you earned stays yours."
                ),
                only_with="ended",
            ),
            text(_("If you have a question, write to us.")),
        ),
        why=WHY,
        fields=(
            NAME,
            OWN_PAGE,
            Field("news", _("what has changed"), _("it is paused")),
            Field("goes_on", _("it goes on"), False),
            Field("paused", _("it is paused"), True),
            Field("ended", _("it has ended"), False),
        ),
        derive=_state_values,
    ),
    MailKind(
        key="introduction_received",
        label=_("introduction for a partner"),
        category=PARTNERS,
        subject=_("Somebody was introduced to {{ partner_name }}"),
        body=(
            text(
                _(
                    "Somebody was introduced to {{ partner_name }}: they agreed that you get in "
                    "touch."
                )
            ),
            text(_("Who it is and what they need is on a page for you alone.")),
            button(_("See who it is"), "link"),
        ),
        why=_("You get this mail because you are our partner."),
        fields=(NAME, Field("link", _("link to the page"), "https://example.org/introduction/")),
    ),
    MailKind(
        key="introduction_stage",
        label=_("how an introduction goes on"),
        category=THANKS,
        subject=_("Your introduction"),
        body=(text("{{ words }}"),),
        why=_("You get this mail because you introduced somebody."),
        fields=(
            Field(
                "words",
                _("what is new"),
                _("Jonas and the bicycle shop have met.\nThank you for bringing them together."),
            ),
        ),
    ),
)
