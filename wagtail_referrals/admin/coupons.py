"""Coupons: the code, its terms, who may use it and where it was used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ModelChoiceFilter
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets import AdminDateTimeInput

from ..coupons.issue import extend_coupon, reissue_coupon, void_coupon
from ..coupons.models import (
    Coupon,
    CouponBatch,
    CouponEntry,
    CouponEntryKind,
    CouponState,
    Redemption,
)
from ..exceptions import ReferralsError
from ..people.models import Person
from ..programs.money import format_money
from .actions import ActionView, ReasonForm
from .cards import QR_KINDS, qr_download
from .permissions import policy_for, visible
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
from .search import begins_with, coupon_code_q, first_found, mailbox_q
from .words import user_name


def uses(coupon: Coupon) -> str:
    """How often it was used, of how often it may be."""
    if coupon.max_uses is None:
        return gettext("no limit")
    return gettext("%(uses)d of %(most)d") % {"uses": coupon.uses, "most": coupon.max_uses}


def who_did(entry: CouponEntry) -> str:
    """Who made a line about a coupon."""
    if entry.user:
        return user_name(entry.user)
    if entry.actor.startswith("user:"):
        return gettext("somebody whose account is gone")
    return gettext("automatically")


def what_came_of_it(entry: CouponEntry) -> str:
    """The coupon in its place, or when it ends now."""
    if entry.related:
        return str(entry.related)
    if entry.kind == CouponEntryKind.EXTENDED:
        return moment(entry.until) or gettext("never")
    return ""


def _of_batch() -> ModelChoiceFilter:
    """By batch, of those of the programs the user sees."""

    def offered(request: Any) -> QuerySet:
        return visible(request.user, CouponBatch.objects.all())

    return ModelChoiceFilter(queryset=offered, label=_("Batch"))


class CouponIndexView(RecordIndexView):
    related = ("holder", "given_by", "program", "batch")
    list_display = [
        TitleColumn("code", label=_("Code"), accessor=str, url_name="referrals_coupons:inspect"),
        Column("headline", label=_("Offer")),
        Column("holder", label=_("Holder")),
        Column("given_by", label=_("Handed on by")),
        Column("program", label=_("Program")),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state == CouponState.ACTIVE,
        ),
        Column("uses", label=_("Used"), accessor=uses),
        MomentColumn("expires_at", label=_("Expires")),
        MomentColumn("created_at", label=_("Issued"), sort_key="created_at"),
    ]
    exports = (
        (_("Code"), lambda row: row.display_code),
        (_("Offer"), lambda row: row.headline),
        (_("Holder"), lambda row: row.holder.email if row.holder else ""),
        (_("Handed on by"), lambda row: row.given_by.email if row.given_by else ""),
        (_("Program"), lambda row: row.program.name),
        (_("Batch"), lambda row: row.batch.name if row.batch else ""),
        (_("State"), lambda row: row.get_state_display()),
        (_("Uses"), lambda row: row.uses),
        (_("Uses allowed"), lambda row: row.max_uses),
        (_("Expires"), lambda row: row.expires_at),
        (_("Issued"), lambda row: row.created_at),
    )
    search_hint = _("Beginning of a code, an order or an e-mail")
    empty_text = _(
        "Coupons are issued by reward rules, when somebody gives feedback or a friend claims."
    )
    filterset_class = filters_for(Coupon, "created_at", ["program", "state"], batch=_of_batch())

    def search_with(self, term: str) -> Q:
        found = set(first_found(Redemption, begins_with("order_id", term), "coupon"))
        if people := first_found(Person, mailbox_q(term), "pk"):
            for field in ("holder", "given_by"):
                found |= set(first_found(Coupon, Q(**{f"{field}__in": people}), "pk"))
        return coupon_code_q("code_key", term) | Q(pk__in=found)


class CouponInspectView(RecordInspectView):
    related = ("holder", "given_by", "program", "offer", "batch", "replaces", "reward")
    object: Coupon

    def facts(self) -> Iterable[Fact]:
        coupon = self.object
        active = coupon.state == CouponState.ACTIVE
        yield Fact(_("Offer"), coupon.headline)
        status = "primary" if active else "secondary"
        yield Fact(_("State"), coupon.get_state_display(), status=status)
        yield self.link(_("Holder"), coupon.holder)
        yield self.link(_("Handed on by"), coupon.given_by)
        yield self.link(_("Program"), coupon.program)
        yield self.link(_("Reward"), getattr(coupon, "reward", None))
        if coupon.batch:
            yield self.link(_("Batch"), coupon.batch)
        if coupon.replaces:
            yield self.link(_("Replaces"), coupon.replaces)
        if new := getattr(coupon, "replaced_by", None):
            yield self.link(_("Replaced by"), new)
        yield Fact(_("Used"), uses(coupon))
        yield Fact(_("Conditions"), ". ".join(coupon.conditions) or "–")
        yield Fact(_("Fine print"), coupon.fine_print or "–")
        yield Fact(_("Valid from"), moment(coupon.valid_from))
        yield Fact(_("Expires"), moment(coupon.expires_at) or _("never"))

    def looks(self) -> Iterable[tuple[str, Text]]:
        for kind in QR_KINDS:
            words = gettext("QR code as %(kind)s") % {"kind": kind.upper()}
            yield reverse(f"referrals_coupons:qr_{kind}", args=[self.object.pk]), words

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        coupon = self.object
        if coupon.state != CouponState.ACTIVE:
            return
        if coupon.expires_at:
            yield reverse("referrals_coupons:extend", args=[coupon.pk]), _("Extend"), ""
        if coupon.max_uses is None or coupon.uses < coupon.max_uses:
            yield reverse("referrals_coupons:reissue", args=[coupon.pk]), _("Re-issue"), ""
        reward = getattr(coupon, "reward", None)
        if reward is None:
            url = reverse("referrals_coupons:void", args=[coupon.pk])
            yield url, _("Void this coupon"), "serious"
        elif reward is not None and policy_for(type(reward)).user_has_permission(
            self.request.user, "change"
        ):
            # Its reward has a ledger: what ends the coupon has to be written there.
            url = reverse("referrals_rewards:void", args=[reward.pk])
            yield url, _("Take back the reward and void this coupon"), "serious"

    def sections(self) -> Iterable[Section]:
        yield from self.section(
            _("Used on"),
            self.object.redemptions.select_related("person"),
            [
                (_("Order"), lambda row: row.order_id),
                (_("Person"), lambda row: row.person),
                (_("Order total"), lambda row: format_money(row.order_total, row.currency)),
                (_("Discount"), lambda row: format_money(row.discount, row.currency)),
                (_("State"), lambda row: row.get_state_display()),
                (_("Time"), lambda row: moment(row.redeemed_at)),
                (_("Given back"), _given_back),
            ],
            name="redemptions",
            empty=_("Not used yet."),
            target=lambda row: row.person,
            whole=True,
        )
        yield from self.section(
            _("By staff"),
            self.object.entries.select_related("user", "related"),
            [
                (_("What"), lambda row: row.get_kind_display()),
                (_("Outcome"), what_came_of_it),
                (_("Reason"), lambda row: row.reason),
                (_("By"), who_did),
                (_("Time"), lambda row: moment(row.created_at)),
            ],
            name="entries",
            target=lambda row: row.related,
        )


def _given_back(redemption: Redemption) -> str:
    return " ".join(filter(None, [moment(redemption.rolled_back_at), redemption.rollback_reason]))


class VoidCouponView(ActionView):
    model = Coupon
    page_title = _("Void this coupon")
    header_icon = "cross"
    explanation = _("Nobody can use it from now on. This cannot be undone.")
    button_label = _("Void this coupon")
    button_class = "serious"
    success_message = _("The coupon is void.")

    def perform(self, reason: str) -> None:
        coupon: Any = self.object
        user = self.request.user
        if hasattr(coupon, "reward") or not void_coupon(coupon, reason=reason, user=user):
            raise ReferralsError("not_possible")


class ExtendForm(ReasonForm):
    until = forms.DateTimeField(
        label=_("Valid until"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Later than it expires now. Empty: no end."),
    )
    field_order = ["until", "reason"]


class ExtendCouponView(ActionView):
    model = Coupon
    page_title = _("Extend this coupon")
    header_icon = "date"
    form_class = ExtendForm
    explanation = _("It can be used until then, also when it has expired meanwhile.")
    button_label = _("Extend")
    success_message = _("The coupon is valid for longer.")

    def perform(self, reason: str) -> None:
        until = self.form_values["until"]
        extend_coupon(self.object, until, reason=reason, user=self.request.user)


class ReissueCouponView(ActionView):
    model = Coupon
    page_title = _("Re-issue this coupon")
    header_icon = "rotate"
    explanation = _(
        "A new code with the uses that are left, on the same terms. The old one is dead at once. "
        "The holder is not told: pass the new code on."
    )
    button_label = _("Re-issue")
    success_message = _("This is the new coupon.")

    def perform(self, reason: str) -> None:
        old: Any = self.object
        # The answer leads to the new one.
        self.object = reissue_coupon(old, reason=reason, user=self.request.user)


class CouponViewSet(RecordViewSet):
    model = Coupon
    icon = "cut"
    index_view_class = CouponIndexView
    inspect_view_class = CouponInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        views: dict[str, Any] = {
            "void": VoidCouponView,
            "extend": ExtendCouponView,
            "reissue": ReissueCouponView,
        }
        return [
            *super().get_urlpatterns(),
            *(
                path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
                for name, view in views.items()
            ),
            *(
                path(f"qr/<int:pk>.{kind}", qr_download, {"kind": kind}, name=f"qr_{kind}")
                for kind in QR_KINDS
            ),
        ]
