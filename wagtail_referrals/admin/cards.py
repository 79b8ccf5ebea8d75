"""A code to hold in one's hand: QR pictures, and cards for the printer."""

from __future__ import annotations

import io
from typing import Any

import segno
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.views.generic import TemplateView

from ..coupons.models import Coupon, CouponBatch, CouponState
from .permissions import LOOK, can_look, policy_for

# Two by five on A4, as sheets of business cards are cut.
CARDS_ON_A_SHEET = 10
SHEETS_ON_A_PAGE = 20
QR_KINDS = {"png": "image/png", "svg": "image/svg+xml"}


def qr_code(coupon: Coupon) -> Any:
    """The code as it is typed; a fifth of the picture may be dirty."""
    return segno.make(coupon.display_code, micro=False, error="q")


def qr_inline(coupon: Coupon) -> SafeString:
    """An SVG to stand in a page, without a style of its own."""
    # Made of numbers by segno; the code itself does not stand in it.
    return mark_safe(qr_code(coupon).svg_inline(omitsize=True, border=0))  # noqa: S308


def qr_download(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A coupon's QR code as a file."""
    if not can_look(request.user, Coupon):
        raise PermissionDenied
    visible = policy_for(Coupon).instances_user_has_any_permission_for(request.user, LOOK)
    coupon = get_object_or_404(visible, pk=pk)
    picture = io.BytesIO()
    qr_code(coupon).save(picture, kind=kind, scale=12, border=4)
    response = HttpResponse(picture.getvalue(), content_type=QR_KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="coupon-{coupon.pk}.{kind}"'
    return response


class CardsView(TemplateView):
    """Cards of a batch, ten to a sheet; a page of them is what a printer takes at once."""

    template_name = "wagtail_referrals/admin/cards.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        if not (can_look(user, CouponBatch) and can_look(user, Coupon)):
            raise PermissionDenied
        visible = policy_for(CouponBatch).instances_user_has_any_permission_for(user, LOOK)
        visible = visible.select_related("program__site")
        batch = get_object_or_404(visible, pk=self.kwargs["pk"])
        coupons = batch.coupons.filter(state=CouponState.ACTIVE).order_by("pk")
        page = Paginator(coupons, CARDS_ON_A_SHEET * SHEETS_ON_A_PAGE).get_page(
            self.request.GET.get("p")
        )
        cards = [(coupon, qr_inline(coupon)) for coupon in page]
        sheets = [
            cards[start : start + CARDS_ON_A_SHEET]
            for start in range(0, len(cards), CARDS_ON_A_SHEET)
        ]
        return super().get_context_data(
            batch=batch,
            shop=batch.program.site.site_name or batch.program.name,
            address=batch.program.site.root_url.partition("://")[2],
            page=page,
            sheets=sheets,
            language=get_language() or "en",
            direction="rtl" if get_language_bidi() else "ltr",
            **kwargs,
        )
