"""Partners: whom we refer to and who refers to us, what is between us, and what is next."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, ModelChoiceFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..partners.models import Partner, PartnerState, partner_kinds
from ..referrals.links import link_url
from .case_rules import staff_users
from .records import (
    Fact,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    filters_for,
    moment,
)
from .search import begins_with, of_person
from .words import user_name

# Whom somebody is to keep in touch with.
IN_TOUCH = [PartnerState.INVITED, PartnerState.APPLIED, PartnerState.ACTIVE, PartnerState.PAUSED]


def day(value: datetime.date | None) -> str:
    """A day as staff read it."""
    return date_format(value, "DATE_FORMAT") if value else ""


def is_due(partner: Partner) -> bool:
    """Whether somebody should have been in touch by now."""
    on = partner.next_contact_on
    return bool(on and on <= timezone.localdate() and partner.state != PartnerState.ENDED)


def whose(partner: Partner) -> str:
    """Its owner's name."""
    return user_name(partner.owner) if partner.owner else "–"


def _due(partners: QuerySet, _name: str, wanted: bool) -> QuerySet:
    due = Q(state__in=IN_TOUCH, next_contact_on__lte=timezone.localdate())
    return partners.filter(due) if wanted else partners.exclude(due)


class DayColumn(Column):
    """A day, written out."""

    def get_value(self, instance: Any) -> str:
        return day(super().get_value(instance)) or "–"


class PartnerIndexView(RecordIndexView):
    any_permission_required = ["add", "change", "view"]
    related = ("program", "owner", "advocate__person")
    default_ordering = "name"
    list_display = [
        TitleColumn(
            "name", label=_("Partner"), url_name="referrals_partners:inspect", sort_key="name"
        ),
        Column("get_kind_display", label=_("Kind")),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state == PartnerState.ACTIVE,
        ),
        Column("program", label=_("Program")),
        Column("contact", label=_("Contact"), accessor=lambda row: row.person),
        Column("owner", label=_("Whose partner it is"), accessor=whose),
        DayColumn("next_contact_on", label=_("Next contact"), sort_key="next_contact_on"),
        DayColumn("last_favour_on", label=_("Last did something for them")),
    ]
    exports = (
        (_("Name"), lambda row: row.name),
        (_("Kind"), lambda row: row.get_kind_display()),
        (_("State"), lambda row: row.get_state_display()),
        (_("Program"), lambda row: row.program.name),
        (_("Contact"), lambda row: row.person.name),
        (_("E-mail"), lambda row: row.person.email),
        (_("Telephone"), lambda row: row.phone),
        (_("Website"), lambda row: row.website),
        (_("Code"), lambda row: row.advocate.display_code),
        (_("Whose partner it is"), lambda row: user_name(row.owner) if row.owner else ""),
        (_("Next contact"), lambda row: row.next_contact_on),
        (_("Last did something for them"), lambda row: row.last_favour_on),
        (_("Friends who bought"), lambda row: row.advocate.friends_converted),
        (_("Known since"), lambda row: row.created_at),
    )
    search_hint = _("Beginning of the name or the contact's e-mail")
    empty_text = _("Invite a business whose customers could be yours, and send yours to them.")
    filterset_class = filters_for(
        Partner,
        "created_at",
        ["program", "state"],
        kind=ChoiceFilter(label=_("Kind"), choices=partner_kinds),
        owner=ModelChoiceFilter(queryset=staff_users, label=_("Whose partner it is")),
        due=BooleanFilter(method=_due, label=_("Contact is due"), widget=BooleanRadioSelect),
    )

    def search_with(self, term: str) -> Q:
        names = {term, term[:1].upper() + term[1:], term.title()}
        found = of_person("advocate__person", term)
        for spelling in names:
            found |= begins_with("name", spelling)
        return found


class PartnerInspectView(RecordInspectView):
    related = ("program__site", "owner", "advocate__person", "advocate__friend_offer")
    object: Partner

    @cached_property
    def link_address(self) -> str:
        advocate = self.object.advocate
        advocate.program = self.object.program
        return link_url(advocate)

    def facts(self) -> Iterable[Fact]:
        partner = self.object
        status = "primary" if partner.is_active else "secondary"
        yield Fact(_("State"), partner.get_state_display(), status=status)
        yield Fact(_("Kind"), partner.get_kind_display())
        yield self.link(_("Program"), partner.program)
        yield self.link(_("Contact"), partner.person)
        yield self.link(_("Advocate"), partner.advocate)
        yield Fact(_("Telephone"), partner.phone or "–")
        yield Fact(_("Website"), partner.website or "–", partner.website)
        yield Fact(_("Link"), self.link_address)
        yield Fact(_("Whose partner it is"), whose(partner))
        due = "primary" if is_due(partner) else ""
        yield Fact(_("Next contact"), day(partner.next_contact_on) or "–", status=due)
        yield Fact(_("Last did something for them"), day(partner.last_favour_on) or "–")
        yield Fact(_("Known since"), moment(partner.created_at))

    def sections(self) -> Iterable[Section]:
        yield from self.log_section()


class PartnerViewSet(RecordViewSet):
    model = Partner
    icon = "link"
    index_view_class = PartnerIndexView
    inspect_view_class = PartnerInspectView
    has_actions = True
