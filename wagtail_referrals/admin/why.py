"""«Why did I get nothing?»: one screen that answers it for any customer."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from ..coupons.codes import LINK_LENGTH, code_key
from ..coupons.models import Coupon, Redemption
from ..events.models import Event
from ..exceptions import InvalidInput
from ..people.models import Person
from ..people.register import find_person
from ..referrals.models import Advocate
from ..text import clean_line
from .links import why_url
from .permissions import can_look, policy_for, visible
from .search import person_q
from .why_story import tell

MOST_PEOPLE = 10


def find_people(term: str, user: Any) -> list[Person]:
    """Whom an address, a name, an order's id or a code may mean, of those the user may see."""
    policy = policy_for(Person)
    people = policy.instances_user_has_any_permission_for(user, ["view", "change"])
    try:
        exact = find_person(term)
    except InvalidInput:
        exact = None
    if exact:
        return list(people.filter(pk=exact.pk))
    keys = {key for key in _by_ids(term, user) if key}
    return list(people.filter(person_q(term) | Q(pk__in=keys)).order_by("-pk")[:MOST_PEOPLE])


def _by_ids(term: str, user: Any) -> set[int | None]:
    """The keys of people who have to do with that order, coupon or link."""
    link, coupon = code_key(term, LINK_LENGTH), code_key(term)
    look_ups: list[tuple[type[Model], Any, tuple[str, ...]]] = [
        (Event, Event.objects.filter(external_id=term), ("person", "referral__referrer")),
        (Advocate, Advocate.objects.filter(code_key=link or None), ("person",)),
        (Coupon, Coupon.objects.filter(code_key=coupon or None), ("holder", "given_by")),
    ]
    found: set[int | None] = set()
    for model, rows, fields in look_ups:
        if can_look(user, model):
            shown = visible(user, rows).order_by().values_list(*fields)
            found.update(key for keys in shown[:MOST_PEOPLE] for key in keys)
    if can_look(user, Coupon):
        coupons = visible(user, Coupon.objects.filter(redemptions__order_id=term))
        uses = Redemption.objects.filter(order_id=term, coupon__in=coupons.order_by().values("pk"))
        found.update(uses.values_list("person", flat=True)[:MOST_PEOPLE])
    return found


class WhyView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Type what the customer gave you; read their story; copy the words for them."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/why.html"
    page_title = _("Why did I get nothing?")
    header_icon = "comment"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Person)

    @property
    def term(self) -> str:
        """What was typed, fit for any database."""
        return clean_line(self.request.GET.get("q", ""), 255)

    @cached_property
    def people(self) -> list[Person]:
        """One: that is their story. Several: to choose from."""
        chosen = self.request.GET.get("person", "")
        if chosen:
            if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
                return []
            people = policy_for(Person).instances_user_has_any_permission_for(
                self.request.user, ["view", "change"]
            )
            return list(people.filter(pk=chosen))
        return find_people(self.term, self.request.user) if self.term else []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        crumbs = [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]
        if len(self.people) != 1:
            return crumbs
        crumbs[-1]["url"] = reverse("referrals_why:index")
        return [*crumbs, {"url": "", "label": str(self.people[0])}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        only = self.people[0] if len(self.people) == 1 else None
        choices = [] if only else [(person, why_url(user, person)) for person in self.people]
        return super().get_context_data(
            term=self.term,
            asked=bool(self.term or self.request.GET.get("person")),
            story=tell(only, user) if only else None,
            choices=choices,
            **kwargs,
        )


class WhyMenuItem(MenuItem):
    """For who may see people."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_look(request.user, Person)


class WhyViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_why"
    url_prefix = "referrals/why"
    icon = "comment"
    menu_label = _("Why did I get nothing?")

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_why:index")
        return WhyMenuItem(self.menu_label, url, name="why", icon_name=self.icon, order=order)

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(WhyView)
        return [path("", view, name="index")]
