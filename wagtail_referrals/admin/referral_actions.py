"""What staff note about a referral and an advocate: a grade, a tier."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..events.grade import grade_referral
from ..referrals.models import Advocate, Grade, Referral
from ..referrals.tier import set_tier
from .actions import ActionView, ReasonForm


def better_grades(referral: Referral) -> list[tuple[str, str | Promise]]:
    """The grades a referral can still rise to, the nearest first."""
    return [(key, label) for key, label in Grade.choices if key < referral.grade]


class GradeForm(ReasonForm):
    """How far it has come, and how somebody knows."""

    grade = forms.ChoiceField(label=_("Grade"), widget=forms.RadioSelect)
    field_order = ["grade", "reason"]

    def __init__(self, *args: Any, referral: Referral, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = better_grades(referral)  # type: ignore[attr-defined]


class GradeView(ActionView):
    model = Referral
    related = ("friend", "advocate__person", "program")
    form_class = GradeForm
    page_title = _("Set the grade")
    header_icon = "pick"
    explanation = _("It can only rise. Rules that wait for the grade are asked at once.")
    button_label = _("Set the grade")
    success_message = _("The grade is set.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "referral": self.object}

    def perform(self, reason: str) -> None:
        grade = self.form_values["grade"]
        grade_referral(self.object, grade, reason=reason, user=self.request.user)


class TierForm(ReasonForm):
    """The tier's name, as rules ask for it."""

    tier = forms.CharField(
        label=_("Tier"),
        max_length=40,
        required=False,
        help_text=_("As your rules name it, like “gold”. Empty: none."),
    )
    field_order = ["tier", "reason"]


class TierView(ActionView):
    model = Advocate
    related = ("person", "program")
    form_class = TierForm
    page_title = _("Set the tier")
    header_icon = "pick"
    explanation = _("Rules can ask for it from the next event on.")
    button_label = _("Set the tier")
    success_message = _("The tier is set.")

    def get_initial(self) -> dict[str, Any]:
        return {"tier": self.object.tier}

    def perform(self, reason: str) -> None:
        set_tier(self.object, self.form_values["tier"], reason=reason, user=self.request.user)
