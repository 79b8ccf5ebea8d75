"""The products an offer is for: article numbers, one on each line of a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext

LONGEST_SKU = 64
MOST_SKUS = 500


class SkuListFormField(forms.CharField):
    """A text area of article numbers; its value is a list without repetitions."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        # What forms.JSONField takes and a text area has no use for.
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        return list(dict.fromkeys(filter(None, (str(line).strip() for line in lines))))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > MOST_SKUS:
            words = gettext("At most %(most)d article numbers.")
            raise ValidationError(words % {"most": MOST_SKUS})
        wrong = next((sku for sku in value if not _is_sku(sku)), None)
        if wrong is not None:
            words = gettext("“%(sku)s” is no article number of at most %(most)d characters.")
            raise ValidationError(words % {"sku": wrong[:LONGEST_SKU], "most": LONGEST_SKU})

    def run_validators(self, value: Any) -> None:
        """What a text's validators ask was asked of each line."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def _is_sku(text: str) -> bool:
    return len(text) <= LONGEST_SKU and text.isprintable()


class SkuListField(models.JSONField):
    """A list of article numbers; empty means any."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": SkuListFormField, **kwargs})

    def deconstruct(self) -> Any:
        # To a database it is JSON: no migration needs to know this class.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs
