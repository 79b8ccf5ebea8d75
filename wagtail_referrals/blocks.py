"""StreamField blocks for any page of the host site."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from .feedback.review_sites import review_address, site_at, site_choices
from .feedback.selection import average_stars, select
from .feedback.testimonial_models import public
from .programs.models import Program
from .programs.variants import offers_for_anybody


class ReviewLinkValue(blocks.StructValue):
    """A link as visitors see it."""

    @property
    def address(self) -> str:
        """Where it leads; "" for what an editor's draft has no address of yet."""
        try:
            return review_address(self.get("site") or "own", self.get("url") or "")
        except ValidationError:
            return ""

    @property
    def words(self) -> str:
        """What stands on the button."""
        label: str = self.get("label") or ""
        if label:
            return label
        found = site_at(self.address)
        if found is None:
            return gettext("Write a review")
        return gettext("Write a review on %(site)s") % {"site": found.label}


class ReviewLinkBlock(blocks.StructBlock):
    """A place to write a public review. The same for everybody who gets to the links."""

    site = blocks.ChoiceBlock(label=_("Site"), choices=site_choices, default="own")
    url = blocks.CharBlock(
        label=_("Address"),
        max_length=500,
        help_text=_(
            "The address where a review is written. Google: a place id will do; Facebook: the "
            "page's name; Trustpilot: your domain."
        ),
    )
    label = blocks.CharBlock(
        label=_("Words on the button"),
        max_length=80,
        required=False,
        help_text=_("Empty: “Write a review on …”."),
    )

    class Meta:
        icon = "link-external"
        label = _("Review link")
        value_class = ReviewLinkValue

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        try:
            review_address(cleaned["site"], cleaned["url"])
        except ValidationError as error:
            raise blocks.StructBlockValidationError(block_errors={"url": error}) from None
        return cleaned


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
        program_id = _program_of(page)
        program = _open_program(program_id) if program_id else None
        context["is_full"] = bool(program and program.full_since)
        gives = program and not program.full_since
        context["friend_offer"] = offers_for_anybody(program)[0] if program and gives else None
        return context


def _open_program(program_id: int) -> Program | None:
    program = Program.objects.select_related("friend_offer").filter(pk=program_id).first()
    return program if program and program.is_open() else None


class TestimonialBlock(blocks.StructBlock):
    """One customer's words."""

    testimonial = SnippetChooserBlock("wagtail_referrals.Testimonial", label=_("Testimonial"))

    class Meta:
        icon = "openquote"
        label = _("Customer's words")
        template = "wagtail_referrals/blocks/testimonial_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        chosen = value["testimonial"]
        # Whether it may still be seen is asked each time.
        context["testimonial"] = public().filter(pk=chosen.pk).first() if chosen else None
        return context


class TestimonialWallBlock(blocks.StructBlock):
    """What customers say, the newest first: of the program that a page belongs to."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    page = blocks.PageChooserBlock(
        label=_("Whose words"),
        help_text=_("A feedback page: the words of everybody in its program."),
    )
    count = blocks.IntegerBlock(label=_("How many"), min_value=1, max_value=24, default=6)

    class Meta:
        icon = "openquote"
        label = _("Customers' words, a wall")
        template = "wagtail_referrals/blocks/testimonials_block.html"
        form = "wall"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        program_id = _program_of(value["page"])
        context["selection"] = select(program_id, value["count"] or 6) if program_id else None
        context["form"] = self.meta.form
        return context


class TestimonialSliderBlock(TestimonialWallBlock):
    """The same side by side, to be moved by hand; it never moves by itself."""

    class Meta:
        icon = "openquote"
        label = _("Customers' words, side by side")
        form = "slider"


class AverageRatingBlock(blocks.StructBlock):
    """How many stars all who answered gave, on average; never of a selection."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    page = blocks.PageChooserBlock(
        label=_("Whose stars"),
        help_text=_("A feedback page: the stars of everybody in its program."),
    )

    class Meta:
        icon = "pick"
        label = _("Average stars")
        template = "wagtail_referrals/blocks/average_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        program_id = _program_of(value["page"])
        context["average"] = average_stars(program_id) if program_id else None
        return context


def _program_of(page: Any) -> int | None:
    """The key of the program a chosen page belongs to."""
    program_id: int | None = getattr(page.specific if page else None, "program_id", None)
    return program_id
