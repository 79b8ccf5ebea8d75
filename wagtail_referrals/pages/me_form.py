"""Forms of a customer's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import conditional_escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..forms import PublicForm, no_web_address
from ..referrals.models import Advocate, ShownAs
from ..referrals.own import LONGEST_ALIAS, board_wording


class BoardForm(PublicForm):
    """Whether one is named on the board, and how."""

    shown_as = forms.ChoiceField(
        label=_("Where we thank those who recommend us"), widget=forms.RadioSelect, required=False
    )
    alias = forms.CharField(
        label=_("Another name"),
        help_text=_("Only if you chose one. Letters, not your e-mail address or a number."),
        max_length=LONGEST_ALIAS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, advocate: Advocate, *args: Any, **kwargs: Any) -> None:
        initial = {"shown_as": advocate.shown_as, "alias": advocate.alias}
        super().__init__(*args, initial=initial, **kwargs)
        self.without_captcha()
        first_name = advocate.person.first_name
        choices = [(ShownAs.NOBODY.value, gettext("Do not name me"))]
        if first_name:
            by_first_name = gettext("Name me by my first name: %(name)s") % {"name": first_name}
            choices.append((ShownAs.FIRST_NAME.value, by_first_name))
        choices.append((ShownAs.ALIAS.value, gettext("Name me by another name")))
        field = self.fields["shown_as"]
        field.choices = choices  # type: ignore[attr-defined]
        # Escaped here: template packs take hints for HTML.
        field.help_text = conditional_escape(board_wording(advocate))


class JoinProgramForm(PublicForm):
    """What somebody says who takes part: their first name, and yes to the terms."""

    name = forms.CharField(
        label=_("Your first name"),
        help_text=_("Your friends read it where your link leads them."),
        max_length=60,
        required=False,
        validators=[no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    terms = forms.BooleanField(
        label=_("I agree to the terms"),
        error_messages={"required": _("Tick the box to agree to the terms.")},
    )

    def __init__(self, *args: Any, has_name: bool, has_terms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.without_captcha()
        for field, wanted in (("name", not has_name), ("terms", has_terms)):
            if not wanted:
                del self.fields[field]
