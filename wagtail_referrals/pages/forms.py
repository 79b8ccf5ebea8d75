"""Editors' forms: what is missing is said before a page goes live, not after."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.contrib.forms.forms import WagtailAdminFormPageForm

from ..feedback.fairness import BROKEN, findings
from ..feedback.forms import EMAIL
from ..partners.models import Partner
from ..programs.access import hidden_programs
from ..programs.models import Program
from .flow_form import FlowFormMixin
from .question_form import QuestionTypesFormMixin

_WHERE_TO_MEND = _("Add it under Referrals, Setup, Programs, or ask whoever may.")
_NO_EMAIL = _("The page needs a question of the type “Email”, so that the coupon can be sent.")


class ProgramPageFormMixin:
    """Names what is missing next to the field; drafts, autosave and preview are left alone."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("program")
        if field and self.for_user:
            own = Q(pk=self.instance.program_id)
            field.queryset = Program.objects.filter(own | ~Q(pk__in=hidden_programs(self.for_user)))

    def clean(self: Any) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc]
        program = cleaned.get("program")
        if self.is_deferred_validation or program is None:
            return cleaned
        if missing := program.missing:
            self.add_error("program", [*missing, str(_WHERE_TO_MEND)])
        return cleaned


class ReferralPageForm(ProgramPageFormMixin, WagtailAdminPageForm):
    """The editor's form of a referral page."""


class PartnerPageForm(WagtailAdminPageForm):
    """The editor's form of a partner's page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("partner")
        if field and self.for_user:
            own = Q(pk=self.instance.partner_id)
            hidden = Q(program__in=hidden_programs(self.for_user))
            field.queryset = Partner.objects.filter(own | ~hidden)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_missing = "partner" in cleaned and not cleaned["partner"]
        if is_missing and not self.is_deferred_validation:
            self.add_error("partner", str(_("Choose the partner that the page is about.")))
        return cleaned


class FeedbackPageForm(
    ProgramPageFormMixin, QuestionTypesFormMixin, FlowFormMixin, WagtailAdminFormPageForm
):
    """The editor's form of a feedback page."""

    class Media:
        js = ["wagtail_referrals/admin/earlier-questions.js"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.is_deferred_validation and not self._asks_for_email():
            self.add_error(None, _NO_EMAIL)
        return cleaned

    def _post_clean(self) -> None:
        """What breaks a rule of fair play does not go live."""
        super()._post_clean()
        if self.is_deferred_validation:
            return
        for finding in findings(self.instance, self._questions()):
            if finding.level == BROKEN:
                words = f"{finding.words} {finding.quote}".strip()
                self.add_error(finding.field if finding.field in self.fields else None, words)

    def _questions(self) -> list[Any]:
        """The questions as they will be."""
        formset = self.formsets.get("form_fields")
        if not formset or not formset.is_valid():
            return []
        return [one.instance for one in formset.forms if not one.cleaned_data.get("DELETE")]

    def _asks_for_email(self) -> bool:
        formset = self.formsets.get("form_fields")
        questions = formset.forms if formset else []
        return any(
            question.cleaned_data.get("field_type") == EMAIL
            and not question.cleaned_data.get("DELETE")
            for question in questions
            if hasattr(question, "cleaned_data")
        )
