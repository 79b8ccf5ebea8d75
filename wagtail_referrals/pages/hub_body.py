"""What the body of a hub is made of, and what a new one begins with."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from wagtail import blocks

from ..blocks import TestimonialSliderBlock, TestimonialWallBlock
from ..blocks_partners import (
    ActionBlock,
    CardsBlock,
    DirectoryBlock,
    EventsBlock,
    FeaturedBlock,
    JointOffersBlock,
    LeadBlock,
    QuestionsBlock,
    ShelfBlock,
    to_come,
)
from ..blocks_people import LeaderboardBlock, WallOfThanksBlock

BlockList = list[tuple[str, blocks.Block]]


def hub_blocks(*, without: tuple[str, ...] = (), more: BlockList | None = None) -> BlockList:
    """What a hub's body can hold; a site's own hub leaves some out and adds its own.

    ``body = StreamField(hub_blocks(without=("events",), more=[("map", MapBlock())]))``
    """
    ours: BlockList = [
        ("lead", LeadBlock()),
        ("cards", CardsBlock()),
        ("directory", DirectoryBlock()),
        ("featured", FeaturedBlock()),
        ("offers", JointOffersBlock()),
        ("events", EventsBlock()),
        ("shelf", ShelfBlock()),
        ("testimonials", TestimonialWallBlock()),
        ("testimonials_slider", TestimonialSliderBlock()),
        ("wall_of_thanks", WallOfThanksBlock()),
        ("board", LeaderboardBlock()),
        ("questions", QuestionsBlock()),
        ("action", ActionBlock()),
    ]
    return [block for block in ours if block[0] not in without] + (more or [])


def has_block(body: Any, kind: str) -> bool:
    """Whether a body holds a block of that kind."""
    return any(block.block_type == kind for block in body or ())


def events_in(body: Any) -> list[tuple[str, Any]]:
    """Every event of a body that is not over, with its id."""
    found = [block.value["events"] for block in body or () if block.block_type == "events"]
    return [event for events in found for event in to_come(events)]


def first_body() -> list[tuple[str, Any]]:
    """What a new hub begins with. An editor changes it."""
    question = gettext("How do you choose whom you name?")
    answer = gettext("We have worked with every one of them ourselves, for a year at least.")
    return [
        (
            "lead",
            {
                "text": gettext(
                    "Whom do we ask when we need help ourselves? Here are the people we trust, "
                    "what they are good at, and how to reach them."
                ),
                "promise": gettext("We only name people we have worked with ourselves."),
            },
        ),
        ("directory", {"heading": gettext("People we trust"), "text": ""}),
        ("offers", {"heading": gettext("Only for our customers"), "count": 6}),
        (
            "questions",
            {
                "heading": gettext("Questions"),
                "questions": [{"question": question, "answer": f"<p>{answer}</p>"}],
            },
        ),
    ]


def fill_in_body(page: Any, **kwargs: Any) -> None:
    """A new hub opens with a useful body."""
    names = {block[0] for block in first_body()}
    body = getattr(page, "body", None)
    if not hasattr(page, "list_partners") or body or body is None:
        return
    children = body.stream_block.child_blocks
    page.body = [
        (name, children[name].normalize(value))
        for name, value in first_body()
        if name in names and name in children
    ]
