"""Searches of the inbox that somebody keeps, for themselves or for all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..feedback.inbox_models import SavedView
from ..feedback.models import FeedbackResponse
from ..text import clean_line
from .links import list_url
from .permissions import policy_for

MOST_SHOWN = 30
LONGEST_QUERY = 1000


def saved_views(user: Any) -> list[SavedView]:
    """The user's own and those that are for everybody."""
    rows = SavedView.objects.filter(Q(user=user) | Q(is_shared=True))
    return list(rows.order_by("name", "pk")[:MOST_SHOWN])


def clean_query(query: str) -> str:
    """A query as the inbox can read it again, without pages and exports."""
    kept = QueryDict(query[:LONGEST_QUERY])
    pairs = [
        (clean_line(name, 50), clean_line(value, 200))
        for name, values in kept.lists()
        if name not in ("p", "export", "csrfmiddlewaretoken")
        for value in values
        if value
    ]
    return urlencode(pairs)[:LONGEST_QUERY]


class ViewForm(forms.ModelForm):
    """What it is called, and who sees it."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]


class SavedViewsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Keep the search one comes from, and take away what one has kept."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/saved_views.html"
    form_class = ViewForm
    page_title = _("Saved views")
    header_icon = "list-ul"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(FeedbackResponse)
        self.query = clean_query(request.META.get("QUERY_STRING", ""))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get("delete", "")
        if not key:
            response: HttpResponse = super().post(request, *args, **kwargs)
            return response
        if key.isascii() and key.isdigit() and len(key) < 19:
            SavedView.objects.filter(pk=int(key), user=request.user.pk).delete()
        messages.success(request, _("The view is deleted."))
        return redirect(reverse("referrals_feedback:views"))

    def form_valid(self, form: Any) -> HttpResponse:
        view = form.save(commit=False)
        view.user, view.query = self.request.user, self.query
        try:
            with transaction.atomic():
                view.save(force_insert=True)
        except IntegrityError:
            form.add_error("name", gettext("You have a view of that name already."))
            return self.form_invalid(form)
        messages.success(self.request, _("The view is kept."))
        return redirect(f"{list_url(FeedbackResponse)}?{view.query}")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(FeedbackResponse), "label": _("Feedback inbox")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            own=SavedView.objects.filter(user=self.request.user.pk),
            inbox_url=list_url(FeedbackResponse),
            **kwargs,
        )
