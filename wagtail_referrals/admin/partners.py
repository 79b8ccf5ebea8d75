"""Partners: whom we refer to and who refers to us, what is between us, and what is next."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, ModelChoiceFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, Table, TitleColumn
from wagtail.admin.views import generic

from ..partners.collateral_models import Collateral
from ..partners.introduction_models import Introduction
from ..partners.models import IN_TOUCH, Partner, PartnerState, partner_kinds
from ..referrals.links import link_url
from ..referrals.models import Referral
from ..referrals.share import link_code
from .case_rules import staff_users
from .links import admin_url
from .partner_actions import ACTIONS, InvitePartnerView, buttons
from .partner_form import EDIT_HANDLER, pages_about
from .permissions import LOOK, can_look, policy_for, visible
from .records import (
    Fact,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    filters_for,
    moment,
)
from .search import begins_with, of_person
from .words import Words, user_name


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
    any_permission_required = ("add", "change", "view")
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
        Column("owner", label=_("Whose it is"), accessor=whose),
        DayColumn("next_contact_on", label=_("Next contact"), sort_key="next_contact_on"),
        DayColumn("last_favour_on", label=_("Last favour")),
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
    add_item_label = _("Invite a partner")
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
        yield Fact(_("Clicks"), partner.advocate.clicks.count())
        yield Fact(_("Friends it brought"), partner.advocate.referrals.count())
        yield Fact(_("Friends who bought"), partner.advocate.friends_converted)
        if partner.notes:
            yield Fact(_("Notes"), partner.notes)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        yield from buttons(self.object)

    def looks(self) -> Iterable[tuple[str, Text]]:
        yield reverse("referrals_partners:qr", args=[self.object.pk]), _("QR code of its link")

    def sections(self) -> Iterable[Section]:
        yield from self._people()
        yield from self._shown()
        yield from self._between_us()
        yield from self.log_section()

    def _people(self) -> Iterable[Section]:
        yield from self.section(
            _("Contacts"),
            self.object.contacts.all(),
            [
                (_("Name"), lambda row: row.name),
                (_("Role"), lambda row: row.role),
                (_("E-mail"), lambda row: row.email),
                (_("Telephone"), lambda row: row.phone),
            ],
            name="contacts",
            target=lambda row: None,
        )

    def _shown(self) -> Iterable[Section]:
        yield from self.section(
            _("Joint offers"),
            self.object.joint_offers.select_related("offer"),
            [
                (_("Title"), lambda row: row.title),
                (_("Offer"), lambda row: row.offer.headline if row.offer else "–"),
                (_("From"), lambda row: day(row.starts_on)),
                (_("Until"), lambda row: day(row.ends_on)),
            ],
            name="offers",
            target=lambda row: None,
        )
        yield from self._pages()
        yield from self.records_section(
            Collateral,
            _("Collateral"),
            self.object.collateral.all(),
            [
                (_("Title"), lambda row: row.title),
                (_("Kind"), lambda row: row.get_kind_display()),
                (_("For whom"), lambda row: row.get_audience_display()),
                (_("Valid until"), lambda row: day(row.valid_until)),
            ],
            name="collateral",
        )

    def _pages(self) -> Iterable[Section]:
        """Its pages, with their editors for who may edit them."""
        user, pages = self.request.user, list(pages_about(self.object)[: self.longest_section])
        if not pages:
            yield Section("pages", _("Pages"), text=_("It has no page yet."))
            return
        columns: list[Column] = [
            TitleColumn("title", label=_("Page"), get_url=lambda page: edit_url(user, page)),
            Column("status", label=_("State"), accessor=lambda page: page.status_string),
        ]
        yield Section("pages", _("Pages"), Table(columns, pages))

    def _between_us(self) -> Iterable[Section]:
        partner = self.object
        yield from self.records_section(
            Referral,
            _("Friends it brought"),
            partner.advocate.referrals.select_related("friend", "advocate__person"),
            [
                (_("Friend"), lambda row: row.friend),
                (_("Stage"), lambda row: row.get_stage_display()),
                (_("Claimed"), lambda row: moment(row.claimed_at)),
                (_("Bought"), lambda row: moment(row.converted_at)),
            ],
            name="referrals",
        )
        yield from self.records_section(
            Introduction,
            _("Introductions"),
            partner.introductions.select_related("giver", "introduced"),
            [
                (_("Who is introduced"), lambda row: row.introduced),
                (_("By"), lambda row: row.giver),
                (_("Direction"), lambda row: DIRECTIONS[row.direction]),
                (_("Stage"), lambda row: row.get_stage_display()),
                (_("Introduced"), lambda row: moment(row.created_at)),
            ],
            name="introductions",
        )


DIRECTIONS: Words = {"received": _("received"), "given": _("given")}


def edit_url(user: Any, page: Any) -> str | None:
    """Where a page is edited, for who may."""
    if not page.permissions_for_user(user).can_edit():
        return None
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def qr_of_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The QR code of a partner's link as a file, for prints."""
    if not can_look(request.user, Partner):
        raise PermissionDenied
    rows = policy_for(Partner).instances_user_has_any_permission_for(request.user, LOOK)
    partner = get_object_or_404(rows.select_related("advocate__program__site"), pk=pk)
    response = HttpResponse(link_code(partner.advocate), content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="partner-{partner.pk}.svg"'
    return response


class PartnerEditView(generic.EditView):
    """What is between a partner and us, within the programs one sees."""

    success_message = _("“%(object)s” is saved.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Partner)

    def get_queryset(self) -> QuerySet:
        rows = visible(self.request.user, Partner.objects.all())
        return rows.select_related("program__site", "advocate__person", "owner")

    def get_success_url(self) -> str:
        return admin_url(self.object)

    @property
    def can_delete(self) -> bool:
        return False


class PartnerViewSet(RecordViewSet):
    model = Partner
    icon = "link"
    index_view_class = PartnerIndexView
    inspect_view_class = PartnerInspectView
    edit_view_class = PartnerEditView
    edit_handler = EDIT_HANDLER
    has_actions = True

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        names = [f"{action}_partner" for action in ("add", "change", "view")]
        return Permission.objects.filter(
            content_type__app_label="wagtail_referrals", codename__in=names
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {
            **common,
            "add_url_name": self.get_url_name("add"),
            "edit_url_name": self.get_url_name("edit"),
        }

    def get_urlpatterns(self) -> list[URLPattern]:
        invite: Any = self.construct_view(InvitePartnerView)
        actions: dict[str, Any] = {
            name: self.construct_view(view) for name, view in ACTIONS.items()
        }
        return [
            *super().get_urlpatterns(),
            path("new/", invite, name="add"),
            path("edit/<int:pk>/", self.edit_view, name="edit"),
            path("qr/<int:pk>/", qr_of_link, name="qr"),
            *(path(f"{name}/<int:pk>/", view, name=name) for name, view in actions.items()),
        ]
