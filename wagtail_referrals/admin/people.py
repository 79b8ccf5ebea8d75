"""People: who somebody is here, in every role they have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from ..asks.explain import explain
from ..asks.models import Ask, Touchpoint
from ..coupons.models import Coupon
from ..feedback.models import FeedbackResponse
from ..messages.models import Message
from ..people.models import Person
from ..people.suppression import is_suppressed
from ..referrals.models import Advocate, Referral
from ..rewards.models import Reward
from .actions import ActionView
from .links import why_url
from .permissions import can_look, policy_for, visible
from .person_actions import (
    AllowContactView,
    BlockAddressView,
    BlockView,
    EraseView,
    NoContactView,
    UnblockView,
)
from .person_data import ExportView, WithdrawView, may_export
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
from .search import person_q
from .value_groups import LABEL as GROUP_LABEL
from .value_groups import GroupFilter, said_groups, with_groups
from .words import kind_label


def standing(person: Person) -> str:
    """What is out of the ordinary about somebody."""
    if person.erased_at:
        return gettext("erased")
    return gettext("blocked") if person.blocked_at else ""


class PersonIndexView(RecordIndexView):
    list_display = [
        TitleColumn(
            "person",
            label=_("Person"),
            accessor=str,
            url_name="referrals_people:inspect",
            sort_key="name",
        ),
        Column("email", label=_("E-mail"), sort_key="email"),
        StatusTagColumn("standing", label=_("Standing"), accessor=lambda row: standing(row)),
        MomentColumn("customer_since", label=_("Customer since")),
        MomentColumn("created_at", label=_("Known since"), sort_key="created_at"),
    ]
    exports = (
        (_("E-mail"), lambda person: person.email),
        (_("Name"), lambda person: person.name),
        (_("Language"), lambda person: person.locale),
        (_("Customer since"), lambda person: person.customer_since),
        (_("Known since"), lambda person: person.created_at),
        (_("Blocked"), lambda person: person.blocked_at),
        (_("Blocked because"), lambda person: person.blocked_reason),
        (GROUP_LABEL, said_groups),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("People appear here when they give feedback, claim an offer or buy.")
    filterset_class = filters_for(
        Person,
        "created_at",
        customer=BooleanFilter(
            field_name="customer_since",
            lookup_expr="isnull",
            exclude=True,
            label=_("Customer"),
            widget=BooleanRadioSelect,
        ),
        blocked=BooleanFilter(
            field_name="blocked_at",
            lookup_expr="isnull",
            exclude=True,
            label=_("On the block list"),
            widget=BooleanRadioSelect,
        ),
        group=GroupFilter(person="pk"),
    )

    def get_base_queryset(self) -> QuerySet:
        rows = super().get_base_queryset()
        return with_groups(rows, self.request.user, person="pk") if self.is_export else rows

    def search_with(self, term: str) -> Q:
        return person_q(term)

    @property
    def header_buttons(self) -> list[Any]:
        """The base's, and a way to block an address by hand."""
        buttons = super().header_buttons
        if not policy_for(Person).user_has_permission(self.request.user, "change"):
            return buttons
        url = reverse("referrals_people:block_address")
        return [*buttons, HeaderButton(_("Block an address"), url=url, icon_name="lock")]


class PersonInspectView(RecordInspectView):
    related = ("user",)
    object: Person

    def facts(self) -> Iterable[Fact]:
        person = self.object
        yield Fact(_("E-mail"), person.email or "–")
        yield Fact(_("Name"), person.name or "–")
        yield Fact(_("Language"), person.locale or "–")
        yield Fact(_("User account"), person.user or "–")
        yield Fact(_("Customer since"), moment(person.customer_since) or _("not a customer yet"))
        yield Fact(_("Known since"), moment(person.created_at))
        if person.erased_at:
            yield Fact(_("Erased"), moment(person.erased_at))
        if person.blocked_at:
            yield Fact(_("On the block list since"), moment(person.blocked_at))
            yield Fact(_("Blocked because"), person.blocked_reason or "–")
        if self.is_left_alone:
            yield Fact(_("Contact"), _("asked not to be contacted"), status="primary")
        url = why_url(self.request.user, person)
        if url:
            yield Fact(_("Why did they get nothing?"), _("Every decision about them"), url)

    @cached_property
    def is_left_alone(self) -> bool:
        """Whether they asked not to be contacted."""
        return bool(self.object.email) and is_suppressed(self.object.email)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        person, policy = self.object, policy_for(Person)
        if person.erased_at:
            return
        if person.blocked_at:
            url = reverse("referrals_people:unblock", args=[person.pk])
            yield url, UnblockView.button_label, "button-secondary"
        else:
            url = reverse("referrals_people:block", args=[person.pk])
            yield url, BlockView.button_label, "button-secondary"
        if person.email:
            name: str = "contact" if self.is_left_alone else "no_contact"
            url = reverse(f"referrals_people:{name}", args=[person.pk])
            yield url, CONTACT[name].button_label, "button-secondary"
        if person.consents.filter(withdrawn_at=None).exists():
            url = reverse("referrals_people:withdraw", args=[person.pk])
            yield url, WithdrawView.button_label, "button-secondary"
        if may_export(self.request.user, person):
            url = reverse("referrals_people:export", args=[person.pk])
            yield url, ExportView.button_label, "button-secondary"
        if policy.user_has_permission_for_instance(self.request.user, "delete", person):
            yield reverse("referrals_people:erase", args=[person.pk]), _("Erase"), "serious"

    def sections(self) -> Iterable[Section]:
        yield from self._roles()
        yield from self._gains()
        yield from self._words()
        yield from self._asks()
        yield from self.log_section()

    def _roles(self) -> Iterable[Section]:
        person = self.object
        yield from self.records_section(
            Advocate,
            _("Advocate in"),
            person.advocacies.select_related("program"),
            [
                (_("Program"), lambda row: row.program),
                (_("Code"), lambda row: row.display_code),
                (_("State"), lambda row: row.get_state_display()),
                (_("Joined"), lambda row: moment(row.created_at)),
            ],
            name="advocate",
        )
        for name, heading, rows in (
            ("referred", _("Friends they brought"), Referral.objects.filter(referrer=person)),
            ("friend", _("Referred by"), Referral.objects.filter(friend=person)),
        ):
            yield from self.records_section(
                Referral,
                heading,
                rows.select_related("program", "friend", "advocate__person"),
                [
                    (_("Referral"), str),
                    (_("Program"), lambda row: row.program),
                    (_("Stage"), lambda row: row.get_stage_display()),
                    (_("Claimed"), lambda row: moment(row.claimed_at)),
                ],
                name=name,
            )

    def _gains(self) -> Iterable[Section]:
        person = self.object
        yield from self.records_section(
            Reward,
            _("Rewards"),
            person.rewards.select_related("program"),
            [
                (_("Reward"), lambda row: row.headline),
                (_("Program"), lambda row: row.program),
                (_("As"), lambda row: row.get_beneficiary_display()),
                (_("State"), lambda row: row.get_state_display()),
                (_("Granted"), lambda row: moment(row.created_at)),
            ],
            name="rewards",
        )
        coupons = Coupon.objects.filter(Q(holder=person) | Q(given_by=person))
        yield from self.records_section(
            Coupon,
            _("Coupons"),
            coupons.select_related("program"),
            [
                (_("Code"), str),
                (_("Offer"), lambda row: row.headline),
                (_("As"), self._coupon_role),
                (_("State"), lambda row: row.get_state_display()),
                (_("Uses"), lambda row: row.uses),
            ],
            name="coupons",
        )

    def _coupon_role(self, coupon: Any) -> Any:
        return _("theirs") if coupon.holder_id == self.object.pk else _("to hand on")

    def _asks(self) -> Iterable[Section]:
        """Why they were asked, or not; also of what no ask was planned for."""
        user = self.request.user
        if not (can_look(user, Ask) and can_look(user, Touchpoint)):
            return
        asks, touchpoints = (
            visible(user, Ask.objects.all()),
            visible(user, Touchpoint.objects.all()),
        )
        yield from self.section(
            _("Asked, and not asked"),
            explain(self.object, asks, touchpoints),
            [
                (_("Touchpoint"), lambda row: row.touchpoint),
                (_("Happened"), lambda row: moment(row.at)),
                (_("Asked"), lambda row: _("yes") if row.is_asked else _("no")),
                (_("Why"), lambda row: row.words),
            ],
            name="asks",
            target=lambda row: row.ask or row.touchpoint,
        )

    def _words(self) -> Iterable[Section]:
        person = self.object
        yield from self.records_section(
            FeedbackResponse,
            _("Feedback"),
            person.responses.select_related("page"),
            [
                (_("Time"), lambda row: moment(row.submit_time)),
                (_("Page"), lambda row: row.page.title),
                (_("Score"), lambda row: row.score),
            ],
            name="feedback",
        )
        yield from self.section(
            _("Consents"),
            person.consents.all(),
            [
                (_("To"), lambda row: row.get_kind_display()),
                (_("Given"), lambda row: moment(row.given_at)),
                (_("Withdrawn"), lambda row: moment(row.withdrawn_at)),
                (_("On"), lambda row: row.place),
                (_("Version"), lambda row: row.version),
                (_("Wording"), lambda row: Truncator(strip_tags(row.wording)).chars(160)),
            ],
            name="consents",
            target=lambda row: None,
        )
        yield from self.records_section(
            Message,
            _("Messages"),
            person.messages.all(),
            [
                (_("Message"), lambda row: kind_label(row.kind)),
                (_("State"), lambda row: row.get_state_display()),
                (_("Sent"), lambda row: moment(row.sent_at)),
            ],
            name="messages",
        )


CONTACT: dict[str, type[ActionView]] = {
    "no_contact": NoContactView,
    "contact": AllowContactView,
}


class PersonViewSet(RecordViewSet):
    model = Person
    icon = "user"
    index_view_class = PersonIndexView
    inspect_view_class = PersonInspectView
    has_actions = True
    can_erase = True

    def get_urlpatterns(self) -> list[URLPattern]:
        address: Any = self.construct_view(BlockAddressView)
        views: dict[str, Any] = {
            "block": BlockView,
            "unblock": UnblockView,
            "erase": EraseView,
            "export": ExportView,
            "withdraw": WithdrawView,
            **CONTACT,
        }
        return [
            *super().get_urlpatterns(),
            path("block/", address, name="block_address"),
            *(
                path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
                for name, view in views.items()
            ),
        ]
