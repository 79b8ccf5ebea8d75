from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from ..conf import setting
from ..forms import PublicForm


class ClaimForm(PublicForm):
    """One field, and the terms."""

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

    def __init__(self, *args: Any, has_terms: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages["required"] = _("Enter your e-mail address.")
        if not has_terms:
            del self.fields["terms"]


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
