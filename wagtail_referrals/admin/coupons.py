"""Coupons: the code, its terms, who may use it and where it was used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.log_actions import log
from wagtail.log_actions import registry as log_registry

from ..coupons.issue import void_coupon
from ..coupons.models import Coupon, CouponState, Redemption
from ..exceptions import ReferralsError
from ..programs.money import format_money
from .actions import ActionView
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
from .search import code_q, of_person
from .words import user_name

VOIDED = "wagtail_referrals.void"


def uses(coupon: Coupon) -> str:
    """How often it was used, of how often it may be."""
    if coupon.max_uses is None:
        return gettext("no limit")
    return gettext("%(uses)d of %(most)d") % {"uses": coupon.uses, "most": coupon.max_uses}


class CouponIndexView(RecordIndexView):
    related = ("holder", "given_by", "program")
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
        (_("State"), lambda row: row.get_state_display()),
        (_("Uses"), lambda row: row.uses),
        (_("Uses allowed"), lambda row: row.max_uses),
        (_("Expires"), lambda row: row.expires_at),
        (_("Issued"), lambda row: row.created_at),
    )
    search_hint = _("Code, order, e-mail or name")
    empty_text = _(
        "Coupons are issued by reward rules, when somebody gives feedback or a friend claims."
    )
    filterset_class = filters_for(Coupon, "created_at", ["program", "state"])

    def search_with(self, term: str) -> Q:
        orders = Redemption.objects.filter(order_id=term).order_by().values("coupon")
        people = of_person("holder", term) | of_person("given_by", term)
        return people | code_q("code_key", term) | Q(pk__in=orders)


class CouponInspectView(RecordInspectView):
    related = ("holder", "given_by", "program", "offer", "reward")
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
        yield Fact(_("Used"), uses(coupon))
        yield Fact(_("Conditions"), ". ".join(coupon.conditions) or "–")
        yield Fact(_("Fine print"), coupon.fine_print or "–")
        yield Fact(_("Valid from"), moment(coupon.valid_from))
        yield Fact(_("Expires"), moment(coupon.expires_at) or _("never"))

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        coupon = self.object
        if coupon.state != CouponState.ACTIVE:
            return
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
            log_registry.get_logs_for_instance(self.object).select_related("user"),
            [
                (_("What"), lambda row: row.message),
                (_("Reason"), lambda row: row.comment),
                (_("By"), lambda row: user_name(row.user) if row.user else ""),
                (_("Time"), lambda row: moment(row.timestamp)),
            ],
            name="log",
            target=lambda row: None,
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
        with transaction.atomic():
            if hasattr(self.object, "reward") or not void_coupon(self.object):
                raise ReferralsError("not_possible")
            # The verb keeps no reason; Wagtail's log does.
            log(self.object, VOIDED, user=self.request.user, data={"reason": reason})


class CouponViewSet(RecordViewSet):
    model = Coupon
    icon = "cut"
    index_view_class = CouponIndexView
    inspect_view_class = CouponInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        void: Any = self.construct_view(VoidCouponView)
        return [*super().get_urlpatterns(), path("void/<int:pk>/", void, name="void")]
