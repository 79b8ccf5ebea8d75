"""What a condition is, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Options, Part, Registry, Span
from .facts import Facts


class Condition(Part):
    """A question about the facts; ``gentle`` is what the customer reads when the answer is no."""

    gentle: ClassVar[str | Promise] = _("Not everything the offer asks for was met.")

    def holds(self, options: Options, facts: Facts) -> bool:
        """The answer."""
        raise NotImplementedError

    def found(self, options: Options, facts: Facts) -> str:
        """What was found instead, for staff; at most 200 characters are kept."""
        return ""


conditions: Registry[Condition] = Registry("condition")


class RangeForm(forms.Form):
    """From and to, one of them at least."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        low, high = cleaned.get("at_least"), cleaned.get("at_most")
        if low is None and high is None and not self.errors:
            raise forms.ValidationError(gettext("Say at least how much, or at most how much."))
        if low is not None and high is not None and low > high:
            self.add_error("at_most", gettext("This is less than “at least”: nothing would match."))
        return cleaned


class NumberRangeForm(RangeForm):
    at_least = forms.IntegerField(
        label=_("At least"), min_value=0, max_value=100_000, required=False
    )
    at_most = forms.IntegerField(label=_("At most"), min_value=0, max_value=100_000, required=False)


def in_range(value: Any, options: Options) -> bool:
    """Whether the value is between the options' ends, which may be texts of decimals."""
    low, high = options.get("at_least"), options.get("at_most")
    above = low is None or value >= Decimal(str(low))
    return above and (high is None or value <= Decimal(str(high)))


def span(options: Options, number: Callable[[str], Any] = Decimal) -> Span:
    """The options' ends as values that can be compared."""
    low, high = options.get("at_least"), options.get("at_most")
    return Span(
        None if low is None else number(str(low)), None if high is None else number(str(high))
    )


def range_text(low: str | None, high: str | None) -> str:
    """ "from 3", "at most 5" or "from 3 to 5"."""
    if low is None:
        return gettext("at most %(high)s") % {"high": high}
    if high is None:
        return gettext("at least %(low)s") % {"low": low}
    return gettext("from %(low)s to %(high)s") % {"low": low, "high": high}


class LinesField(forms.CharField):
    """One value a line; a list of texts."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, list):
            return [str(line) for line in value]
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        super().run_validators("\n".join(value))
