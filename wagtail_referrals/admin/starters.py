"""Forms to start from: one button makes a draft with all its questions, and opens it."""

from __future__ import annotations

from typing import Any

import swapper
from django import forms
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminPageChooser
from wagtail.permission_policies.pages import PagePermissionPolicy

from ..feedback.questions import question_types
from ..pages.starters import STARTERS, Starter, page_type, start_page
from ..programs.access import visible_programs

_CACHE = "_referrals_sees_a_program"


def may_edit_pages(user: Any) -> bool:
    """Whether the user works on pages at all."""
    return bool(PagePermissionPolicy().user_has_any_permission(user, {"add", "change"}))


def outline(starter: Starter) -> list[tuple[str, list[tuple[str, str | Promise]]]]:
    """The form in short: each step's title, and its questions with their types."""
    types = question_types.all()
    steps: list[tuple[str, list[tuple[str, str | Promise]]]] = []
    for question in starter.questions():
        if question.get("step_title") or not steps:
            steps.append((question.get("step_title", ""), []))
        kind = types.get(question["field_type"])
        steps[-1][1].append((question["label"], kind.label if kind else ""))
    return steps


class ParentChooser(AdminPageChooser):
    """Wagtail's, which does not bear a value that is no page."""

    def get_value_data(self, value: Any) -> Any:
        try:
            return super().get_value_data(value)
        except (ValueError, OverflowError, ObjectDoesNotExist):
            return super().get_value_data(None)


class StarterForm(forms.Form):
    """Which form is to be made where."""

    parent: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Below the page"), queryset=None
    )
    program: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Program"),
        queryset=None,
        empty_label=None,
        help_text=_("Whose coupon is given at the end."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        page_model = swapper.load_model("wagtailcore", "Page")
        fields: Any = self.fields
        fields["parent"].queryset = page_model.objects.filter(depth__gt=1)
        fields["parent"].widget = ParentChooser(target_models=[page_model])
        fields["program"].queryset = visible_programs(user)

    @property
    def starter(self) -> Starter | None:
        """The one whose button was pressed."""
        return STARTERS.get(self.data.get("starter", ""))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        parent = cleaned.get("parent")
        if self.starter is None:
            self.add_error(None, gettext("Choose one of the forms."))
        elif parent and not self._may_be_below(parent, self.starter):
            words = gettext("You cannot make this kind of page there. Choose another page.")
            self.add_error("parent", words)
        return cleaned

    def _may_be_below(self, parent: Any, starter: Starter) -> bool:
        may_add = parent.permissions_for_user(self.user).can_add_subpage()
        return may_add and page_type(starter, parent.specific_deferred) is not None


class StartersView(WagtailAdminTemplateMixin, FormView):
    """All of them side by side, each with its outline and its button."""

    template_name = "wagtail_referrals/admin/starters.html"
    page_title = _("Start a form")
    header_icon = "form"
    form_class = StarterForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_edit_pages(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_initial(self) -> dict[str, Any]:
        page_model = swapper.load_model("wagtailcore", "Page")
        # The start page of the site, unless somebody chooses another one.
        return {"parent": page_model.objects.filter(depth=2).order_by("path").first()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        data, user = form.cleaned_data, self.request.user
        page = start_page(form.starter, data["parent"].specific, data["program"], user=user)
        words = gettext("The draft “%(title)s” is made. Change what you like, then publish it.")
        messages.success(self.request, words % {"title": page.title})
        return redirect("wagtailadmin_pages:edit", page.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        starters = [(key, one, outline(one)) for key, one in STARTERS.items()]
        return super().get_context_data(starters=starters, **kwargs)


def _sees_a_program(user: Any) -> bool:
    """Asked once per request's user: Wagtail asks a group and its items, on every screen."""
    if not hasattr(user, _CACHE):
        setattr(user, _CACHE, visible_programs(user).exists())
    return bool(getattr(user, _CACHE))


class StartersMenuItem(MenuItem):
    """For who works on pages."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_edit_pages(request.user) and _sees_a_program(request.user)


class StartersViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_starters"
    url_prefix = "referrals/starters"
    icon = "doc-full"
    menu_label = _("Start a form")

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_starters:index")
        return StartersMenuItem(
            self.menu_label, url, name="starters", icon_name=self.icon, order=order
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(StartersView)
        return [path("", view, name="index")]
