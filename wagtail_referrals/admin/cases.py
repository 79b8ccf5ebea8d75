"""Cases: what is to be followed up, whose it is, and how it went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ModelChoiceFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from ..feedback.case_models import OPEN_STATES, Case, CaseEntry, CaseEntryKind, CaseState
from .case_actions import ChangeCaseView, CloseCaseView, NoteCaseView, ReopenCaseView, ReplyView
from .case_report import CaseReportView
from .case_rules import staff_users
from .feedback import answers_section
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    filters_for,
    moment,
)
from .search import of_person
from .words import user_name


def is_late(case: Case) -> bool:
    """Whether it should have been closed by now."""
    return case.is_open and case.due_at < timezone.now()


def standing(case: Case) -> str:
    """Its state, or that it is late."""
    return gettext("late") if is_late(case) else str(case.get_state_display())


def whose(case: Case) -> str:
    """Its owner's name."""
    return user_name(case.owner) if case.owner else gettext("nobody's")


def _only_open(cases: QuerySet, _name: str, wanted: bool) -> QuerySet:
    return cases.filter(state__in=OPEN_STATES if wanted else [CaseState.CLOSED])


def _only_late(cases: QuerySet, _name: str, wanted: bool) -> QuerySet:
    late = Q(state__in=OPEN_STATES, due_at__lt=timezone.now())
    return cases.filter(late) if wanted else cases.exclude(late)


class CaseIndexView(RecordIndexView):
    related = ("person", "program", "owner")
    default_ordering = "due_at"
    list_display = [
        TitleColumn(
            "case",
            label=_("Person"),
            accessor=lambda case: case.person or _("Somebody"),
            url_name="referrals_cases:inspect",
        ),
        Column("why", label=_("Because of"), accessor="why"),
        StatusTagColumn("state", label=_("State"), accessor=standing, primary=is_late),
        Column("owner", label=_("Whose it is"), accessor=whose),
        Column("program", label=_("Program"), accessor=lambda case: case.program or "–"),
        MomentColumn("due_at", label=_("Due"), sort_key="due_at"),
        MomentColumn("opened_at", label=_("Opened"), sort_key="opened_at"),
    ]
    exports = (
        (_("Number"), lambda case: case.pk),
        (_("E-mail"), lambda case: case.person.email if case.person else ""),
        (_("Name"), lambda case: case.person.name if case.person else ""),
        (_("Because of"), lambda case: case.why),
        (_("Program"), lambda case: case.program.name if case.program else ""),
        (_("State"), lambda case: case.get_state_display()),
        (_("Whose it is"), whose),
        (_("Opened"), lambda case: case.opened_at),
        (_("Due"), lambda case: case.due_at),
        (_("Closed"), lambda case: case.closed_at),
        (_("Why it was closed"), lambda case: case.closing_reason),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _(
        "A case is opened by a follow-up rule, or by hand from an answer in the feedback inbox."
    )
    filterset_class = filters_for(
        Case,
        "due_at",
        ["program", "state", "occasion"],
        owner=ModelChoiceFilter(queryset=staff_users, label=_("Whose it is")),
        is_open=BooleanFilter(method=_only_open, label=_("Open"), widget=BooleanRadioSelect),
        late=BooleanFilter(method=_only_late, label=_("Late"), widget=BooleanRadioSelect),
    )

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = reverse("referrals_cases:report")
        report = HeaderButton(_("How it goes"), url=url, icon_name="history")
        return [*super().header_buttons, report]

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class CaseInspectView(RecordInspectView):
    related = ("person", "program", "owner", "rule", "response__page", "referral__advocate__person")
    object: Case

    def facts(self) -> Iterable[Fact]:
        case = self.object
        yield self.link(_("Person"), case.person)
        yield Fact(_("Because of"), case.why)
        status = "primary" if is_late(case) else "secondary"
        yield Fact(_("State"), standing(case), status=status)
        yield Fact(_("Whose it is"), whose(case))
        yield Fact(_("Due"), moment(case.due_at))
        yield Fact(_("Opened"), moment(case.opened_at))
        yield self.link(_("Opened by the rule"), case.rule)
        if case.closed_at:
            yield Fact(_("Closed"), moment(case.closed_at))
            yield Fact(_("Why it was closed"), case.closing_reason)
        yield self.link(_("Program"), case.program)
        if case.response:
            yield self.link(_("Feedback"), case.response)
        if case.referral:
            yield self.link(_("Referral"), case.referral)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        case = self.object
        buttons: list[tuple[str, Text, str]] = [("note", NoteCaseView.button_label, "secondary")]
        if case.program and case.person and case.person.email:
            buttons.insert(0, ("reply", ReplyView.button_label, ""))
        if case.is_open:
            buttons.append(("change", ChangeCaseView.page_title, "secondary"))
            buttons.append(("close", CloseCaseView.button_label, "secondary"))
        else:
            buttons.append(("reopen", ReopenCaseView.button_label, "secondary"))
        for name, label, look in buttons:
            url = reverse(f"referrals_cases:{name}", args=[case.pk])
            yield url, label, f"button-{look}" if look else ""

    def sections(self) -> Iterable[Section]:
        response = self.object.response
        if response and response.form_data:
            yield from answers_section(self, response)
        entries = self.object.entries.select_related("user")
        yield from self.section(
            _("History"),
            entries,
            [
                (_("What"), lambda entry: entry.get_kind_display()),
                (_("Words"), said),
                (_("By"), lambda entry: user_name(entry.user) if entry.user else _("by itself")),
                (_("Time"), lambda entry: moment(entry.created_at)),
            ],
            name="history",
            target=lambda row: None,
            whole=True,
        )


def said(entry: CaseEntry) -> str:
    """What a line of the history says, in the reader's words."""
    if entry.kind == CaseEntryKind.STATE and entry.text in CaseState.values:
        return str(CaseState(entry.text).label)
    if entry.kind == CaseEntryKind.DUE:
        at = timezone.datetime.fromisoformat(entry.text)  # type: ignore[attr-defined]
        return moment(at)
    return entry.text


class CaseViewSet(RecordViewSet):
    model = Case
    icon = "history"
    menu_label = _("Follow-up")
    index_view_class = CaseIndexView
    inspect_view_class = CaseInspectView
    has_actions = True

    @property
    def menu_url(self) -> str:
        return f"{super().menu_url}?is_open=true"

    def get_urlpatterns(self) -> list[URLPattern]:
        report: Any = self.construct_view(CaseReportView)
        actions = {
            "note": NoteCaseView,
            "reply": ReplyView,
            "change": ChangeCaseView,
            "close": CloseCaseView,
            "reopen": ReopenCaseView,
        }
        views: dict[str, Any] = {name: self.construct_view(view) for name, view in actions.items()}
        return [
            *super().get_urlpatterns(),
            path("report/", report, name="report"),
            *(path(f"{name}/<int:pk>/", view, name=name) for name, view in views.items()),
        ]
