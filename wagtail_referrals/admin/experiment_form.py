"""The form of an experiment: what is measured and for how long, and what is compared."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.log_actions import log

from ..exceptions import ReferralsError
from ..insights.experiment_plan import (
    FIELDS,
    MOST_VARIANTS,
    PLANNED,
    Problem,
    problems,
    save_plan,
    unfair,
)
from ..programs.access import visible_programs
from ..programs.experiment_models import Experiment, ExperimentState, Variant
from ..retention import retention_days
from .setup import ProgramFirst, SetupObjectView, SetupView

ROW = "variants-row"
# What a variant says, and what stands there when it says nothing.
BLANK: dict[str, Any] = {
    "offer": None,
    **dict.fromkeys(("heading", "introduction", "button_label", "text", "disclosure"), ""),
}
# What may not be stored even of a draft, besides what is unfair.
CHECKED = frozenset(["metric", "smallest_percent", "horizon_days"])
FIXED = _("It has begun: its plan does not change any more.")


class HeadForm(forms.ModelForm):
    """The plan."""

    class Meta:
        model = Experiment
        fields = list(PLANNED)
        help_texts = {
            "baseline_percent": _(
                "Guess, if you do not know: the saved plan says what it was in the last four weeks."
            )
        }

    def within(self, user: Any) -> HeadForm:
        """Offer the programs that the user sees."""
        program: Any = self.fields["program"]
        program.queryset = visible_programs(user)
        return self


class ControlForm(forms.ModelForm):
    """What is compared with: there is nothing to fill in but its weight."""

    class Meta:
        model = Variant
        fields = ["name", "weight"]


class VariantForm(forms.ModelForm):
    """One of the others; of its fields those count that belong to what is put to the test."""

    class Meta:
        model = Variant
        fields = [
            *ControlForm.Meta.fields,
            *BLANK,
        ]
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 4}),
            "text": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "heading": _("Empty: as it is on the page."),
            "introduction": _("Empty: as it is on the page. A blank line begins a paragraph."),
            "button_label": _("Empty: as it is on the page."),
            "text": _("The link is added at the end."),
            "disclosure": _("It stands after the text: “I get a thank-you, too.”"),
        }

    # What is put to the test, as it was sent.
    subject = ""

    def clean(self) -> dict[str, Any]:
        """What was typed for another subject is not shown any more: it goes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in BLANK:
            if name not in FIELDS.get(self.subject, ()):
                self.errors.pop(name, None)
                cleaned[name] = BLANK[name]
        return cleaned


class ExperimentForm:
    """All fields of one experiment. ``data`` is what was sent; ``check`` finds fault with it."""

    def __init__(
        self,
        experiment: Experiment,
        variants: list[Variant],
        user: Any,
        data: QueryDict | None = None,
        *,
        check: bool = True,
    ) -> None:
        self.stored, self.data, self.check = experiment, data, check
        self.head = self._make(HeadForm, "", copy.copy(experiment)).within(user)
        control = next((one for one in variants if one.is_control), Variant(is_control=True))
        self.control = self._make(ControlForm, "control", control)
        others = [one for one in variants if not one.is_control]
        self.others = [
            (row, self._make(VariantForm, f"variants-{row}", self._stored(others, row)))
            for row in self._rows(len(others))
        ]
        for _row, form in self.others:
            form.subject = data.get("subject", "") if data else ""

    def _make(self, form_class: Any, prefix: str, instance: Any) -> Any:
        if self.data is None or self.check:
            return form_class(self.data, prefix=prefix or None, instance=instance)
        form = form_class(prefix=prefix or None, instance=instance)
        for name, field in form.fields.items():
            key = form.add_prefix(name)
            if not field.widget.value_omitted_from_data(self.data, {}, key):
                form.initial[name] = field.widget.value_from_datadict(self.data, {}, key)
        return form

    def _rows(self, stored: int) -> list[str]:
        if self.data is None:
            return [str(row) for row in range(stored)]
        return sent_rows(self.data)[: MOST_VARIANTS - 1]

    @staticmethod
    def _stored(others: list[Variant], row: str) -> Variant:
        number = int(row)
        if number < len(others):
            return others[number]
        letter = "BCDEFGHIJ"[number % 9]
        return Variant(name=gettext("Variant %(letter)s") % {"letter": letter})

    @property
    def can_add(self) -> bool:
        return len(self.others) < MOST_VARIANTS - 1

    @property
    def _all(self) -> Iterator[Any]:
        yield from (self.head, self.control)
        yield from (form for _row, form in self.others)

    def is_valid(self) -> bool:
        """Whether it can be stored; if not, each field says what is wrong with it."""
        # Each of them, so that every field says at once what is wrong with it.
        valid = [form.is_valid() for form in self._all]
        if not all(valid):
            return False
        for problem in self._problems():
            self._form_of(problem).add_error(problem.field or None, str(problem.words))
        return not any(form.errors for form in self._all)

    @cached_property
    def variants(self) -> list[Variant]:
        """As the form says, not stored."""
        found = [form.instance for _row, form in self.others]
        for variant in found:
            variant.is_control = False
        control = self.control.instance
        control.is_control = True
        return [control, *found]

    def _problems(self) -> Iterator[Problem]:
        experiment = self.head.instance
        names: set[str] = set()
        for variant in self.variants:
            if variant.name.casefold() in names:
                yield Problem(_("There is one of this name."), "name", variant)
            names.add(variant.name.casefold())
        yield from unfair(experiment, self.variants)
        found = problems(experiment, self.variants, click_days=retention_days("clicks"))
        yield from (one for one in found if one.variant is None and one.field in CHECKED)

    def say_same_name(self) -> None:
        """For a database that takes “Café” and “cafe” for the same: which two, only it knows."""
        for _row, form in self.others:
            form.add_error("name", gettext("There is one of this name."))

    def _form_of(self, problem: Problem) -> Any:
        if problem.variant is None:
            return self.head
        return next(form for form in self._all if form.instance is problem.variant)


def sent_rows(data: QueryDict) -> list[str]:
    """The numbers of the variants' rows, in their order."""
    rows = [row for row in data.getlist(ROW) if row.isascii() and row.isdecimal() and len(row) < 3]
    return list(dict.fromkeys(rows))


def change_rows(data: QueryDict) -> QueryDict:
    """What was sent, with a row more or the one less whose button was pressed."""
    changed, rows = data.copy(), sent_rows(data)
    if "_add" in data:
        rows.append(str(max(map(int, rows), default=-1) + 1))
    changed.setlist(ROW, [row for row in rows if row != data.get("_remove")])
    return changed


class ExperimentFormView:
    """What making and editing have in common."""

    request: HttpRequest
    url_helper: Any
    template_name = "wagtail_referrals/admin/experiment_form.html"
    experiment: Experiment

    @cached_property
    def variants(self) -> list[Variant]:
        return []

    def form(self, data: QueryDict | None = None, *, check: bool = True) -> ExperimentForm:
        user = self.request.user
        return ExperimentForm(self.experiment, self.variants, user, data, check=check)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if {"_add", "_remove"} & request.POST.keys():
            return self.show(self.form(change_rows(request.POST), check=False))
        form = self.form(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Nothing was saved yet: see what is marked below."))
            return self.show(form)
        new = self.experiment.pk is None
        try:
            saved = save_plan(form.head.instance, form.variants)
        except IntegrityError:
            form.say_same_name()
            return self.show(form)
        except ReferralsError:
            messages.error(request, FIXED)
            return redirect(self.plan_url(self.experiment))
        log(saved, "wagtail.create" if new else "wagtail.edit", content_changed=True)
        words = gettext("“%(name)s” is saved. This is its plan.") % {"name": saved.name}
        messages.success(request, words)
        return redirect(self.plan_url(saved))

    def plan_url(self, experiment: Experiment) -> str:
        return str(self.url_helper.get_action_url("inspect", quote(experiment.pk)))

    def show(self, form: ExperimentForm) -> HttpResponse:
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]
        response: HttpResponse = self.render_to_response(context)  # type: ignore[attr-defined]
        return response


class ExperimentCreateView(ProgramFirst, ExperimentFormView, SetupView):
    page_title = _("New")

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_create(user))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.experiment = Experiment()
        programs = list(visible_programs(request.user)[:2])
        if len(programs) == 1:
            self.experiment.program = programs[0]
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def variants(self) -> list[Variant]:
        other = ExperimentForm._stored([], "0")
        return [Variant(name=gettext("As it is now"), is_control=True), other]

    def get_page_subtitle(self) -> str:
        return gettext("Experiment")


class ExperimentEditView(ExperimentFormView, SetupObjectView):
    page_title = _("Editing")

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_edit_obj(user, self.instance))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.experiment = self.instance
        sees = self.permission_helper.user_can_inspect_obj(request.user, self.instance)
        if sees and self.instance.state != ExperimentState.DRAFT:
            messages.warning(request, FIXED)
            return redirect(self.plan_url(self.instance))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def variants(self) -> list[Variant]:
        return list(self.experiment.variants.all())
