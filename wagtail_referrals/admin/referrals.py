"""Advocates and their referrals, with the story of each and the repair of an attribution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..coupons.codes import LINK_LENGTH, code_key
from ..events.models import Event
from ..exceptions import InvalidInput, ReferralsError
from ..insights.facts import FACTS
from ..people.identity import email_key
from ..programs.money import format_money
from ..programs.offers import Offer, as_promised
from ..referrals.links import link_url
from ..referrals.models import Advocate, Grade, Referral, Source, Stage
from ..referrals.refer import repair_attribution
from ..referrals.risk import describe_flags
from .actions import ReasonForm
from .links import admin_url, url_for
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    days_filter,
    filters_for,
    moment,
)
from .referral_actions import GradeView, TierView, better_grades
from .search import advocate_code_q, of_person
from .timeline import referral_timeline
from .value_groups import LABEL as GROUP_LABEL
from .value_groups import GroupFilter, said_groups, with_groups
from .words import CHANNELS, say

# A membership's own group is that of its program.
_WHOSE = {"person": "person_id", "program": "program_id"}


class AdvocateIndexView(RecordIndexView):
    related = ("person", "program")
    list_display = [
        TitleColumn(
            "person", label=_("Advocate"), accessor=str, url_name="referrals_advocates:inspect"
        ),
        Column("display_code", label=_("Code")),
        Column("program", label=_("Program")),
        Column("tier", label=_("Tier")),
        StatusTagColumn(
            "get_state_display", label=_("State"), primary=lambda row: row.state == "active"
        ),
        MomentColumn("created_at", label=_("Joined"), sort_key="created_at"),
    ]
    exports = (
        (_("E-mail"), lambda row: row.person.email),
        (_("Name"), lambda row: row.person.name),
        (_("Code"), lambda row: row.display_code),
        (_("Program"), lambda row: row.program.name),
        (_("Tier"), lambda row: row.tier),
        (_("State"), lambda row: row.get_state_display()),
        (_("Joined"), lambda row: row.created_at),
        (_("Friends who bought"), lambda row: row.friends_converted),
        (GROUP_LABEL, said_groups),
    )
    search_hint = _("Code, e-mail or name")
    empty_text = _("Customers become advocates when they finish a feedback form.")
    filterset_class = filters_for(
        Advocate, "created_at", ["program", "state"], group=GroupFilter(**_WHOSE)
    )

    def get_base_queryset(self) -> QuerySet:
        rows = super().get_base_queryset()
        return with_groups(rows, self.request.user, **_WHOSE) if self.is_export else rows

    def search_with(self, term: str) -> Q:
        return of_person("person", term) | advocate_code_q("code_key", term)


class AdvocateInspectView(RecordInspectView):
    related = ("person", "program__site")
    object: Advocate

    def facts(self) -> Iterable[Fact]:
        advocate = self.object
        yield self.link(_("Person"), advocate.person)
        yield self.link(_("Program"), advocate.program)
        yield Fact(_("Code"), advocate.display_code)
        yield Fact(_("Link"), link_url(advocate))
        yield Fact(_("State"), advocate.get_state_display(), status="primary")
        yield Fact(_("Tier"), advocate.tier or "–")
        yield Fact(_("Joined"), moment(advocate.created_at))
        yield Fact(_("Clicks"), advocate.clicks.count())
        yield Fact(_("Friends who bought"), advocate.friends_converted)
        value = format_money(advocate.friends_value, advocate.program.currency)
        yield Fact(_("What they bought for"), value)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        url = reverse("referrals_advocates:tier", args=[self.object.pk])
        yield url, TierView.button_label, "button-secondary"

    def sections(self) -> Iterable[Section]:
        referrals = self.object.referrals.select_related("friend", "advocate__person")
        yield from self.records_section(
            Referral,
            _("Friends they brought"),
            referrals,
            [
                (_("Friend"), lambda row: row.friend),
                (_("Stage"), lambda row: row.get_stage_display()),
                (_("Claimed"), lambda row: moment(row.claimed_at)),
                (_("Bought"), lambda row: moment(row.converted_at)),
            ],
            name="referrals",
            empty=_("Nobody yet."),
        )
        yield from self.log_section()


class AdvocateViewSet(RecordViewSet):
    model = Advocate
    icon = "openquote"
    index_view_class = AdvocateIndexView
    inspect_view_class = AdvocateInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        tier: Any = self.construct_view(TierView)
        return [*super().get_urlpatterns(), path("tier/<int:pk>/", tier, name="tier")]


def _rewarded_in(rows: QuerySet, _name: str, days: slice | None) -> QuerySet:
    """Whoever recommended was rewarded for them, for the first time, in a range of times."""
    if days is None:
        return rows
    thanks = FACTS["rewarded"].unordered
    if days.start:
        thanks = thanks.filter(created_at__gte=days.start)
    if days.stop:
        thanks = thanks.filter(created_at__lte=days.stop)
    return rows.filter(pk__in=thanks.values("reward__referral"))


class ReferralIndexView(RecordIndexView):
    related = ("friend", "advocate__person", "program")
    list_display = [
        TitleColumn(
            "friend", label=_("Friend"), accessor="friend", url_name="referrals_referrals:inspect"
        ),
        Column("advocate", label=_("Referred by")),
        Column("program", label=_("Program")),
        StatusTagColumn(
            "get_stage_display",
            label=_("Stage"),
            primary=lambda row: row.stage == Stage.CONVERTED,
        ),
        Column("source", label=_("Came"), accessor=lambda row: came(row)),
        MomentColumn("claimed_at", label=_("Claimed"), sort_key="claimed_at"),
        MomentColumn("converted_at", label=_("Bought")),
    ]
    exports = (
        (_("Friend"), lambda row: row.friend.email),
        (_("Friend's name"), lambda row: row.friend.name),
        (_("Referred by"), lambda row: row.advocate.person.email),
        (_("Advocate's code"), lambda row: row.advocate.display_code),
        (_("Program"), lambda row: row.program.name),
        (_("Stage"), lambda row: row.get_stage_display()),
        (_("Grade"), lambda row: row.grade),
        (_("Came"), lambda row: came(row)),
        (_("Would have come without it"), lambda row: row.would_have_come),
        (_("Clicked"), lambda row: row.clicked_at),
        (_("Claimed"), lambda row: row.claimed_at),
        (_("Bought"), lambda row: row.converted_at),
    )
    search_hint = _("E-mail, name, advocate's code or order")
    empty_text = _("A referral begins when a friend opens an advocate's link and claims the offer.")
    filterset_class = filters_for(
        Referral,
        "claimed_at",
        ["program", "stage", "source"],
        grade=ChoiceFilter(
            label=_("Grade at least"),
            choices=Grade.choices,
            lookup_expr="lte",
            empty_label=_("All"),
        ),
        qualified_at=days_filter(_("Qualified")),
        converted_at=days_filter(_("Bought")),
        rewarded=days_filter(_("Rewarded"), method=_rewarded_in),
    )

    def search_with(self, term: str) -> Q:
        advocates = Advocate.objects.filter(
            of_person("person", term) | advocate_code_q("code_key", term)
        )
        orders = Event.objects.filter(external_id=term, referral__isnull=False)
        return (
            of_person("friend", term)
            | Q(advocate__in=advocates.order_by().values("pk"))
            | Q(pk__in=orders.order_by().values("referral"))
        )


def came(referral: Referral) -> str:
    """How a referral came: by link, and by which."""
    if referral.source == Source.LINK and referral.channel:
        return say(CHANNELS, referral.channel)
    return str(referral.get_source_display())


def _headline(offer: Offer | None) -> str:
    return offer.headline if offer else "–"


def _would_have_come(referral: Referral) -> Text:
    """What the friend said when asked after the claim."""
    if referral.would_have_come is None:
        return _("not known")
    return _("yes") if referral.would_have_come else _("no")


class RepairForm(ReasonForm):
    """Another advocate of the same program, and why."""

    advocate = forms.CharField(
        label=_("Counts for"),
        max_length=254,
        help_text=_("Code or e-mail of an advocate of the same program."),
    )
    field_order = ["advocate", "reason"]

    def __init__(self, *args: Any, referral: Referral, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.referral = referral

    def clean_advocate(self) -> Advocate:
        found = self._find(self.cleaned_data["advocate"].strip())
        if found is None:
            message = gettext("No advocate of this program has this code or e-mail.")
            raise forms.ValidationError(message)
        if found.pk == self.referral.advocate_id:
            raise forms.ValidationError(gettext("It counts for this advocate already."))
        return found

    def _find(self, said: str) -> Advocate | None:
        advocates = Advocate.objects.select_related("person", "program__site")
        advocates = advocates.filter(program=self.referral.program_id)
        if "@" not in said:
            key = code_key(said, LINK_LENGTH)
            return advocates.filter(code_key=key).first() if key else None
        try:
            return advocates.filter(person__email_key=email_key(said)).first()
        except InvalidInput:
            return None


class ReferralInspectView(RecordInspectView):
    related = ("friend", "advocate__person", "program__site", "terms", "offer", "advocate_offer")
    template_name = "wagtail_referrals/admin/referral.html"
    object: Referral

    @cached_property
    def form(self) -> RepairForm:
        return RepairForm(self.request.POST or None, referral=self.object)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Repair the attribution."""
        if not self.may_change:
            raise PermissionDenied
        if self.form.is_valid() and self._repair():
            messages.success(
                request,
                gettext("This referral counts for %(advocate)s now.")
                % {"advocate": self.form.cleaned_data["advocate"]},
            )
            return redirect(admin_url(self.object))
        return self.render_to_response(self.get_context_data(**kwargs))

    def _repair(self) -> bool:
        data = self.form.cleaned_data
        try:
            repair_attribution(
                self.object,
                data["advocate"],
                reason=data["reason"],
                changed_by=self.request.user,
            )
        except ReferralsError as error:
            field = "reason" if error.code == "invalid_reason" else "advocate"
            self.form.add_error(field, str(error))
            return False
        return True

    def facts(self) -> Iterable[Fact]:
        referral = self.object
        bought = referral.stage == Stage.CONVERTED
        yield self.link(_("Friend"), referral.friend)
        yield self.link(_("Referred by"), referral.advocate)
        yield self.link(_("Program"), referral.program)
        status = "primary" if bought else "secondary"
        yield Fact(_("Stage"), referral.get_stage_display(), status=status)
        yield Fact(_("Grade"), referral.get_grade_display())
        if referral.flags:
            words = " ".join(describe_flags(referral.flags))
            yield Fact(_("Looks wrong because"), words)
        yield Fact(_("Came"), came(referral))
        yield Fact(_("Would have come without it"), _would_have_come(referral))
        yield Fact(_("Counts until"), moment(referral.counts_until))
        yield Fact(
            _("Promised to the friend"),
            _headline(as_promised(referral.offer, referral.offer_terms)),
        )
        promised = as_promised(referral.advocate_offer, referral.advocate_offer_terms)
        yield Fact(_("Promised to the advocate"), _headline(promised))
        terms = moment(referral.terms.created_at) if referral.terms else ""
        yield Fact(_("Terms agreed to"), _("as of %(day)s") % {"day": terms} if terms else "–")

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        if better_grades(self.object):
            url = reverse("referrals_referrals:grade", args=[self.object.pk])
            yield url, GradeView.button_label, "button-secondary"

    def sections(self) -> Iterable[Section]:
        yield from self.log_section()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        story = [(entry, url_for(user, entry.target)) for entry in referral_timeline(self.object)]
        form = self.form if self.may_change else None
        return super().get_context_data(story=story, form=form, **kwargs)


class ReferralViewSet(RecordViewSet):
    model = Referral
    icon = "group"
    index_view_class = ReferralIndexView
    inspect_view_class = ReferralInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        grade: Any = self.construct_view(GradeView)
        return [*super().get_urlpatterns(), path("grade/<int:pk>/", grade, name="grade")]
