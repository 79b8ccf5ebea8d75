"""The yardsticks' tables and pages: what a site would write without us."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from modelcluster.fields import ParentalKey
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.fields import RichTextField
from wagtail.models import Page


class PlainClick(models.Model):
    """As wide as a click, with the index that a foreign key brings."""

    advocate_id = models.BigIntegerField(db_index=True)
    visitor = models.CharField(max_length=32)
    channel = models.CharField(max_length=20, blank=True)
    occurred_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.visitor


class PlainCoupon(models.Model):
    code = models.CharField(max_length=32, unique=True)
    uses = models.PositiveIntegerField(default=0)
    max_uses = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.code


class PlainRedemption(models.Model):
    coupon = models.ForeignKey(PlainCoupon, on_delete=models.CASCADE)
    order_id = models.CharField(max_length=255)
    order_total = models.DecimalField(max_digits=12, decimal_places=2)
    discount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    redeemed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.order_id


class PlainPurchase(models.Model):
    """As many values as a line of the purchases file."""

    email = models.CharField(max_length=254)
    order_id = models.CharField(max_length=255)
    ordered_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    items = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.order_id


def _to(model: str) -> models.ForeignKey:
    """A foreign key as Django makes it: with an index, and checked by the database."""
    return models.ForeignKey(f"wagtail_referrals.{model}", models.CASCADE, related_name="+")


class PlainAsk(models.Model):
    """An ask as a site would store it: three foreign keys, and when it is due."""

    touchpoint = _to("Touchpoint")
    person = _to("Person")
    event = _to("Event")
    asks_for = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    due_at = models.DateTimeField(db_index=True)
    planned_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.state


class PlainLandingPage(Page):
    """The landing page's template on a bare page, its values made beforehand."""

    template = "wagtail_referrals/pages/referral_page.html"
    friend_heading = button_label = introduction = ""
    image = None
    # What our page's view put into the context, set by the benchmark.
    values: dict[str, Any] = {}

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), **self.values}


class PlainFormPage(AbstractForm):
    """A form as Wagtail's documentation makes one."""

    template = "benchmarks/plain_form.html"
    landing_page_template = "benchmarks/plain_form_landing.html"
    intro = RichTextField(blank=True)
    thank_you_text = RichTextField(blank=True)


class PlainFormField(AbstractFormField):
    page = ParentalKey(PlainFormPage, on_delete=models.CASCADE, related_name="form_fields")


class PlainHubPage(Page):
    """The hub's templates on a bare page, what they show being loaded beforehand."""

    template = "benchmarks/plain_hub.html"
    # What the hub's blocks would have asked for, set by the benchmark.
    values: dict[str, Any] = {}

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return {**context, "referrals_base": "base.html", **self.values}
