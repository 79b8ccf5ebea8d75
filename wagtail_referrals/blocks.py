"""StreamField blocks for any page of the host site."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .programs.models import Program

# Sites whose rules forbid asking for a review (Yelp: "Don't ask for reviews").
ASKING_FORBIDDEN = frozenset(["yelp"])


class ReviewLinkBlock(blocks.StructBlock):
    """A place to write a public review."""

    label = blocks.CharBlock(label=_("Words on the button"), max_length=80)
    url = blocks.URLBlock(label=_("Address"), max_length=500)

    class Meta:
        icon = "link-external"
        label = _("Review link")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        address = urlsplit(cleaned["url"])
        if address.scheme not in ("http", "https"):
            raise self._refusal(_("Enter an address that begins with https://."))
        if ASKING_FORBIDDEN.intersection(str(address.hostname).split(".")):
            raise self._refusal(_("This site forbids asking for reviews. Leave it out."))
        return cleaned

    @staticmethod
    def _refusal(words: Any) -> blocks.StructBlockValidationError:
        return blocks.StructBlockValidationError(block_errors={"url": ValidationError(words)})


class FeedbackLinkBlock(blocks.StructBlock):
    """An invitation to the feedback form."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=3)
    page = blocks.PageChooserBlock(label=_("Page"))
    button_label = blocks.CharBlock(label=_("Button"), required=False, max_length=40)

    class Meta:
        icon = "form"
        label = _("Give feedback")
        template = "wagtail_referrals/blocks/link_block.html"


class ReferralOfferBlock(FeedbackLinkBlock):
    """What a friend gets, and the way to the page that says how."""

    class Meta:
        icon = "group"
        label = _("Refer a friend")
        template = "wagtail_referrals/blocks/offer_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        page = value["page"]
        program_id = getattr(page.specific if page else None, "program_id", None)
        program = _open_program(program_id) if program_id else None
        context["is_full"] = bool(program and program.full_since)
        context["friend_offer"] = (
            program.friend_offer if program and not program.full_since else None
        )
        return context


def _open_program(program_id: int) -> Program | None:
    program = Program.objects.select_related("friend_offer").filter(pk=program_id).first()
    return program if program and program.is_open() else None
