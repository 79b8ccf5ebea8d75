"""Asks: who was asked for what after which event, who was not, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..asks.explain import describe
from ..asks.models import Ask, AskState, Touchpoint
from ..asks.reasons import WHY_NOT, why_not
from .bounded import BoundedPaginator
from .links import why_url
from .permissions import visible
from .records import (
    Fact,
    ListedFilter,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    days_filter,
    filters_for,
    moment,
)
from .search import of_person
from .words import EVENT_KINDS, say


def _touchpoints(request: Any) -> QuerySet[Touchpoint]:
    return visible(request.user, Touchpoint.objects.order_by("name", "pk"))


class AskIndexView(RecordIndexView):
    related = ("person", "touchpoint", "program", "event")
    default_ordering = "-planned_at"
    paginator_class = BoundedPaginator
    list_display = [
        TitleColumn(
            "ask",
            label=_("Person"),
            accessor=lambda row: row.person or _("Somebody"),
            url_name="referrals_asks:inspect",
        ),
        Column("touchpoint", label=_("Touchpoint")),
        Column("asks_for", label=_("For"), accessor=lambda row: row.get_asks_for_display()),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state == AskState.ASKED,
        ),
        Column("reason", label=_("Not asked because"), accessor=lambda row: why_not(row.reason)),
        MomentColumn("due_at", label=_("Due")),
        MomentColumn("planned_at", label=_("Planned"), sort_key="planned_at"),
    ]
    exports = (
        (_("E-mail"), lambda row: row.person.email if row.person else ""),
        (_("Program"), lambda row: row.program.name),
        (_("Touchpoint"), lambda row: row.touchpoint.name),
        (_("For"), lambda row: row.get_asks_for_display()),
        (_("Event"), lambda row: row.event.kind),
        (_("Id"), lambda row: row.event.external_id),
        (_("State"), lambda row: row.get_state_display()),
        (_("Not asked because"), lambda row: why_not(row.reason)),
        (_("Due"), lambda row: row.due_at),
        (_("Planned"), lambda row: row.planned_at),
        (_("Asked or dropped"), lambda row: row.settled_at),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("Asks are planned by the touchpoints, when what they wait for has happened.")
    filterset_class = filters_for(
        Ask,
        "planned_at",
        ["program", "state", "asks_for"],
        touchpoint=ListedFilter(rows=_touchpoints, label=_("Touchpoint")),
        reason=ChoiceFilter(
            label=_("Not asked because"), choices=list(WHY_NOT.items()), empty_label=_("All")
        ),
        settled_at=days_filter(_("Asked or dropped")),
    )

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class AskInspectView(RecordInspectView):
    related = ("person", "touchpoint__program", "program", "event", "invitation__page")
    object: Ask

    def facts(self) -> Iterable[Fact]:
        ask = self.object
        yield self.link(_("Person"), ask.person)
        yield self.link(_("Touchpoint"), ask.touchpoint)
        yield self.link(_("Program"), ask.program)
        status = "primary" if ask.state == AskState.ASKED else "secondary"
        yield Fact(_("State"), ask.get_state_display(), status=status)
        yield Fact(_("Why"), describe(ask))
        yield Fact(_("After"), say(EVENT_KINDS, ask.event.kind))
        yield self.link(_("Event"), ask.event)
        yield Fact(_("Due"), moment(ask.due_at))
        yield Fact(_("Planned"), moment(ask.planned_at))
        yield Fact(_("Asked or dropped"), moment(ask.settled_at) or "–")
        if ask.invitation:
            yield self.link(_("Invitation"), ask.invitation)
            yield Fact(_("Answered"), moment(ask.invitation.answered_at) or "–")
        url = why_url(self.request.user, ask.person)
        if url:
            yield Fact(_("Why were they asked, or not?"), _("All about them"), url)


class AskViewSet(RecordViewSet):
    model = Ask
    icon = "comment-add-reversed"
    menu_label = _("Asks")
    index_view_class = AskIndexView
    inspect_view_class = AskInspectView
