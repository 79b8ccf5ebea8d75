"""What staff do about an introduction: note one, move it on, say what is next."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from ..exceptions import ReferralsError
from ..partners.introduction_forms import WORDING, IntroductionFields
from ..partners.introduction_models import Introduction, IntroductionStage
from ..partners.introductions import introduce
from ..partners.models import Partner, PartnerState
from ..partners.stages import RELATED, change_introduction, move, note_introduction
from ..programs.access import visible_programs
from ..referrals.models import Grade
from .actions import ActionView
from .case_rules import staff_users
from .links import admin_url, list_url
from .permissions import policy_for, visible
from .words import user_name


class NoteForm(forms.Form):
    """Words for the colleagues."""

    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Kept with your name. Neither of the two sees it."),
    )


class NoteIntroductionView(ActionView):
    model = Introduction
    related = RELATED
    form_class = NoteForm
    page_title = button_label = _("Write a note")
    header_icon = "edit"
    success_message = _("The note is in the history.")

    def perform(self, reason: str) -> None:
        note_introduction(self.object, self.form_values["text"], user=self.request.user)


class MoveForm(forms.Form):
    """The stage it is in now."""

    stage = forms.ChoiceField(
        label=_("Stage"), choices=IntroductionStage.choices, widget=forms.RadioSelect
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=_("What was won by it, in the program's currency. Commissions are of this."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("Needed for what is lost, and for what is opened again."),
    )
    # The stage it was seen in: what a colleague did meanwhile is not undone.
    seen = forms.ChoiceField(choices=IntroductionStage.choices, widget=forms.HiddenInput)
    board = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and cleaned.get("stage") != IntroductionStage.WON:
            self.add_error("amount", gettext("An amount belongs to what is won."))
        return cleaned


class MoveIntroductionView(ActionView):
    model = Introduction
    related = RELATED
    form_class = MoveForm
    page_title = _("Move to another stage")
    button_label = _("Move")
    header_icon = "redirect"
    explanation = _("Who introduced them is told in the words of the stage, where it has any.")
    success_message = _("The introduction is moved.")
    error_fields = {"invalid_reason": "reason", "invalid_amount": "amount"}

    def get_initial(self) -> dict[str, Any]:
        return {"stage": self.object.stage, "seen": self.object.stage}

    def perform(self, reason: str) -> None:
        values = self.form_values
        self.object.stage = values["seen"]
        move(
            self.object,
            values["stage"],
            reason=reason,
            amount=values["amount"],
            user=self.request.user,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code == 302 and form.cleaned_data["board"]:
            return redirect(reverse("referrals_introductions:board"))
        return response


class ChangeForm(forms.Form):
    """Whose it is, what is next, and how good it is."""

    owner: Any = forms.ModelChoiceField(
        label=_("Whose it is"), queryset=None, required=False, empty_label=_("nobody's")
    )
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=200)
    next_step_on = forms.DateField(
        label=_("On"),
        required=False,
        widget=AdminDateInput,
        help_text=_("Its owner is reminded on that day."),
    )
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = staff_users()
        owner.label_from_instance = user_name


class ChangeIntroductionView(ActionView):
    model = Introduction
    related = RELATED
    form_class = ChangeForm
    page_title = _("Owner, next step, grade")
    button_label = _("Save")
    header_icon = "edit"
    success_message = _("The introduction is changed.")

    def get_initial(self) -> dict[str, Any]:
        names = ("owner", "next_step", "next_step_on", "grade")
        return {name: getattr(self.object, name) for name in names}

    def perform(self, reason: str) -> None:
        change_introduction(self.object, **self.form_values, user=self.request.user)


class NewIntroductionForm(IntroductionFields):
    """What a visitor's form asks for, and in which program."""

    program: Any = forms.ModelChoiceField(label=_("Program"), queryset=None)
    to: Any = forms.ModelChoiceField(
        label=_("To whom?"), queryset=None, required=False, empty_label=_("us")
    )
    agreed = forms.BooleanField(
        label=cast(Any, WORDING),
        error_messages={"required": _("Ask them first: nothing is kept of who did not agree.")},
    )
    field_order = ("program", "giver_name", "giver_email", "to")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        program, to = self.fields["program"], self.fields["to"]
        program.queryset = visible_programs(user)  # type: ignore[attr-defined]
        partners = Partner.objects.filter(state=PartnerState.ACTIVE).order_by("name", "pk")
        to.queryset = visible(user, partners)  # type: ignore[attr-defined]
        self.fields["name"].label = _("Who is introduced?")
        self.fields["known"].label = _("How well do they know each other?")
        self.fields["way"].label = _("How are they introduced?")
        self.fields["giver_name"].label = _("Name of who introduces them")
        self.fields["giver_email"].label = _("E-mail of who introduces them")
        self.fields["giver_email"].help_text = _("They are told how it goes on.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        to, program = cleaned.get("to"), cleaned.get("program")
        if to and program and to.program_id != program.pk:
            self.add_error("to", gettext("This partner is of another program."))
        return cleaned


class NewIntroductionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Somebody was introduced by word of mouth."""

    permission_required = "change"
    template_name = "wagtail_referrals/admin/action.html"
    form_class = NewIntroductionForm
    page_title = _("Note an introduction")
    button_label = _("Save")
    header_icon = "plus"
    explanation = _("As it was told to you. Only of people who agreed.")
    object = ""
    button_class = ""
    error_fields = {
        "invalid_email": "email",
        "self_referral": "email",
        "introduction_refused": "email",
        "closed": "program",
    }

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Introduction)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        said = form.cleaned_data
        try:
            result = introduce(
                said["program"],
                form.told(),
                giver_email=said["giver_email"],
                giver_name=said["giver_name"],
                to=said["to"],
                place=self.request.path,
                user=self.request.user,
            )
        except ReferralsError as error:
            form.add_error(self.error_fields.get(error.code), str(error))
            return self.form_invalid(form)
        if result.created:
            messages.success(self.request, gettext("The introduction is noted."))
        else:
            messages.warning(self.request, gettext("It was there already: this is it."))
        return redirect(admin_url(result.introduction))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(Introduction._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Introduction), "label": plural},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=list_url(Introduction), **kwargs)
