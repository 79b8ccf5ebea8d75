"""How a business wants to be introduced: the form it fills in, with an example for each answer."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core.validators import URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..forms import PublicForm, no_web_address
from ..partners.models import cooperation_kinds
from .logo import LogoField

MOST_LINKS = 5
# What is said where nothing was written.
MISSING: dict[str, str | Promise] = {
    "business": _("Enter the name of your business."),
    "summary": _("Say in one sentence what your clients get from you."),
    "serves": _("Say who your ideal client is."),
    "phrases": _("Write down at least one thing they say."),
    "works": _("Say how you work."),
    "contact": _("Enter your name."),
    "email": _("Enter your e-mail address."),
}
_is_web_address = URLValidator(schemes=["http", "https"])

# A completed form, to be read beside an empty one.
EXAMPLE: dict[str, str | Promise] = {
    "business": _("Harbour Bicycles"),
    "summary": _("We keep the bicycles of people who ride to work on the road, within a day."),
    "serves": _("People who cycle to work all year round, and firms with bicycles of their own."),
    "spot": _("They come in wet, with a helmet in the hand, or have a company bicycle."),
    "phrases": _("My brakes are screaming\nI could not cycle today\nWho looks after our bicycles?"),
    "works": _("They ring, we say a price, fetch the bicycle at noon and bring it back at six."),
    "different": _("We lend a bicycle for the day, and every price is on the door."),
    "offer": _("The first check is free"),
    "links": _("https://example.org/prices"),
}


class WebAddressField(forms.CharField):
    """An address on the web; one that is typed without its scheme gets it."""

    default_error_messages = {
        "invalid": _("Enter a web address like https://example.org."),
    }

    def to_python(self, value: Any) -> str:
        address = super().to_python(value) or ""
        return address if not address or ":" in address else f"https://{address}"

    def run_validators(self, value: str) -> None:
        super().run_validators(value)
        if value:
            try:
                _is_web_address(value)
            except forms.ValidationError:
                raise forms.ValidationError(self.error_messages["invalid"]) from None


class LinksField(forms.CharField):
    """Some addresses on the web, one on each line; cleaned to a list."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINKS:
            words = ngettext("Give %(most)d link.", "Give at most %(most)d links.", MOST_LINKS)
            raise forms.ValidationError(words % {"most": MOST_LINKS})
        one = WebAddressField(max_length=200)
        try:
            return [one.clean(line) for line in lines]
        except forms.ValidationError:
            words = gettext("Enter web addresses like https://example.org, one on each line.")
            raise forms.ValidationError(words) from None


def _text(label: Any, help_text: Any, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ProfileForm(PublicForm):
    """What visitors will read about the business, once an editor has published it."""

    summary = forms.CharField(
        label=_("What your clients get from you, in one sentence"),
        help_text=_("What is better for them afterwards, in words they would use."),
        max_length=200,
    )
    serves = _text(_("Your ideal client"), _("Who they are, and what they are in need of."))
    spot = _text(
        _("How to spot one"), _("What somebody sees who stands beside them."), required=False
    )
    phrases = _text(
        _("What they say"),
        _("Phrases to listen for, one on each line."),
    )
    works = _text(_("How you work"), _("What happens from the first call on, in a few steps."))
    different = _text(
        _("What makes you different"), _("From others in your trade."), required=False
    )
    town = forms.CharField(label=_("Your town"), max_length=80, required=False)
    logo = LogoField(
        label=_("Your logo"),
        required=False,
        help_text=_("A PNG, JPEG, WebP or GIF file."),
    )
    links = LinksField(
        label=_("Links"),
        required=False,
        max_length=1200,
        help_text=_("To what shows your work best, one on each line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    takes_new_clients = forms.BooleanField(
        label=_("We take new clients at the moment"), required=False, initial=True
    )

    fieldsets: list[tuple[Any, tuple[str, ...]]] = [
        (
            _("How to introduce you"),
            ("summary", "serves", "spot", "phrases", "works", "different"),
        ),
        (_("To be shown with it"), ("town", "logo", "links", "takes_new_clients")),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As they stand on the page: the list of errors follows them.
        self.order_fields([name for _legend, names in self.fieldsets for name in names])
        for name in MISSING.keys() & self.fields.keys():
            self.fields[name].error_messages["required"] = str(MISSING[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors and self.files and "logo" not in self.errors:
            self["logo"].help_text = _("Choose it once more: no browser keeps it.")
        return cleaned

    @property
    def helper(self) -> FormHelper:
        """In groups, each with its legend."""
        helper = super().helper
        named = [name for _legend, names in self.fieldsets for name in names]
        groups = [
            Fieldset(str(legend), *(name for name in names if name in self.fields))
            for legend, names in self.fieldsets
        ]
        others = [name for name in self.fields if name not in (*named, self.trap_name)]
        trap = Div(self.trap_name, css_class="referrals-trap", aria_hidden="true")
        helper.layout = Layout(*groups, *others, trap)
        return helper


class JoinForm(ProfileForm):
    """The whole form of a business that would like to be a partner."""

    business = forms.CharField(
        label=_("Name of your business"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    offer = forms.CharField(
        label=_("An offer for our customers"),
        help_text=_("In a line. It stands on your page."),
        max_length=120,
        required=False,
    )
    website = WebAddressField(
        label=_("Your website"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    contact = forms.CharField(
        label=_("Your name"),
        max_length=120,
        validators=[no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("Not shown to anybody. The link to your own page goes there."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Your telephone number"),
        help_text=_("For us only."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    cooperation = forms.MultipleChoiceField(
        label=_("What would you like to do with us?"),
        choices=cooperation_kinds,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    fieldsets = [
        (_("Your business"), ("business", "website")),
        *ProfileForm.fieldsets,
        (_("Together with us"), ("offer", "cooperation")),
        (_("How we reach you"), ("contact", "email", "phone")),
    ]

    def __init__(self, *args: Any, is_invited: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_invited:
            # Where the invitation went to.
            del self.fields["email"]
