"""What the roaster sells and has sold. Orders know coupons only as text."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

CURRENCY = "EUR"
ZERO = Decimal("0.00")


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> ProductQuerySet:
        return self.filter(is_on_sale=True)


@register_snippet
class Product(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True, help_text="Names the bag's picture as well.")
    kind = models.CharField(max_length=80, help_text="Origin and use, e.g. Ethiopia, filter")
    notes = models.CharField(max_length=200, help_text="How it tastes")
    grams = models.PositiveSmallIntegerField(default=250)
    price = models.DecimalField(
        max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    is_on_sale = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def picture(self) -> str:
        return f"example_site/art/bag-{self.slug}.svg"


class ShopPage(Page):
    introduction = RichTextField(features=["bold", "italic", "link"], blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    max_count = 1

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["products"] = Product.objects.on_sale()
        return context


class Order(models.Model):
    # Made with the form, so that a double click pays once.
    ticket = models.UUIDField(unique=True, default=uuid.uuid4)
    email = models.EmailField()
    lines = models.JSONField(default=list)
    goods = models.DecimalField(max_digits=9, decimal_places=2)
    discount = models.DecimalField(max_digits=9, decimal_places=2, default=ZERO)
    paid = models.DecimalField(max_digits=9, decimal_places=2)
    refunded = models.DecimalField(max_digits=9, decimal_places=2, default=ZERO)
    coupon_code = models.CharField(max_length=64, blank=True)
    friend_code = models.CharField(max_length=64, blank=True)
    # What the referral programme made of this order, in sentences for the staff.
    notes = models.JSONField(default=list)
    placed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-placed_at", "-pk"]
        indexes = [models.Index(fields=["-placed_at", "-id"], name="shop_order_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refunded__gte=0, refunded__lte=models.F("paid")),
                name="shop_order_refunded_within_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def number(self) -> str:
        return str(1000 + self.pk)

    @property
    def purchase_id(self) -> str:
        """The name of this purchase towards the referral programme."""
        return f"order-{self.number}"

    @property
    def left(self) -> Decimal:
        """What can still be refunded."""
        return self.paid - self.refunded


class Refund(models.Model):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    refunded_at = models.DateTimeField()

    class Meta:
        ordering = ["refunded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.amount} of {self.order}"
