"""Events: what was reported, and what each rule made of it."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.ui.tables import Column, TitleColumn

from ..events.models import Event
from ..programs.money import format_money
from ..rewards.models import Reward
from ..rewards.words import for_staff, in_short
from .links import why_url
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    filters_for,
    moment,
)
from .search import begins_with, of_person
from .words import EVENT_KINDS, say


def money(event: Event) -> str:
    """Its amount, if it has one."""
    return format_money(event.amount, event.currency) if event.amount is not None else ""


class EventIndexView(RecordIndexView):
    related = ("person", "program")
    list_display = [
        TitleColumn(
            "kind",
            label=_("Event"),
            accessor=lambda row: say(EVENT_KINDS, row.kind),
            url_name="referrals_events:inspect",
        ),
        Column("external_id", label=_("Id"), classname="referrals-id"),
        Column("person", label=_("Person")),
        Column("program", label=_("Program")),
        Column("amount", label=_("Amount"), accessor=money),
        Column(
            "not_attributed",
            label=_("Counts for nobody because"),
            accessor=lambda row: in_short(row.not_attributed),
        ),
        MomentColumn("occurred_at", label=_("Time"), sort_key="occurred_at"),
    ]
    exports = (
        (_("Event"), lambda row: row.kind),
        (_("Id"), lambda row: row.external_id),
        (_("E-mail"), lambda row: row.person.email if row.person else ""),
        (_("Program"), lambda row: row.program.name),
        (_("Amount"), lambda row: row.amount),
        (_("Currency"), lambda row: row.currency),
        (_("Refunded"), lambda row: row.refunded),
        (_("Counts for nobody because"), lambda row: row.not_attributed),
        (_("Time"), lambda row: row.occurred_at),
        (_("Recorded"), lambda row: row.recorded_at),
    )
    search_hint = _("Order or other id, e-mail or name")
    empty_text = _("Feedback and claims are recorded by themselves; your shop reports purchases.")
    filterset_class = filters_for(
        Event,
        "occurred_at",
        ["program"],
        kind=ChoiceFilter(
            label=_("Event"),
            choices=list(EVENT_KINDS.items()),
            empty_label=_("All"),
            widget=forms.RadioSelect,
        ),
    )

    def search_with(self, term: str) -> Q:
        return of_person("person", term) | begins_with("external_id", term)


class EventInspectView(RecordInspectView):
    related = ("person", "program", "referral__friend", "referral__advocate__person", "refund_of")
    object: Event

    def facts(self) -> Iterable[Fact]:
        event = self.object
        yield Fact(_("Event"), say(EVENT_KINDS, event.kind))
        yield Fact(_("Id"), event.external_id)
        yield self.link(_("Person"), event.person)
        yield self.link(_("Program"), event.program)
        yield self.link(_("Referral"), event.referral)
        if event.not_attributed:
            yield Fact(_("Counts for nobody because"), in_short(event.not_attributed))
        if event.amount is not None:
            yield Fact(_("Amount"), money(event))
        if event.refunded:
            yield Fact(_("Refunded"), format_money(event.refunded, event.currency))
        if event.refund_of:
            yield self.link(_("Refund of"), event.refund_of)
        yield Fact(_("Time"), moment(event.occurred_at))
        yield Fact(_("Recorded"), moment(event.recorded_at))
        url = why_url(self.request.user, event.person)
        if url:
            yield Fact(_("Why did they get nothing?"), _("Every decision about them"), url)
        for name, value in sorted(event.metadata.items()):
            yield Fact(name, value)

    def sections(self) -> Iterable[Section]:
        event = self.object
        yield from self.section(
            _("What the rules decided"),
            event.decisions.select_related("rule__program", "person"),
            [
                (_("Rule"), lambda row: row.rule),
                (_("Decision"), lambda row: _("granted") if row.granted else _("not granted")),
                (_("Why"), for_staff),
                (_("Person"), lambda row: row.person),
            ],
            name="decisions",
            empty=_("No rule waits for this kind of event."),
            target=lambda row: row.rule,
            whole=True,
        )
        yield from self.records_section(
            Reward,
            _("Rewards"),
            event.rewards.select_related("person"),
            [
                (_("Reward"), lambda row: row.headline),
                (_("Person"), lambda row: row.person),
                (_("State"), lambda row: row.get_state_display()),
            ],
            name="rewards",
        )
        yield from self.section(
            _("Refunds"),
            event.refunds.all(),
            [
                (_("Id"), lambda row: row.external_id),
                (_("Amount"), money),
                (_("Time"), lambda row: moment(row.occurred_at)),
            ],
            name="refunds",
        )


class EventViewSet(RecordViewSet):
    model = Event
    icon = "calendar-check"
    index_view_class = EventIndexView
    inspect_view_class = EventInspectView
