"""Offers: what somebody gets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from ..programs.models import Offer
from .offer_ways import OfferForm, OfferPanels, WaysPanel
from .setup import SetupAdmin

WHAT_THEY_GET = MultiFieldPanel(
    [
        FieldPanel(
            "kind",
            help_text=_(
                "Percent, amounts, credit and gift cards come off an order at the till; "
                "all else is handed over by you."
            ),
        ),
        FieldRowPanel([FieldPanel("amount"), FieldPanel("currency")]),
        FieldPanel("item"),
    ],
    heading=_("What they get"),
)
WORDS = MultiFieldPanel(
    [
        FieldPanel("wording"),
        FieldPanel("fine_print", help_text=_("Small print under the offer.")),
    ],
    heading=_("In your words"),
)
# The rules of use, for offers and for batches.
CONDITIONS = [
    FieldPanel("minimum_order", help_text=_("The coupon is refused below it. Empty: any order.")),
    FieldPanel("products"),
    FieldPanel(
        "first_order_only",
        help_text=_("The coupon is refused to somebody who has bought before."),
    ),
    FieldPanel("new_customers_only"),
    FieldPanel("max_uses_per_person"),
    FieldPanel("combinable"),
]


class OfferAdmin(SetupAdmin):
    model = Offer
    menu_label = _("Offers")
    menu_icon = "tag"
    list_display = ("name", "headline", "kind", "minimum", "valid_days", "max_uses")
    list_filter = ("kind", "first_order_only")
    list_export = (
        "name",
        "headline",
        "kind",
        "amount",
        "currency",
        "item",
        "minimum_order",
        "valid_days",
        "max_uses",
        "first_order_only",
        "new_customers_only",
        "max_uses_per_person",
        "combinable",
    )
    search_fields = ("name", "wording", "item")
    inspect_view_fields = [
        "name",
        "headline",
        "kind",
        "amount",
        "currency",
        "item",
        "fine_print",
        "minimum_order",
        "first_order_only",
        "new_customers_only",
        "max_uses_per_person",
        "products",
        "combinable",
        "valid_days",
        "max_uses",
    ]
    panels = [
        FieldPanel("name"),
        WHAT_THEY_GET,
        MultiFieldPanel([WaysPanel()], heading=_("How they get it")),
        WORDS,
        MultiFieldPanel(
            [*CONDITIONS, FieldRowPanel([FieldPanel("valid_days"), FieldPanel("max_uses")])],
            heading=_("On what conditions"),
            help_text=_("A change counts for coupons issued from now on, not for those given out."),
        ),
    ]
    edit_handler = OfferPanels(panels, base_form_class=OfferForm)
    empty_text = _(
        "Begin here: one offer for the friend, like a free bag of beans, and one for the advocate."
    )
    instead_of_deleting = _("Choose another offer in those programs and rules first.")

    def minimum(self, offer: Offer) -> str:
        """The least an order has to be."""
        return ", ".join(offer.conditions)

    minimum.short_description = _("Conditions")  # type: ignore[attr-defined]
