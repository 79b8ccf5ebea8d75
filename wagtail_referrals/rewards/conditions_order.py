"""Conditions about the order, and when it happens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Demands, Options, Span
from ..programs.money import format_money, validate_currency
from .condition import Condition, LinesField, RangeForm, conditions, in_range, range_text, span
from .facts import Facts

# There is an order to look at: not so with a claim or a feedback.
ORDER: Demands = {"order": frozenset([True])}


class AmountForm(RangeForm):
    at_least = forms.DecimalField(
        label=_("At least"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    at_most = forms.DecimalField(
        label=_("At most"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    currency = forms.CharField(
        label=_("Currency"),
        min_length=3,
        max_length=3,
        validators=[validate_currency],
        help_text=_("Three letters, like EUR."),
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


@conditions.add
class OrderAmount(Condition):
    key = "order_amount"
    label = _("the order is of an amount")
    form_class = AmountForm
    gentle = _("The order was not of the amount this offer is for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        if facts.event.amount is None or facts.event.currency != options["currency"]:
            return False
        return in_range(facts.amount, options)

    def found(self, options: Options, facts: Facts) -> str:
        if facts.event.amount is None:
            return gettext("no amount")
        return f"{facts.amount} {facts.event.currency}"

    def describe(self, options: Options) -> str:
        ends = [options.get(name) for name in ("at_least", "at_most")]
        low, high = (
            None if end is None else format_money(Decimal(str(end)), options["currency"])
            for end in ends
        )
        return gettext("the order is %(range)s") % {"range": range_text(low, high)}

    def demands(self, options: Options) -> Demands:
        return {
            **ORDER,
            "currency": frozenset([options["currency"]]),
            f"amount in {options['currency']}": span(options),
        }


class CurrencyForm(forms.Form):
    currency = AmountForm.base_fields["currency"]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


@conditions.add
class OrderCurrency(Condition):
    key = "currency"
    label = _("the order is in a currency")
    form_class = CurrencyForm
    gentle = _("The order was in another currency than the offer.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return bool(facts.event.currency == options["currency"])

    def found(self, options: Options, facts: Facts) -> str:
        return facts.event.currency or gettext("none")

    def describe(self, options: Options) -> str:
        return gettext("the order is in %(currency)s") % options

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "currency": frozenset([options["currency"]])}


@conditions.add
class FirstPurchaseOnly(Condition):
    key = "first_purchase"
    label = _("it is the friend's first purchase")
    gentle = _("It was not the first purchase.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return facts.event.is_first_purchase

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "purchase": Span(1, 1)}


class ProductForm(forms.Form):
    skus = LinesField(
        label=_("Products"), required=False, max_length=2000, help_text=_("One SKU a line.")
    )
    categories = LinesField(
        label=_("Categories"), required=False, max_length=2000, help_text=_("One a line.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("skus") and not cleaned.get("categories") and not self.errors:
            raise forms.ValidationError(gettext("Name a product or a category."))
        return cleaned


@conditions.add
class ProductInOrder(Condition):
    key = "product"
    label = _("a product or a category is in the order")
    form_class = ProductForm
    gentle = _("The product this offer is for was not in the order.")

    def holds(self, options: Options, facts: Facts) -> bool:
        wanted = {"sku": options.get("skus", []), "category": options.get("categories", [])}
        return any(
            str(line.get(name, "")) in values
            for line in facts.items
            for name, values in wanted.items()
        )

    def found(self, options: Options, facts: Facts) -> str:
        names = [str(line.get("sku") or line.get("category") or "?") for line in facts.items]
        return ", ".join(names) or gettext("the shop told no products")

    def describe(self, options: Options) -> str:
        names = ", ".join([*options.get("skus", []), *options.get("categories", [])])
        return gettext("the order has one of %(names)s") % {"names": names}

    def demands(self, options: Options) -> Demands:
        return ORDER


class UsedForm(forms.Form):
    used = forms.TypedChoiceField(
        label=_("Coupon"),
        choices=[("yes", _("a coupon was used")), ("no", _("no coupon was used"))],
    )


@conditions.add
class CouponUsed(Condition):
    key = "coupon_used"
    label = _("a coupon was used on the order, or none")
    form_class = UsedForm
    gentle = _("The order used a coupon, or did not, other than the offer asks for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return (facts.event.coupon_id is not None) == (options["used"] == "yes")

    def describe(self, options: Options) -> str:
        used = options["used"] == "yes"
        return gettext("a coupon was used") if used else gettext("no coupon was used")

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "coupon": frozenset([options["used"]])}


class DateForm(RangeForm):
    at_least = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    at_most = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@conditions.add
class DateWindow(Condition):
    key = "date"
    label = _("it happens between two dates")
    form_class = DateForm
    gentle = _("It was outside the dates of the offer.")

    def holds(self, options: Options, facts: Facts) -> bool:
        day: date = facts.local_time.date()
        low, high = (parse_date(options.get(name, "")) for name in ("at_least", "at_most"))
        return (low is None or low <= day) and (high is None or day <= high)

    def found(self, options: Options, facts: Facts) -> str:
        return date_format(facts.local_time.date(), "SHORT_DATE_FORMAT")

    def describe(self, options: Options) -> str:
        days = [parse_date(options.get(name, "")) for name in ("at_least", "at_most")]
        low, high = (date_format(day, "SHORT_DATE_FORMAT") if day else None for day in days)
        if low and high:
            return gettext("it happens from %(low)s to %(high)s") % {"low": low, "high": high}
        if low:
            return gettext("it happens on %(low)s or later") % {"low": low}
        return gettext("it happens on %(high)s or before") % {"high": high}

    def demands(self, options: Options) -> Demands:
        return {"day": span(options, date.fromisoformat)}


class WeekdayForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )


@conditions.add
class Weekday(Condition):
    key = "weekday"
    label = _("it happens on a weekday")
    form_class = WeekdayForm
    gentle = _("It was on another day of the week.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return facts.local_time.weekday() in options["weekdays"]

    def found(self, options: Options, facts: Facts) -> str:
        return str(WEEKDAYS[facts.local_time.weekday()])

    def describe(self, options: Options) -> str:
        days = ", ".join(str(WEEKDAYS[day]) for day in options["weekdays"])
        return gettext("it happens on %(days)s") % {"days": days}

    def demands(self, options: Options) -> Demands:
        return {"weekday": frozenset(options["weekdays"])}
