"""Batches of coupons: set up, made with a progress bar, exported, printed, ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.log_actions import log

from ..coupons.batches import SLICE, delete_batch, make_codes, void_batch
from ..coupons.models import BatchSource, BatchState, Coupon, CouponBatch, Redemption
from ..coupons.upload import BadCodes, store_codes
from ..exceptions import ReferralsError
from ..programs.money import format_money
from .actions import ActionView
from .batch_form import EDIT_HANDLER
from .cards import CardsView
from .coupons import who_did
from .links import admin_url, list_url, url_for
from .permissions import can_look, policy_for
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
from .search import begins_with
from .words import user_name


def progress(batch: CouponBatch) -> str:
    """How many of the codes that are wanted there are."""
    return gettext("%(made)s of %(wanted)s") % {
        "made": f"{batch.made:,}",
        "wanted": f"{batch.wanted:,}",
    }


class BatchIndexView(RecordIndexView):
    any_permission_required = ("add", "change", "view")
    related = ("program", "created_by")
    list_display = [
        TitleColumn("name", label=_("Name"), url_name="referrals_batches:inspect"),
        Column("headline", label=_("Offer")),
        Column("program", label=_("Program")),
        Column("made", label=_("Codes made"), accessor=progress),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state != BatchState.VOID,
        ),
        MomentColumn("expires_at", label=_("Expires")),
        MomentColumn("created_at", label=_("Set up"), sort_key="created_at"),
    ]
    exports = (
        (_("Name"), lambda row: row.name),
        (_("Offer"), lambda row: row.headline),
        (_("Program"), lambda row: row.program.name),
        (_("Pattern"), lambda row: row.pattern),
        (_("Codes made"), lambda row: row.made),
        (_("State"), lambda row: row.get_state_display()),
        (_("Expires"), lambda row: row.expires_at),
        (_("Set up by"), lambda row: user_name(row.created_by) if row.created_by else ""),
        (_("Set up"), lambda row: row.created_at),
    )
    search_hint = _("Beginning of the name")
    empty_text = _("A batch is many codes at once: for flyers, partners, or codes you have.")
    filterset_class = filters_for(CouponBatch, "created_at", ["program", "state"])

    def search_with(self, term: str) -> Any:
        return begins_with("name", term)


class BatchCreateView(generic.CreateView):
    success_message = _("The batch “%(object)s” is set up.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(CouponBatch)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except BadCodes as bad:  # somebody else took one of the codes just now
            form.refuse_codes(bad)
            return self.form_invalid(form)

    def save_instance(self) -> CouponBatch:
        batch: CouponBatch = self.form.instance
        batch.created_by = self.request.user
        if batch.source == BatchSource.UPLOADED:
            store_codes(batch, self.form.codes)
        else:
            batch.save()
            make_codes(batch)
        log(instance=batch, action="wagtail.create", content_changed=True)
        return batch

    def get_success_buttons(self) -> list[Any]:
        return []  # there is no screen to edit it

    def get_success_url(self) -> str:
        self.object.refresh_from_db(fields=["state"])
        if self.object.state == BatchState.MAKING:
            return reverse("referrals_batches:make", args=[self.object.pk])
        return url_for(self.request.user, self.object) or list_url(CouponBatch)


class BatchInspectView(RecordInspectView):
    related = ("program", "created_by")
    object: CouponBatch

    def facts(self) -> Iterable[Fact]:
        batch = self.object
        yield Fact(_("Offer"), batch.headline)
        status = "secondary" if batch.state == BatchState.VOID else "primary"
        yield Fact(_("State"), batch.get_state_display(), status=status)
        yield self.link(_("Program"), batch.program)
        yield Fact(_("Codes made"), progress(batch))
        yield Fact(_("Pattern"), batch.pattern or batch.get_source_display())
        yield Fact(_("Uses of each code"), batch.max_uses or _("no limit"))
        yield Fact(_("Conditions"), ". ".join(batch.conditions) or "–")
        yield Fact(_("Fine print"), batch.fine_print or "–")
        yield Fact(_("Valid from"), moment(batch.valid_from))
        yield Fact(_("Expires"), moment(batch.expires_at) or _("never"))
        yield Fact(_("Set up by"), user_name(batch.created_by) if batch.created_by else "–")

    def looks(self) -> Iterable[tuple[str, Text]]:
        if self.object.made and can_look(self.request.user, Coupon):
            coupons = f"{list_url(Coupon)}?batch={self.object.pk}"
            yield coupons, _("Its coupons")
            yield f"{coupons}&export=csv", _("Codes as CSV")
            yield f"{coupons}&export=xlsx", _("Codes as XLSX")
            yield reverse("referrals_batches:cards", args=[self.object.pk]), _("Cards to print")

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        batch = self.object
        if batch.state == BatchState.MAKING:
            yield reverse("referrals_batches:make", args=[batch.pk]), _("Make the others"), ""
        if batch.state != BatchState.VOID:
            void = reverse("referrals_batches:void", args=[batch.pk])
            yield void, _("Void this batch"), "serious"
        if policy_for(CouponBatch).user_has_permission(self.request.user, "delete"):
            delete = reverse("referrals_batches:delete", args=[batch.pk])
            yield delete, _("Delete this batch"), "serious"

    def sections(self) -> Iterable[Section]:
        uses = Redemption.objects.filter(coupon__batch=self.object, live=True)
        yield from self.records_section(
            Coupon,
            _("Latest uses"),
            uses.select_related("coupon"),
            [
                (_("Code"), lambda row: row.coupon),
                (_("Order"), lambda row: row.order_id),
                (_("Discount"), lambda row: format_money(row.discount, row.currency or "EUR")),
                (_("State"), lambda row: row.get_state_display()),
                (_("Time"), lambda row: moment(row.redeemed_at)),
            ],
            name="redemptions",
            empty=_("Not used yet."),
            target=lambda row: row.coupon,
        )
        yield from self.section(
            _("By staff"),
            self.object.entries.select_related("user"),
            [
                (_("What"), lambda row: row.get_kind_display()),
                (_("Reason"), lambda row: row.reason),
                (_("By"), who_did),
                (_("Time"), lambda row: moment(row.created_at)),
            ],
            name="entries",
            target=lambda row: None,
        )


class MakeCodesView(ActionView):
    """Each POST makes a slice; a script posts until all are made, a button does without it."""

    model = CouponBatch
    page_title = _("Make the codes")
    header_icon = "copy"
    template_name = "wagtail_referrals/admin/batch_making.html"
    form_class = forms.Form
    explanation = _("You can leave this page: what is missing is made later by itself.")
    button_label = _("Go on")

    def form_valid(self, form: Any) -> HttpResponse:
        batch: Any = self.object
        make_codes(batch, SLICE)
        batch.refresh_from_db()
        going_on = batch.state == BatchState.MAKING
        here = self.request.path if going_on else admin_url(batch)
        if self.request.accepts("text/html"):
            return redirect(here)
        told = {"percent": batch.progress, "words": progress(batch), "done": not going_on}
        return JsonResponse({**told, "url": here})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(progress=progress(self.object), **kwargs)


class VoidBatchView(ActionView):
    model = CouponBatch
    page_title = _("Void this batch")
    header_icon = "cross"
    explanation = _("Nobody can use a code of it from now on. This cannot be undone.")
    button_label = _("Void this batch")
    button_class = "serious"
    success_message = _("The batch is void.")

    def perform(self, reason: str) -> None:
        void_batch(self.object, reason=reason, user=self.request.user)


class DeleteBatchView(ActionView):
    model = CouponBatch
    permission_required = "delete"
    page_title = _("Delete this batch")
    header_icon = "bin"
    form_class = forms.Form
    explanation = _("Only a batch of which no code was ever used, voided or changed.")
    button_label = _("Delete this batch")
    button_class = "serious"

    def form_valid(self, form: Any) -> HttpResponse:
        batch: Any = self.object
        try:
            delete_batch(batch)
        except ReferralsError:
            form.add_error(None, gettext("It is in use: void it instead."))
            return self.form_invalid(form)
        log(instance=batch, action="wagtail.delete", deleted=True)
        messages.success(
            self.request, gettext("The batch “%(name)s” is deleted.") % {"name": batch}
        )
        return redirect(list_url(CouponBatch))


class BatchViewSet(RecordViewSet):
    model = CouponBatch
    icon = "copy"
    index_view_class = BatchIndexView
    inspect_view_class = BatchInspectView
    add_view_class = BatchCreateView
    edit_handler = EDIT_HANDLER
    has_actions = True

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        meta = self.model._meta
        return Permission.objects.filter(
            content_type__app_label=meta.app_label, content_type__model=meta.model_name
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        return {**common, "add_url_name": self.get_url_name("add")}

    def get_urlpatterns(self) -> list[URLPattern]:
        views: dict[str, Any] = {
            "make": MakeCodesView,
            "void": VoidBatchView,
            "delete": DeleteBatchView,
            "cards": CardsView,
        }
        return [
            *super().get_urlpatterns(),
            path("new/", self.add_view, name="add"),
            *(
                path(f"{name}/<int:pk>/", self.construct_view(view), name=name)
                for name, view in views.items()
            ),
        ]
