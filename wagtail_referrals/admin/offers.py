"""Offers: what somebody gets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from ..programs.models import Offer
from .setup import SetupAdmin


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
        "valid_days",
        "max_uses",
    ]
    panels = [
        FieldPanel("name"),
        MultiFieldPanel(
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
        ),
        MultiFieldPanel(
            [
                FieldPanel("wording"),
                FieldPanel("fine_print", help_text=_("Small print under the offer.")),
            ],
            heading=_("In your words"),
        ),
        MultiFieldPanel(
            [
                FieldPanel(
                    "minimum_order",
                    help_text=_("The coupon is refused below it. Empty: any order."),
                ),
                FieldPanel(
                    "first_order_only",
                    help_text=_("The coupon is refused to somebody who has bought before."),
                ),
                FieldRowPanel([FieldPanel("valid_days"), FieldPanel("max_uses")]),
            ],
            heading=_("On what conditions"),
            help_text=_("A change counts for coupons issued from now on, not for those given out."),
        ),
    ]
    empty_text = _(
        "Begin here: one offer for the friend, like a free bag of beans, and one for the advocate."
    )
    instead_of_deleting = _("Choose another offer in those programs and rules first.")

    def minimum(self, offer: Offer) -> str:
        """The least an order has to be."""
        return ", ".join(offer.conditions)

    minimum.short_description = _("Conditions")  # type: ignore[attr-defined]
