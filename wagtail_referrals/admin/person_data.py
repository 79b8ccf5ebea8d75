"""What a person may ask for: all their data, and taking a permission back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from ..pages.data_file import FORMATS, data_file
from ..people.consent import withdraw_by_staff
from ..people.log import EXPORTED, note
from ..people.models import Consent, Person
from ..programs.access import hidden_programs
from ..text import clean_reason
from .actions import ActionView, ReasonForm
from .permissions import can_look, is_visible, policy_for, visible
from .records import moment


def may_export(user: Any, person: Person) -> bool:
    """Who may read and erase somebody, and sees all that is theirs: programs, form pages, too."""
    policy = policy_for(Person)
    if not can_look(user, Person) or not policy.user_has_permission_for_instance(
        user, "delete", person
    ):
        return False
    if hidden_programs(user):
        return False
    answers = person.responses.order_by()
    return bool(visible(user, answers).count() == answers.count())


class ExportForm(ReasonForm):
    """Why, and in which form."""

    kind = forms.ChoiceField(
        label=_("As"), choices=list(FORMATS.items()), initial="html", widget=forms.RadioSelect
    )
    internal = forms.BooleanField(
        label=_("With what staff wrote for themselves"),
        required=False,
        help_text=_("Notes and reasons. Read them first: they can name others."),
    )


class ExportView(ActionView):
    model = Person
    permission_required = "delete"
    form_class = ExportForm
    page_title = button_label = _("Download all data")
    header_icon = "download"
    explanation = _(
        "All that is stored of this person, in a file that you can give them. Make sure that it is "
        "them who asks."
    )

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        found = Person.objects.filter(pk=kwargs["pk"]).first()
        # Of somebody they do not see it is not said that there is anybody.
        seen = found is not None and is_visible(request.user, found)
        if found and seen and not may_export(request.user, found):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        values, person = form.cleaned_data, self.object
        note(person, EXPORTED, reason=clean_reason(values["reason"]), user=self.request.user)
        internal = values["internal"]
        return data_file(person, values["kind"], name=f"person-{person.pk}", internal=internal)


class WithdrawForm(ReasonForm):
    """Which permission, and how we know."""

    consent = forms.ModelChoiceField(
        label=_("Permission"), queryset=Consent.objects.none(), widget=forms.RadioSelect
    )
    field_order = ["consent", "reason"]

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["consent"]
        field.queryset = person.consents.filter(withdrawn_at=None)  # type: ignore[attr-defined]
        field.empty_label = None  # type: ignore[attr-defined]
        field.label_from_instance = consent_words  # type: ignore[attr-defined]


def consent_words(consent: Consent) -> str:
    """Which one it is, for who has to choose."""
    wording = Truncator(consent.wording).chars(120)
    return f"{consent.get_kind_display()}, {moment(consent.given_at)}: {wording}"


class WithdrawView(ActionView):
    model = Person
    form_class = WithdrawForm
    page_title = button_label = _("Withdraw a permission")
    header_icon = "cross"
    explanation = _(
        "They take back what they agreed to. What was only allowed by it ends at once: words are "
        "off your pages, names off the board. That it was given, and when, stays."
    )
    success_message = _("The permission is withdrawn.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": self.object}

    def perform(self, reason: str) -> None:
        consent = self.form_values["consent"]
        withdraw_by_staff(consent, reason=reason, user=self.request.user)
