"""A screen that asks why, and then calls a verb."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..exceptions import ReferralsError
from .links import admin_url, list_url
from .permissions import policy_for

Text = str | Promise


class ReasonForm(forms.Form):
    """Why somebody of the staff does something."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Kept with your name. The person does not see it."),
    )


class ActionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Confirm, give a reason, done. ``perform`` calls the verb."""

    permission_required = "change"
    template_name = "wagtail_referrals/admin/action.html"
    form_class: type[forms.Form] = ReasonForm
    model: type[Model]
    related: tuple[str, ...] = ()
    explanation: Text = ""
    button_label: Text = ""
    button_class = ""
    success_message: Text = ""
    # Errors that belong to a field.
    error_fields = {"invalid_reason": "reason", "invalid_until": "until", "invalid_text": "text"}

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(self.model)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.user_has_permission(self.permission_required):
            policy, action = self.permission_policy, self.permission_required
            visible = policy.instances_user_has_permission_for(request.user, action)
            rows = visible.select_related(*self.related) if self.related else visible
            self.object = get_object_or_404(rows, pk=self.kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def perform(self, reason: str) -> None:
        """Call the verb. A ReferralsError is shown next to the form."""
        raise NotImplementedError

    def told(self, error: ReferralsError) -> Any:
        """A refusal in words, one or several."""
        return str(error)

    def form_valid(self, form: Any) -> HttpResponse:
        self.form_values = form.cleaned_data
        try:
            self.perform(form.cleaned_data.get("reason", ""))
        except ReferralsError as error:
            form.add_error(self.error_fields.get(error.code), self.told(error))
            return self.form_invalid(form)
        messages.success(self.request, self.success_message)
        return redirect(admin_url(self.object))

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(self.model._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": list_url(self.model), "label": plural},
            {"url": admin_url(self.object), "label": str(self.object)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=admin_url(self.object), **kwargs)
