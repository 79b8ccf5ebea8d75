"""The till's pages. In a real shop these views ask for a login: see EXAMPLE_OPEN_TILL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from example_site.shop import till as actions
from example_site.shop.forms import RefundForm, TillForm
from example_site.shop.models import CURRENCY, Order, Product
from wagtail_referrals.api import quote_coupon
from wagtail_referrals.exceptions import ReferralsError

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.EXAMPLE_OPEN_TILL and not request.user.is_staff:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return never_cache(wrapper)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def till(request: HttpRequest) -> HttpResponse:
    products = list(Product.objects.on_sale())
    if request.method != "POST":
        return _show_till(request, TillForm(products=products))
    form = TillForm(request.POST, products=products)
    if not form.is_valid():
        return _show_till(request, form)
    if "check" in request.POST:
        return _show_till(request, form, quote=_quote(request, form))
    return _pay(request, form)


def _show_till(request: HttpRequest, form: TillForm, quote: Any = None) -> HttpResponse:
    context = {"form": form, "quote": quote, "open_till": settings.EXAMPLE_OPEN_TILL}
    if quote is not None and quote.valid:
        context["new_total"] = form.goods() - quote.discount
    return render(request, "shop/till.html", context)


def _quote(request: HttpRequest, form: TillForm) -> Any:
    data = form.cleaned_data
    if not data["coupon_code"]:
        form.add_error("coupon_code", "Type the coupon that is to be checked.")
        return None
    quote = quote_coupon(
        data["coupon_code"],
        email=data["email"],
        order_total=form.goods(),
        currency=CURRENCY,
        items=actions.items_of(form.lines()),
        client=_client(request),
    )
    if not quote.valid:
        form.add_error("coupon_code", str(quote.message))
    return quote


def _client(request: HttpRequest) -> str:
    """Staff hear why a code is refused; visitors of an open till cannot try out codes."""
    return "" if request.user.is_staff else str(request.META["REMOTE_ADDR"])


def _pay(request: HttpRequest, form: TillForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        order = actions.pay(
            ticket=data["ticket"],
            email=data["email"],
            lines=form.lines(),
            goods=form.goods(),
            coupon_code=data["coupon_code"],
            friend_code=data["friend_code"],
            client=_client(request),
        )
    except ReferralsError as error:
        form.add_error(_field_of(error, data), str(error))
        return _show_till(request, form)
    return redirect("till_order", number=order.number)


def _field_of(error: ReferralsError, data: dict[str, Any]) -> str | None:
    """Where on the form a refusal belongs."""
    if error.code == "invalid_email":
        return "email"
    if isinstance(error, actions.UnknownFriendCode):
        return "friend_code"
    return "coupon_code" if data["coupon_code"] else None


@staff_only
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Order.objects.all(), 25).get_page(request.GET.get("p"))
    return render(request, "shop/order_list.html", {"order_page": page})


@staff_only
@require_safe
def order_detail(request: HttpRequest, number: int) -> HttpResponse:
    order = _get_order(number)
    return _show_order(request, order, RefundForm(order=order))


@staff_only
@require_POST
def order_refund(request: HttpRequest, number: int) -> HttpResponse:
    order = _get_order(number)
    form = RefundForm(request.POST, order=order)
    if not form.is_valid():
        return _show_order(request, order, form)

    def give_back() -> None:
        amount: Decimal = form.cleaned_data["amount"]
        actions.refund(order, amount, seen=form.cleaned_data["seen"])

    return _change_order(request, order, form, give_back, "The refund is recorded.")


@staff_only
@require_POST
def order_cancel(request: HttpRequest, number: int) -> HttpResponse:
    order = _get_order(number)
    form = RefundForm(order=order)
    said = "The order is cancelled."
    if order.coupon_code:
        said += " The coupon can be used again."
    return _change_order(request, order, form, lambda: actions.cancel(order), said)


def _change_order(
    request: HttpRequest, order: Order, form: forms.Form, change: Callable[[], None], said: str
) -> HttpResponse:
    try:
        change()
    except actions.AlreadyDone:
        messages.warning(request, "That had been done already; here is how the order stands.")
    except ReferralsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("till_order", number=order.number)


def _get_order(number: int) -> Order:
    order = Order.objects.filter(pk=number - 1000).first() if number < 10**9 else None
    if order is None:
        raise Http404
    return order


def _show_order(request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
    context = {"order": order, "form": form, "refunds": order.refunds.all()}
    return render(request, "shop/order.html", context)
