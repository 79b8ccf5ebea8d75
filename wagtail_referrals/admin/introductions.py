"""Introductions: who is introduced to whom, how far it has come, and what was won."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ModelChoiceFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from ..events.models import Event
from ..partners.introduction_mails import both_in_copy, receiver_name
from ..partners.introduction_models import (
    OPEN_STAGES,
    Direction,
    Introduction,
    IntroductionEntry,
    IntroductionEntryKind,
    IntroductionStage,
)
from ..partners.models import Partner
from ..programs.money import format_money
from ..rewards.models import Reward
from .case_rules import staff_users
from .introduction_actions import (
    ChangeIntroductionView,
    MoveIntroductionView,
    NewIntroductionView,
    NoteIntroductionView,
)
from .introduction_board import BoardView
from .partner_report import PartnerReportView
from .permissions import policy_for
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
from .search import begins_with, of_person
from .words import user_name


def is_due(introduction: Introduction) -> bool:
    """Whether its next step should have been done by now."""
    on = introduction.next_step_on
    return bool(introduction.is_open and on and on <= timezone.localdate())


def whose(introduction: Introduction) -> str:
    """Its owner's name."""
    return user_name(introduction.owner) if introduction.owner else gettext("nobody's")


def worth(introduction: Introduction) -> str:
    """What was won by it."""
    if introduction.amount is None:
        return "–"
    return format_money(introduction.amount, introduction.currency)


def next_step(introduction: Introduction) -> str:
    """What is to be done, and when."""
    on = introduction.next_step_on
    day = date_format(on, "DATE_FORMAT") if on else ""
    return " · ".join(filter(None, [day, introduction.next_step])) or "–"


def _only_open(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    over = [IntroductionStage.WON, IntroductionStage.LOST]
    return rows.filter(stage__in=OPEN_STAGES if wanted else over)


def _only_due(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    due = Q(stage__in=OPEN_STAGES, next_step_on__lte=timezone.localdate())
    return rows.filter(due) if wanted else rows.exclude(due)


class IntroductionIndexView(RecordIndexView):
    related = ("giver", "introduced", "partner", "program__site", "owner")
    default_ordering = "-created_at"
    list_display = [
        TitleColumn(
            "introduced", label=_("Who is introduced"), url_name="referrals_introductions:inspect"
        ),
        Column("giver", label=_("By")),
        Column("to", label=_("To"), accessor=receiver_name),
        Column("grade", label=_("Grade")),
        StatusTagColumn(
            "get_stage_display",
            label=_("Stage"),
            primary=lambda row: row.stage == IntroductionStage.WON,
        ),
        MomentColumn("stage_since", label=_("Since"), sort_key="stage_since"),
        Column("next", label=_("Next step"), accessor=next_step),
        Column("owner", label=_("Whose it is"), accessor=whose),
        Column("amount", label=_("Amount"), accessor=worth),
        MomentColumn("created_at", label=_("Introduced"), sort_key="created_at"),
    ]
    exports = (
        (_("Number"), lambda row: row.pk),
        (_("Program"), lambda row: row.program.name),
        (_("Direction"), lambda row: row.direction),
        (_("Partner"), lambda row: row.partner.name if row.partner else ""),
        (_("By"), lambda row: row.giver.email),
        (_("Who is introduced"), lambda row: row.introduced.name),
        (_("Their e-mail"), lambda row: row.introduced.email),
        (_("Telephone"), lambda row: row.phone),
        (_("What they need"), lambda row: row.need),
        (_("How"), lambda row: row.get_way_display()),
        (_("How well known"), lambda row: row.get_known_display()),
        (_("Grade"), lambda row: row.grade),
        (_("Stage"), lambda row: row.get_stage_display()),
        (_("Since"), lambda row: row.stage_since),
        (_("Why it was lost"), lambda row: row.lost_reason),
        (_("Amount"), lambda row: row.amount),
        (_("Currency"), lambda row: row.currency),
        (_("Whose it is"), whose),
        (_("Next step"), lambda row: row.next_step),
        (_("Next step on"), lambda row: row.next_step_on),
        (_("Introduced"), lambda row: row.created_at),
    )
    search_hint = _("Beginning of a name, an e-mail or a partner")
    empty_text = _(
        "An introduction comes from the form of a partner's page or hub, or is noted by hand."
    )
    filterset_class = filters_for(
        Introduction,
        "created_at",
        ["program", "direction", "stage", "grade"],
        owner=ModelChoiceFilter(queryset=staff_users, label=_("Whose it is")),
        is_open=BooleanFilter(method=_only_open, label=_("Open"), widget=BooleanRadioSelect),
        due=BooleanFilter(method=_only_due, label=_("Next step is due"), widget=BooleanRadioSelect),
    )

    @cached_property
    def header_buttons(self) -> list[Any]:
        buttons = [
            HeaderButton(
                _("Board"), url=reverse("referrals_introductions:board"), icon_name="table"
            ),
        ]
        if policy_for(Introduction).user_has_permission(self.request.user, "change"):
            new = reverse("referrals_introductions:new")
            buttons.insert(
                0, HeaderButton(NewIntroductionView.page_title, url=new, icon_name="plus")
            )
        return [*super().header_buttons, *buttons]

    def search_with(self, term: str) -> Q:
        found = of_person("introduced", term) | of_person("giver", term)
        for spelling in {term, term[:1].upper() + term[1:]}:
            partners = Partner.objects.filter(begins_with("name", spelling)).order_by()
            found |= Q(partner__in=partners.values("pk"))
        return found


class IntroductionInspectView(RecordInspectView):
    related = (
        "giver",
        "introduced",
        "partner__advocate__person",
        "program__site",
        "owner",
        "consent",
        "referral__advocate__person",
        "referral__friend",
        "wanted",
    )
    object: Introduction

    def facts(self) -> Iterable[Fact]:
        one = self.object
        yield self.link(_("Who is introduced"), one.introduced)
        yield self.link(_("Introduced by"), one.giver)
        if one.direction == Direction.GIVEN:
            yield self.link(_("To"), one.partner)
        else:
            yield Fact(_("To"), gettext("us"))
            if one.partner:
                yield self.link(_("By the partner"), one.partner)
        status = "primary" if one.stage == IntroductionStage.WON else "secondary"
        yield Fact(_("Stage"), one.get_stage_display(), status=status)
        yield Fact(_("Since"), moment(one.stage_since))
        if one.amount is not None:
            yield Fact(_("Amount"), worth(one))
        if one.lost_reason:
            yield Fact(_("Why it was lost"), one.lost_reason)
        yield Fact(_("Grade"), one.get_grade_display())
        yield Fact(_("How"), one.get_way_display())
        yield Fact(_("How well they know each other"), one.get_known_display() or "–")
        yield Fact(_("Telephone"), one.phone or "–")
        yield Fact(_("Best time"), one.best_time or "–")
        yield Fact(_("What they need"), one.need or "–")
        yield Fact(_("Agreed"), f"{one.consent.wording} ({moment(one.consent.given_at)})")
        yield Fact(_("Whose it is"), whose(one))
        yield Fact(_("Next step"), next_step(one), status="primary" if is_due(one) else "")
        if one.wanted:
            yield Fact(_("Wanted contact"), one.wanted)
        if one.referral:
            yield self.link(_("Referral"), one.referral)
        yield self.link(_("Program"), one.program)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        for name, view, look in (
            ("move", MoveIntroductionView, ""),
            ("change", ChangeIntroductionView, "button-secondary"),
            ("note", NoteIntroductionView, "button-secondary"),
        ):
            url = reverse(f"referrals_introductions:{name}", args=[self.object.pk])
            yield url, view.page_title, look

    def looks(self) -> Iterable[tuple[str, Text]]:
        if self.object.is_open and self.object.introduced.email:
            yield both_in_copy(self.object).mailto, _("Write to both")
        yield reverse("referrals_introductions:board"), _("Board")
        if self.object.partner:
            report = reverse("referrals_introductions:report")
            yield f"{report}?partner={self.object.partner_id}", _("Given and received")

    def sections(self) -> Iterable[Section]:
        entries = self.object.entries.select_related("user")
        yield from self.section(
            _("History"),
            entries,
            [
                (_("What"), lambda entry: entry.get_kind_display()),
                (_("Words"), said),
                (_("By"), by_whom),
                (_("Time"), lambda entry: moment(entry.created_at)),
            ],
            name="history",
            target=lambda row: None,
            whole=True,
        )
        yield from self.records_section(
            Reward,
            _("Rewards"),
            Reward.objects.filter(event__in=self._events()).select_related("person", "program"),
            [
                (_("Reward"), lambda row: row.headline),
                (_("For"), lambda row: row.person),
                (_("State"), lambda row: row.get_state_display()),
            ],
            name="rewards",
        )

    def _events(self) -> list[int]:
        """The keys of what rules were asked about it."""
        name = f"introduction-{self.object.pk}"
        wins = self.object.entries.filter(
            kind=IntroductionEntryKind.STAGE, value=IntroductionStage.WON
        ).count()
        ids = [name, *(f"{name}-{number}" for number in range(1, wins + 1))]
        events = Event.objects.filter(program=self.object.program_id, external_id__in=ids)
        return list(events.filter(kind__startswith="introduction.").values_list("pk", flat=True))


def said(entry: IntroductionEntry) -> str:
    """What a line of the history says."""
    if entry.kind == IntroductionEntryKind.STAGE:
        stage = str(IntroductionStage(entry.value).label)
        return f"{stage}: {entry.text}" if entry.text else stage
    return entry.text


def by_whom(entry: IntroductionEntry) -> str:
    """Who it was."""
    if entry.user:
        return user_name(entry.user)
    names = {"giver": gettext("who introduced them"), "partner": gettext("the partner")}
    return names.get(entry.actor, gettext("by itself"))


class IntroductionViewSet(RecordViewSet):
    model = Introduction
    icon = "resubmit"
    menu_label = _("Introductions")
    index_view_class = IntroductionIndexView
    inspect_view_class = IntroductionInspectView
    has_actions = True

    @property
    def menu_url(self) -> str:
        return f"{super().menu_url}?is_open=true"

    def get_urlpatterns(self) -> list[URLPattern]:
        whole: dict[str, Any] = {
            "board": BoardView,
            "report": PartnerReportView,
            "new": NewIntroductionView,
        }
        of_one: dict[str, Any] = {
            "move": MoveIntroductionView,
            "change": ChangeIntroductionView,
            "note": NoteIntroductionView,
        }
        return [
            *super().get_urlpatterns(),
            *(
                path(f"{name}/", self.construct_view(view), name=name)
                for name, view in whole.items()
            ),
            *(
                path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
                for name, view in of_one.items()
            ),
        ]
