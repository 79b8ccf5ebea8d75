from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from ..conf import setting
from ..forms import PublicForm
from ..programs.models import Offer

# For so long a page keeps its word, also out of a cache.
PROMISE_HOLDS = timedelta(days=1)


class ClaimForm(PublicForm):
    """One field, and the terms. Its stamp says what the page promised to the friends of whom."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We send your coupon there."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    terms = forms.BooleanField(
        label=_("I agree to the terms of this offer"),
        error_messages={"required": _("Tick the box to agree to the terms.")},
    )

    def __init__(
        self,
        *args: Any,
        has_terms: bool = True,
        code_key: str = "",
        offer: Offer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self._of_code = f"{code_key}:"
        self.stamped = f"{self._of_code}{offer.pk if offer else ''}"
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address.")
        if not has_terms:
            del self.fields["terms"]

    @property
    def promised(self) -> int | None:
        """The key of the offer that the page promised; None when it said none, or long ago."""
        code, _colon, offer = self.stamp_within(PROMISE_HOLDS).rpartition(":")
        return int(offer) if f"{code}:" == self._of_code and offer.isdigit() else None


class CodeForm(forms.Form):
    """For a friend who was told a code instead of sent a link. Sent by GET: nothing is stored."""

    code = forms.CharField(
        label=_("Your friend's code"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    @property
    def helper(self) -> FormHelper:
        """How crispy renders it."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.template_pack = setting("TEMPLATE_PACK")
        return helper
