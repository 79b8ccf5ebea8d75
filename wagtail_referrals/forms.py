"""What every public form has: our rendering, two traps for machines, a captcha if wanted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core import signing
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from .captcha import captcha_error, captcha_field, shown_field
from .conf import setting

# For a name that stands in a mail: nobody advertises by our mails.
no_web_address = RegexValidator(
    r"://|\bwww\.|\w\.\w+/",
    _("Enter a name, not an address."),
    inverse_match=True,
    flags=re.IGNORECASE,
)

_signer = signing.TimestampSigner(salt="wagtail_referrals.form_shown")


class PublicForm(forms.Form):
    """A form for visitors. What a trap catches gets an error, and keeps what was typed."""

    # Names no question of an editor can have: Wagtail makes those from letters and underscores.
    trap_name = "referrals-website"
    stamp_name = "referrals-shown"
    captcha_name = "referrals-captcha"
    # What the hidden stamp says besides the time.
    stamped = "shown"

    error_messages = {
        "machine": _("This looked as if a machine had sent it. Please send it once more."),
        "too_many": _("Too many forms were sent from here. Please try again later."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.trap_name] = forms.CharField(
            required=False,
            label=_("Leave this field empty"),
            widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
        )
        self.fields[self.stamp_name] = forms.CharField(
            required=False, initial=lambda: _signer.sign(self.stamped), widget=forms.HiddenInput
        )
        self.captcha = captcha_field()
        if self.captcha:
            self.fields[self.captcha_name] = shown_field(self.captcha)

    def without_captcha(self) -> None:
        """For who came by a link of their own: that a person fills it in is known."""
        self.fields.pop(self.captcha_name, None)
        self.captcha = None

    @property
    def helper(self) -> FormHelper:
        """How crispy renders it. The page owns the form tag and the button."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.template_pack = setting("TEMPLATE_PACK")
        helper.layout = Layout(
            *(name for name in self.fields if name != self.trap_name),
            Div(self.trap_name, css_class="referrals-trap", aria_hidden="true"),
        )
        return helper

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        trapped = cleaned.pop(self.trap_name, "")
        stamp = cleaned.pop(self.stamp_name, "")
        cleaned.pop(self.captcha_name, None)
        # Where a field is wrong already, that is enough to say.
        if trapped or not (self.errors or self._took_its_time(stamp)):
            self.add_error(None, str(self.error_messages["machine"]))
            self._reset_traps()
        return cleaned

    def passes_captcha(self) -> bool:
        """Whether the captcha is solved, where there is one; if not, the error is beside it.

        To be asked when all else is right and counted: it may ask another server.
        """
        if self.captcha is None:
            return True
        solution = self[self.captcha_name].data
        if error := captcha_error(self.captcha, solution, self.data):
            self.add_error(self.captcha_name, error)
        return not self.errors

    def _took_its_time(self, stamp: str) -> bool:
        """Whether it was shown long enough ago. A page may come from a cache: no upper limit."""
        try:
            shown = _signer.unsign(stamp)
            _signer.unsign(stamp, max_age=timedelta(seconds=setting("FORM_MIN_SECONDS")))
        except signing.SignatureExpired:
            return True
        except signing.BadSignature:
            return False
        return not (shown and setting("FORM_MIN_SECONDS"))

    def stamp_within(self, time: timedelta) -> str:
        """What the stamp says, if it was made no longer ago than that; "" otherwise."""
        try:
            return _signer.unsign(self.data.get(self.stamp_name, ""), max_age=time)
        except signing.BadSignature:
            return ""

    def _reset_traps(self) -> None:
        # A QueryDict's copy may be changed; a plain dict's may anyway.
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.trap_name] = ""
        if not self._is_signed(data.get(self.stamp_name, "")):
            data[self.stamp_name] = _signer.sign(self.stamped)
        self.data = data

    @staticmethod
    def _is_signed(stamp: str) -> bool:
        try:
            return bool(_signer.unsign(stamp))
        except signing.BadSignature:
            return False

    def refuse_too_many(self) -> None:
        """Say that this client has sent too many."""
        self.full_clean()
        self.add_error(None, str(self.error_messages["too_many"]))
