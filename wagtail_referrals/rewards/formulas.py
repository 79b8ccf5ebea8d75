"""How much a rule grants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..exceptions import InvalidInput
from ..parts import Demands, Options, Part, Registry
from ..programs.money import amount_text, clean_amount, clean_currency, format_money, round_money
from ..programs.offers import percent_text
from .facts import Facts

Money = tuple[Decimal, str]


class Formula(Part):
    """An amount of money, from the facts."""

    def amount(self, options: Options, facts: Facts) -> Money | None:
        """The amount and its currency; None when there is none for these facts."""
        raise NotImplementedError

    def currencies(self, options: Options) -> frozenset[str]:
        """The currencies it may give; none named is the program's alone."""
        return frozenset()

    def after_refund(
        self, options: Options, amount: Money, ordered: Decimal, kept: Decimal
    ) -> Decimal:
        """What is left of ``amount`` when only ``kept`` of the order of ``ordered`` was kept."""
        return round_money(amount[0] * kept / ordered, amount[1]) if ordered else Decimal("0.00")


formulas: Registry[Formula] = Registry("formula")


def in_program_currency(options: Options) -> Demands:
    """What a formula demands that reckons from an order in the program's currency."""
    return {"order": frozenset([True]), "currency": frozenset([options["currency"]])}


def money(amount: str, options: Options) -> str:
    """A stored amount in the program's currency, as people write it."""
    return amount_text(amount, options.get("currency", ""))


def money_field(label: Any, **values: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_digits=12, decimal_places=2, **values
    )


class FixedForm(forms.Form):
    amount = money_field(_("Amount"), help_text=_("In the program's currency."))


@formulas.add
class Fixed(Formula):
    key = "fixed"
    label = _("a fixed amount")
    form_class = FixedForm

    def amount(self, options: Options, facts: Facts) -> Money | None:
        return Decimal(options["amount"]), facts.program.currency

    def describe(self, options: Options) -> str:
        return money(options["amount"], options)


class PercentForm(forms.Form):
    percent = forms.DecimalField(
        label=_("Percent of the order"),
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    floor = money_field(_("At least"), required=False)
    cap = money_field(_("At most"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        floor, cap = cleaned.get("floor"), cleaned.get("cap")
        if floor and cap and floor > cap:
            self.add_error("cap", gettext("This is less than “at least”."))
        return cleaned


@formulas.add
class PercentOfOrder(Formula):
    key = "percent"
    label = _("a percentage of the order")
    form_class = PercentForm

    def amount(self, options: Options, facts: Facts) -> Money | None:
        if facts.event.currency != facts.program.currency or not facts.amount:
            return None
        currency = facts.program.currency
        return self._share(options, facts.amount, currency), currency

    def after_refund(
        self, options: Options, amount: Money, ordered: Decimal, kept: Decimal
    ) -> Decimal:
        return self._share(options, kept, amount[1]) if kept else Decimal("0.00")

    def _share(self, options: Options, order: Decimal, currency: str) -> Decimal:
        share = round_money(order * Decimal(options["percent"]) / 100, currency)
        share = max(share, Decimal(options.get("floor", 0)))
        return min(share, Decimal(options["cap"])) if "cap" in options else share

    def describe(self, options: Options) -> str:
        words = [
            gettext("%(percent)s%% of the order")
            % {"percent": percent_text(Decimal(options["percent"]))}
        ]
        if "floor" in options:
            words.append(
                gettext("at least %(amount)s") % {"amount": money(options["floor"], options)}
            )
        if "cap" in options:
            words.append(gettext("at most %(amount)s") % {"amount": money(options["cap"], options)})
        return ", ".join(words)

    def demands(self, options: Options) -> Demands:
        return in_program_currency(options)


class StepsField(forms.CharField):
    """Lines like “4: 20”: from the fourth on, 20. A list of {"from": "4", "amount": "20.00"}."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(  # type: ignore[override]
        self, value: Any
    ) -> list[dict[str, str]]:
        if isinstance(value, list):
            return value
        steps = [self._step(line) for line in str(value or "").splitlines() if line.strip()]
        starts = [Decimal(step["from"]) for step in steps]
        if starts != sorted(set(starts)):
            raise forms.ValidationError(gettext("Each step begins above the one before it."))
        return steps

    def _step(self, line: str) -> dict[str, str]:
        start, _colon, amount = line.partition(":")
        try:
            return {
                "from": str(clean_amount(start.strip())),
                "amount": str(clean_amount(amount.strip())),
            }
        except InvalidInput:
            words = gettext("“%(line)s” is not a step. Write one like “4: 20”.")
            raise forms.ValidationError(words % {"line": line[:40]}) from None

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(
            f"{percent_text(Decimal(step['from']))}: {step['amount']}" for step in value
        )

    def run_validators(self, value: Any) -> None:
        if len(value) > 20:
            raise forms.ValidationError(gettext("At most 20 steps."))


class SteppedForm(forms.Form):
    by = forms.ChoiceField(
        label=_("By"),
        choices=[
            ("friends", _("how many friends have bought")),
            ("order", _("the amount of the order")),
        ],
    )
    steps = StepsField(
        label=_("Steps"),
        help_text=_("One a line, from where on and how much: “1: 10”, “4: 20”."),
    )


@formulas.add
class Stepped(Formula):
    key = "stepped"
    label = _("an amount in steps")
    form_class = SteppedForm

    def amount(self, options: Options, facts: Facts) -> Money | None:
        by_order = options["by"] == "order"
        if by_order and facts.event.currency != facts.program.currency:
            return None
        value = facts.amount if by_order else facts.friends_converted
        return self._step(options, Decimal(value)), facts.program.currency

    def after_refund(
        self, options: Options, amount: Money, ordered: Decimal, kept: Decimal
    ) -> Decimal:
        if options["by"] == "order":
            return self._step(options, kept)
        return super().after_refund(options, amount, ordered, kept)

    def _step(self, options: Options, value: Decimal) -> Decimal:
        reached = [step for step in options["steps"] if Decimal(step["from"]) <= value]
        return Decimal(reached[-1]["amount"]) if reached else Decimal("0.00")

    def describe(self, options: Options) -> str:
        by_order = options["by"] == "order"
        words = (
            gettext("%(amount)s on orders from %(start)s")
            if by_order
            else gettext("%(amount)s from friend number %(start)s on")
        )
        return ", ".join(
            words
            % {
                "amount": money(step["amount"], options),
                "start": money(step["from"], options)
                if by_order
                else percent_text(Decimal(step["from"])),
            }
            for step in options["steps"]
        )

    def demands(self, options: Options) -> Demands:
        return in_program_currency(options) if options["by"] == "order" else {}


class AmountsField(forms.CharField):
    """Lines like “EUR: 10”: a dict of currency and amount."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        if isinstance(value, dict):
            return value
        amounts: dict[str, str] = {}
        for line in filter(str.strip, str(value or "").splitlines()):
            code, _colon, amount = line.partition(":")
            try:
                currency = clean_currency(code)
                new = clean_amount(amount.strip())
            except InvalidInput:
                words = gettext("“%(line)s” is not a currency and an amount, like “EUR: 10”.")
                raise forms.ValidationError(words % {"line": line[:40]}) from None
            if currency in amounts:
                words = gettext("%(currency)s stands there twice.") % {"currency": currency}
                raise forms.ValidationError(words)
            amounts[currency] = str(new)
        return amounts

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{currency}: {amount}" for currency, amount in value.items())

    def run_validators(self, value: Any) -> None:
        """Each line was looked at already."""


class PerCurrencyForm(forms.Form):
    amounts = AmountsField(
        label=_("Amounts"), help_text=_("One currency a line: “EUR: 10”, “CHF: 11”.")
    )


@formulas.add
class PerCurrency(Formula):
    key = "per_currency"
    label = _("an amount by the order's currency")
    form_class = PerCurrencyForm

    def amount(self, options: Options, facts: Facts) -> Money | None:
        amount = options["amounts"].get(facts.event.currency)
        return (Decimal(amount), facts.event.currency) if amount else None

    def currencies(self, options: Options) -> frozenset[str]:
        return frozenset(options["amounts"])

    def describe(self, options: Options) -> str:
        amounts = options["amounts"].items()
        return ", ".join(format_money(Decimal(amount), code) for code, amount in amounts)

    def demands(self, options: Options) -> Demands:
        return {"order": frozenset([True]), "currency": frozenset(options["amounts"])}
