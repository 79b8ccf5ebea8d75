"""StreamField blocks of a partner hub."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class LeadBlock(blocks.StructBlock):
    """What the hub promises, in large words."""

    text = blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link"])
    promise = blocks.CharBlock(
        label=_("Promise"),
        required=False,
        max_length=200,
        help_text=_("What you stand for: “We only name people we would send our mother to.”"),
    )

    class Meta:
        icon = "pilcrow"
        label = _("Lead and promise")


def hub_blocks() -> list[tuple[str, blocks.Block]]:
    """What a hub's body can hold. A site adds to it and takes from it in its subclass."""
    return [("lead", LeadBlock())]
