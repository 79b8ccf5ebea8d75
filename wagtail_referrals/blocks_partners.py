"""StreamField blocks of a partner hub.

Those that show something of a hub (its directory, its partners' offers) are empty elsewhere.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Page

from .blocks_choosers import PartnerChooserBlock
from .pages.calendar import is_over
from .pages.cards import Card, cards_of, newest_in, newest_on
from .pages.seen import private_paths
from .partners.collateral_models import Audience, collateral_kinds
from .partners.shelf import shelf

HEADING = {"label": _("Heading"), "required": False, "max_length": 120}
MOST_CARDS = 30


def private_of(parent_context: Any) -> list[str]:
    """Where private sections begin: the hub knows it already, for another page it is asked."""
    known: list[str] | None = getattr((parent_context or {}).get("page"), "private_paths", None)
    return private_paths() if known is None else known


class LeadBlock(blocks.StructBlock):
    """What the hub promises, in large words."""

    text = blocks.RichTextBlock(
        label=_("Text"),
        features=["bold", "italic", "link"],
        help_text=_("Two or three sentences: for whom this guide is, and what they find."),
    )
    promise = blocks.CharBlock(
        label=_("Promise"),
        required=False,
        max_length=200,
        help_text=_("What you stand for: “We only name people we would send our mother to.”"),
    )

    class Meta:
        icon = "pilcrow"
        label = _("Lead and promise")
        template = "wagtail_referrals/blocks/lead_block.html"


class CardsBlock(blocks.StructBlock):
    """Pages of any type as cards: chosen ones, then the newest of a section or with a tag."""

    heading = blocks.CharBlock(**HEADING)
    pages = blocks.ListBlock(
        blocks.PageChooserBlock(label=_("Page")),
        label=_("Chosen pages"),
        default=[],
        max_num=MOST_CARDS,
        help_text=_("Articles, products, anything that helps. In this order."),
    )
    section = blocks.PageChooserBlock(
        label=_("Newest of"),
        required=False,
        help_text=_("The newest pages right below this one follow by themselves."),
    )
    tag = blocks.CharBlock(
        label=_("Newest with the tag"),
        required=False,
        max_length=100,
        help_text=_("Where your pages have tags: the newest pages with this one."),
    )
    count = blocks.IntegerBlock(
        label=_("How many of the newest"), min_value=1, max_value=MOST_CARDS, default=3
    )

    class Meta:
        icon = "grip"
        label = _("Pages as cards")
        template = "wagtail_referrals/blocks/cards_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        private = private_of(parent_context)
        chosen = [page for page in value["pages"] if page]
        cards = cards_of(chosen, private) if chosen else []
        count = value["count"] or 3
        if value["section"]:
            cards += newest_in(value["section"], count, private)
        if value["tag"] and (page := context.get("page")):
            cards += newest_on(value["tag"], count, private, page.locale_id)
        own = getattr(context.get("page"), "pk", None)
        by_page: dict[int, Card] = {}
        for card in cards:
            by_page.setdefault(card.page.pk, card)
        context["cards"] = [card for key, card in by_page.items() if key != own]
        return context


class DirectoryBlock(blocks.StructBlock):
    """The beginning of the directory, and the way into it."""

    heading = blocks.CharBlock(**HEADING)
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=2)

    class Meta:
        icon = "list-ul"
        label = _("Directory of partners")
        template = "wagtail_referrals/blocks/directory_block.html"


class FeaturedBlock(blocks.StructBlock):
    """A few partners, chosen by hand."""

    heading = blocks.CharBlock(**HEADING)
    partners = blocks.ListBlock(
        PartnerChooserBlock(),
        label=_("Partners"),
        max_num=12,
        help_text=_("Only who is active and has a live page is shown."),
    )

    class Meta:
        icon = "pick"
        label = _("Featured partners")
        template = "wagtail_referrals/blocks/featured_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        keys = [partner.pk for partner in value["partners"] if partner]
        hub: Any = context.get("page")
        context["featured"] = hub.listed(keys) if keys and hasattr(hub, "listed") else []
        return context


class JointOffersBlock(blocks.StructBlock):
    """What the hub's partners offer, as long as it is to be had."""

    heading = blocks.CharBlock(**HEADING)
    count = blocks.IntegerBlock(label=_("How many"), min_value=1, max_value=24, default=6)

    class Meta:
        icon = "tag"
        label = _("Joint offers")
        template = "wagtail_referrals/blocks/offers_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["offers"] = getattr(context.get("page"), "offers", [])[: value["count"] or 6]
        return context


class EventBlock(blocks.StructBlock):
    """An event or a webinar. It is not shown any more when it is over."""

    title = blocks.CharBlock(label=_("Title"), max_length=120)
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=2)
    starts = blocks.DateTimeBlock(label=_("Begins"))
    ends = blocks.DateTimeBlock(
        label=_("Ends"), required=False, help_text=_("Empty: an hour later.")
    )
    place = blocks.CharBlock(
        label=_("Place"), required=False, max_length=200, help_text=_("Empty: online.")
    )
    url = blocks.URLBlock(label=_("Link"), required=False, max_length=500)

    class Meta:
        icon = "calendar-alt"
        label = _("Event")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned["ends"] and cleaned["ends"] <= cleaned["starts"]:
            error = ValidationError(gettext("The end has to be after the start."))
            raise blocks.StructBlockValidationError(block_errors={"ends": error})
        if not (cleaned["place"] or cleaned["url"]):
            error = ValidationError(gettext("Say where it is, or give the link to join."))
            raise blocks.StructBlockValidationError(block_errors={"place": error})
        return cleaned


class EventsBlock(blocks.StructBlock):
    """Events and webinars to come."""

    heading = blocks.CharBlock(**HEADING)
    events = blocks.ListBlock(EventBlock(), label=_("Events"), max_num=24)

    class Meta:
        icon = "calendar-alt"
        label = _("Events and webinars")
        template = "wagtail_referrals/blocks/events_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        hub: Any = context.get("page")
        context["events"] = [
            (hub.event_address(key) if hasattr(hub, "event_address") else "", event)
            for key, event in to_come(value["events"])
        ]
        return context


def to_come(events: Any) -> list[tuple[str, Any]]:
    """The events of a list that are not over, each with its id; the next one first."""
    there = [(str(one.id), one.value) for one in events.bound_blocks if one.value["starts"]]
    return sorted(
        (one for one in there if not is_over(one[1])), key=lambda one: (one[1]["starts"], one[0])
    )


def any_collateral() -> list[tuple[str, str | Promise]]:
    """Kinds of collateral, and all of them. A function, as the kinds are."""
    return [("", _("of any kind")), *collateral_kinds()]


class ShelfBlock(blocks.StructBlock):
    """Material to take along: what is for everybody, in the hub's language or in none."""

    heading = blocks.CharBlock(**HEADING)
    kind = blocks.ChoiceBlock(label=_("Kind"), choices=any_collateral, required=False)
    count = blocks.IntegerBlock(label=_("How many"), min_value=1, max_value=24, default=6)

    class Meta:
        icon = "folder-open-inverse"
        label = _("Collateral shelf")
        template = "wagtail_referrals/blocks/shelf_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        program = getattr(context.get("page"), "loaded_program", None)
        kind, count = value["kind"], value["count"] or 6
        items = shelf(program, Audience.PUBLIC, get_language() or "") if program else []
        context["items"] = [one for one in items if not kind or one.collateral.kind == kind][:count]
        return context


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(label=_("Question"), max_length=200)
    answer = blocks.RichTextBlock(label=_("Answer"), features=["bold", "italic", "link", "ul"])

    class Meta:
        icon = "help"
        label = _("Question")


class QuestionsBlock(blocks.StructBlock):
    """Questions and answers."""

    heading = blocks.CharBlock(**HEADING)
    questions = blocks.ListBlock(QuestionBlock(), label=_("Questions"), max_num=24)

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "wagtail_referrals/blocks/questions_block.html"


def action_kinds() -> list[tuple[str, str | Promise]]:
    """What a visitor can be asked to do. A function, so that a new one makes no migration."""
    return [(key, words[0]) for key, words in ACTIONS.items()]


# The heading and the words on the button, where the editor wrote none.
ACTIONS: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "refer": (_("refer a friend"), _("Know somebody who would like this?"), _("Refer a friend")),
    "join": (
        _("become a partner"),
        _("Would you fit in here?"),
        _("Become a partner"),
    ),
    "introduce": (
        _("introduce somebody"),
        _("Know somebody one of us should meet?"),
        _("Introduce somebody"),
    ),
    "consult": (
        _("free consultation"),
        _("Not sure whom to ask?"),
        _("Book a free consultation"),
    ),
}


# What a hub has a form for: its route's name, and where it is below the hub.
OWN_FORMS = {"join": ("join", "join"), "introduce": ("show_introduce", "introduce")}


class ActionValue(blocks.StructValue):
    """A call to action as visitors see it."""

    @property
    def words(self) -> tuple[str, str]:
        """Its heading and what stands on the button."""
        _label, heading, button = ACTIONS.get(self.get("kind"), ACTIONS["refer"])
        return self.get("heading") or str(heading), self.get("button_label") or str(button)

    @property
    def address(self) -> str:
        """Where the button leads; "" for a draft, or a page that is gone."""
        page: Page | None = self.get("page")
        if page is None:
            return self.get("url") or ""
        return (page.url or "") if page.live else ""

    def address_on(self, hub: Any) -> str:
        """The same; where nothing was chosen, the hub's own form."""
        route, place = OWN_FORMS.get(self.get("kind"), ("", ""))
        if self.get("page") or self.get("url") or not hasattr(hub, route or "-"):
            return self.address
        return f"{hub.path_of(hub)}{place}/"


class ActionBlock(blocks.StructBlock):
    """A call to action: its words are there before the editor writes any."""

    kind = blocks.ChoiceBlock(label=_("What for"), choices=action_kinds, default="refer")
    heading = blocks.CharBlock(**{**HEADING, "help_text": _("Empty: our words.")})
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=2)
    page = blocks.PageChooserBlock(
        label=_("Page"),
        required=False,
        help_text=_("To become a partner or introduce somebody: empty is the hub's own form."),
    )
    url = blocks.URLBlock(label=_("Or a link"), required=False, max_length=500)
    button_label = blocks.CharBlock(
        label=_("Button"), required=False, max_length=40, help_text=_("Empty: our words.")
    )

    class Meta:
        icon = "arrow-right"
        label = _("Call to action")
        template = "wagtail_referrals/blocks/action_block.html"
        value_class = ActionValue

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["page"] or cleaned["url"] or cleaned["kind"] in OWN_FORMS):
            error = ValidationError(gettext("Choose a page, or give a link."))
            raise blocks.StructBlockValidationError(block_errors={"page": error})
        return cleaned

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        context["address"] = value.address_on(context.get("page"))
        return context
