"""What is stored of people, why and how long: to read, to print, and to copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from ..people.models import Person
from ..stored import STORED, as_text
from .permissions import can_look, policy_for


class StoredView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One table; ``?as=text`` is the same as a file for a privacy notice."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/stored.html"
    page_title = _("What is stored of people")
    header_icon = "lock"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Person)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("as") != "text":
            return super().get(request, *args, **kwargs)
        response = HttpResponse(as_text(), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="privacy.txt"'
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stored=STORED, text=as_text(), **kwargs)


class StoredMenuItem(MenuItem):
    """For who may see people."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_look(request.user, Person)


class StoredViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_stored"
    url_prefix = "referrals/stored"
    icon = StoredView.header_icon
    menu_label = StoredView.page_title

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(StoredView)
        return [path("", view, name="index")]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_stored:index")
        return StoredMenuItem(self.menu_label, url, name="stored", icon_name=self.icon, order=order)
