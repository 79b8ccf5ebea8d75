"""The till's form, and the refund's."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms

from example_site.shop.models import CURRENCY, ZERO, Order, Product

MOST = Decimal("99999.99")


class TillForm(forms.Form):
    other = forms.DecimalField(
        label="Anything else",
        help_text="An amount in euros, for instance 4.50 for a flat white and a bun.",
        min_value=ZERO,
        max_value=MOST,
        decimal_places=2,
        required=False,
    )
    email = forms.EmailField(
        label="Customer's e-mail",
        help_text="For the receipt.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    coupon_code = forms.CharField(
        label="Coupon (optional)",
        help_text="As printed in the mail. Capitals and dashes do not matter.",
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    friend_code = forms.CharField(
        label="A friend's code (optional)",
        help_text="If somebody sent them: the code at the end of the friend's link.",
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    ticket = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, products: list[Product], **kwargs: Any) -> None:
        kwargs["initial"] = {"ticket": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.products = products
        for product in products:
            self.fields[self._name(product)] = forms.IntegerField(
                label=product.name, min_value=0, max_value=99, required=False
            )

    @staticmethod
    def _name(product: Product) -> str:
        return f"count_{product.pk}"

    def product_lines(self) -> list[tuple[Product, forms.BoundField]]:
        return [(product, self[self._name(product)]) for product in self.products]

    def code_fields(self) -> list[forms.BoundField]:
        return [self["email"], self["coupon_code"], self["friend_code"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if self.goods() <= 0:
            raise forms.ValidationError("Put something on the bill first.", code="empty")
        if self.goods() > MOST:
            raise forms.ValidationError("That is more than this till can count.", code="too_much")
        return data

    def lines(self) -> list[dict[str, Any]]:
        """The bill, as the order keeps it."""
        lines: list[dict[str, Any]] = []
        for product in self.products:
            count = self.cleaned_data.get(self._name(product)) or 0
            if count:
                price = product.price * count
                line = {"sku": product.slug, "name": product.name, "count": count}
                lines.append({**line, "price": str(price)})
        other = self.cleaned_data.get("other")
        if other:
            lines.append({"name": "Anything else", "count": 1, "price": str(other)})
        return lines

    def goods(self) -> Decimal:
        return sum((Decimal(line["price"]) for line in self.lines()), ZERO)


class RefundForm(forms.Form):
    amount = forms.DecimalField(
        label="Amount to refund", decimal_places=2, min_value=Decimal("0.01"), max_value=MOST
    )
    # What was refunded when the form was shown: a double click no longer fits.
    seen = forms.DecimalField(widget=forms.HiddenInput, decimal_places=2, max_value=MOST)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        kwargs["initial"] = {"amount": order.left, "seen": order.refunded}
        super().__init__(*args, **kwargs)
        self.order = order

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount > self.order.left:
            raise forms.ValidationError(
                f"At most {self.order.left} {CURRENCY} of this order can be refunded."
            )
        return amount
