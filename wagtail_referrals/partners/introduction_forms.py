"""The form by which somebody introduces somebody: for visitors, and for staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..forms import PublicForm, no_web_address
from ..text import clean_line
from .introduction_models import acquaintances, ways
from .introductions import Told
from .models import Partner

AGREED, NOT_YET = "yes", "no"
US = "us"
# What the introduced person agreed to, as it is stored.
WORDING: str | Promise = _(
    "They agree that I pass on their name, how to reach them and what they need, and that they "
    "are contacted about it."
)


def agreements() -> list[tuple[str, str]]:
    """Whether they know of it. A function: a lazy text is put together in the first language."""
    return [
        (AGREED, gettext("Yes. %(wording)s") % {"wording": WORDING}),
        (NOT_YET, gettext("Not yet: give me a text that I send them myself. Nothing is stored.")),
    ]


phone_number = RegexValidator(
    r"^[0-9+()/. \-]*$", _("Enter a telephone number of digits, like +49 30 1234567.")
)


class IntroductionFields(forms.Form):
    """Who is introduced, to whom, how, and that they know of it."""

    giver_name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    giver_email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("We tell you there how it goes on."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Whom do you introduce?"), help_text=_("First and last name."), max_length=120
    )
    email = forms.EmailField(label=_("Their e-mail address"), max_length=254)
    phone = forms.CharField(
        label=_("Their telephone number"), max_length=40, required=False, validators=[phone_number]
    )
    need = forms.CharField(
        label=_("What do they need?"),
        help_text=_("In a sentence or two: what made you think of it?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    known = forms.ChoiceField(
        label=_("How well do you know them?"), choices=acquaintances, widget=forms.RadioSelect
    )
    way = forms.ChoiceField(
        label=_("How do you introduce them?"), choices=ways, widget=forms.RadioSelect
    )
    best_time = forms.CharField(
        label=_("When is it best to reach them?"), max_length=120, required=False
    )

    def told(self) -> Told:
        """What was said, once the form is valid and they agreed."""
        said = self.cleaned_data
        names = ("email", "way", "name", "phone", "need", "known", "best_time")
        return Told(consent=str(WORDING), **{name: said[name] for name in names})

    def clean_name(self) -> str:
        return self._line("name")

    def clean_giver_name(self) -> str:
        return self._line("giver_name")

    def _line(self, name: str) -> str:
        line = clean_line(self.cleaned_data[name], 120)
        if not line:
            raise forms.ValidationError(gettext("Enter a name."))
        # It stands in a mail to whatever address was typed.
        no_web_address(line)
        return line

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        own, theirs = cleaned.get("giver_email"), cleaned.get("email")
        if own and theirs and own.casefold() == theirs.casefold():
            self.add_error("email", gettext("This is your own address. Enter theirs."))
        return cleaned


class IntroduceForm(IntroductionFields, PublicForm):
    """The public form. Without the person's yes it makes a text to send by oneself, no more."""

    to = forms.ChoiceField(label=_("To whom?"), initial=US)
    agreed = forms.ChoiceField(
        label=_("Do they know of it?"),
        choices=agreements,
        widget=forms.RadioSelect,
    )
    wanted = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
    field_order = (
        "to",
        "name",
        "need",
        "known",
        "way",
        "agreed",
        "email",
        "phone",
        "best_time",
        "giver_name",
        "giver_email",
    )

    def __init__(
        self, *args: Any, partners: Sequence[Partner] = (), us: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {str(partner.pk): partner for partner in partners}
        if self.partners:
            to: Any = self.fields["to"]
            to.choices = [(US, us), *((key, one.name) for key, one in self.partners.items())]
        else:
            del self.fields["to"]
        self._say_what_is_missing()
        # A text to send by oneself needs no address.
        if self.is_bound and self.data.get("agreed") == NOT_YET:
            for name in ("email", "giver_email", "known", "way"):
                self.fields[name].required = False

    def _say_what_is_missing(self) -> None:
        words = {
            "giver_name": _("Enter your name."),
            "giver_email": _("Enter your e-mail address."),
            "name": _("Enter the name of whom you introduce."),
            "email": _("Enter their e-mail address, so that they can be reached."),
            "need": _("Say what they need."),
            "known": _("Choose how well you know them."),
            "way": _("Choose how you introduce them."),
            "agreed": _("Say whether they agreed. We keep nothing of somebody who did not."),
        }
        for name, sentence in words.items():
            self.fields[name].error_messages["required"] = sentence

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # A page from a cache names a partner that is there no more: it is not for us instead.
        if "to" not in self.fields and self.data.get("to", US) not in ("", US):
            raise forms.ValidationError(gettext("They take nobody at the moment. Begin anew."))
        return cleaned

    @property
    def chosen(self) -> Partner | None:
        """To whom, once the form is valid; None for us."""
        return self.partners.get(self.cleaned_data.get("to", US))

    @property
    def has_consent(self) -> bool:
        """Whether they agreed, once the form is valid."""
        return bool(self.cleaned_data["agreed"] == AGREED)
