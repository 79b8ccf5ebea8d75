"""Blocks of the home page."""

from __future__ import annotations

from typing import Any

from wagtail import blocks

PICTURES = [
    ("roaster", "Roasting drum"),
    ("cup", "Cup on the quay"),
    ("sacks", "Sacks of beans"),
]


class StoryBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    text = blocks.RichTextBlock(features=["bold", "italic", "link", "ul"])
    picture = blocks.ChoiceBlock(choices=PICTURES)
    anchor = blocks.CharBlock(max_length=40, required=False, help_text="For links, e.g. about")

    class Meta:
        icon = "doc-full"
        template = "home/blocks/story.html"


class ProductsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    text = blocks.CharBlock(max_length=250, required=False)
    count = blocks.IntegerBlock(min_value=1, max_value=12, default=3)

    class Meta:
        icon = "tag"
        template = "home/blocks/products.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> Any:
        # The home app is loaded before the shop's models are.
        from example_site.shop.models import Product, ShopPage

        context = super().get_context(value, parent_context=parent_context)
        context["products"] = Product.objects.on_sale()[: value["count"]]
        context["shop_page"] = ShopPage.objects.live().first()
        return context


class VisitBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    address = blocks.TextBlock()
    hours = blocks.ListBlock(
        blocks.StructBlock(
            [("days", blocks.CharBlock(max_length=60)), ("times", blocks.CharBlock(max_length=60))]
        )
    )
    note = blocks.CharBlock(max_length=250, required=False)
    anchor = blocks.CharBlock(max_length=40, required=False)

    class Meta:
        icon = "site"
        template = "home/blocks/visit.html"
