"""What an owner sets up: the base of those screens, the only import of wagtail_modeladmin's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.log_actions import log
from wagtail_modeladmin.helpers import ButtonHelper
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import (
    CreateView,
    DeleteView,
    EditView,
    HistoryView,
    IndexView,
    InspectView,
    InstanceSpecificView,
    WMABaseView,
)

from ..programs.access import visible_programs
from ..programs.models import Program
from .exports import SafeExportMixin
from .links import SETUP
from .permissions import ANY, PolicyPermissionHelper, policy_for

# For one without end SQLite is too small, and nobody types it.
LONGEST_TERM = 200


class SetupIndexView(SafeExportMixin, IndexView):
    """A list that bears any address: what it does not know in it, it leaves alone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            return redirect(self.index_url)

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """Only what belongs to a filter of the list; the base looks up all there is."""
        known = tuple(getattr(name, "parameter_name", name) for name in self.list_filter)
        lookups = tuple(f"{name}__" for name in known)
        return {
            key: values
            for key, values in super().get_filters_params(params).items()
            if (key in known or key.startswith(lookups)) and "\x00" not in "".join(values)
        }

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, _rest, distinct = super().get_filters(request)
        return specs, has_filters, {}, distinct

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, term: str) -> Any:
        term = term.replace("\x00", "")[:LONGEST_TERM]
        return super().get_search_results(request, queryset, term)

    def get_filename(self) -> str:
        return SETUP[self.model]


class SetupView(WMABaseView):
    """A screen of its own in a setup part."""


class SetupObjectView(InstanceSpecificView):
    """A screen of its own about one object."""


class ProgramFirst:
    """A form without a program to choose says so: the empty choice does not."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view: Any = self
        if _belongs_to_program(view.model) and not visible_programs(request.user).exists():
            tell_program_first(request)
        return super().get(request, *args, **kwargs)  # type: ignore[misc]


def _belongs_to_program(model: type[Model]) -> bool:
    fields = {field.name: field for field in model._meta.fields}
    return "program" in fields and not fields["program"].null


def tell_program_first(request: HttpRequest) -> None:
    """Say that there is no program yet, and where to make one."""
    if not policy_for(Program).user_has_permission(request.user, "add"):
        words = _("There is no program yet that you may use: ask somebody to make one first.")
        messages.warning(request, words)
        return
    url = reverse("referrals_programs_modeladmin_create")
    buttons = [messages.button(url, gettext("Make a program"))]
    messages.warning(request, _("Make a program first: this belongs to one."), buttons=buttons)


class SetupCreateView(ProgramFirst, CreateView):
    """One transaction for the object, what comes with it, and the log."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            return super().form_valid(form)


class SetupEditView(EditView):
    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            return super().form_valid(form)


class SetupInspectView(InspectView):
    pass


class SetupHistoryView(HistoryView):
    """The base shows the history to everybody who can log in."""

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_inspect_obj(user, self.instance))


class SetupDeleteView(DeleteView):
    """Says what an object is used by, before and instead of an error."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if used_by(self.instance):
            return self.get(request, *args, **kwargs)
        name = str(self.instance)
        try:
            with transaction.atomic():
                log(instance=self.instance, action="wagtail.delete")
                self.instance.delete()
        except (ProtectedError, RestrictedError):  # it came into use just now
            return self.get(request, *args, **kwargs)
        text = _("%(kind)s “%(name)s” is deleted.")
        messages.success(request, text % {"kind": capfirst(self.verbose_name), "name": name})
        return redirect(self.index_url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            used_by=used_by(self.instance), instead=self.model_admin.instead_of_deleting, **kwargs
        )


def used_by(instance: Model) -> list[tuple[int, str]]:
    """What keeps an object from being deleted: how many of what."""
    uses = []
    for relation in instance._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many and not relation.concrete):
            continue
        if getattr(relation, "on_delete", None) is not models.PROTECT:
            continue
        model: type[Model] = relation.related_model  # type: ignore[assignment]
        count = model._base_manager.filter(**{relation.field.name: instance}).count()  # type: ignore[union-attr]
        if count:
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            uses.append((count, str(name)))
    return uses


class SetupButtonHelper(ButtonHelper):
    """The base's buttons and the history."""

    def get_buttons_for_obj(self, obj: Model, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        user = self.request.user
        if self.permission_helper.user_can_edit_obj(user, obj):
            # Who may edit sees as much on that screen.
            kwargs["exclude"] = [*(kwargs.get("exclude") or []), "inspect"]
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, *args, **kwargs)
        if self.permission_helper.user_can_inspect_obj(user, obj):
            classes = ["button-secondary", *kwargs.get("classnames_add", [])]
            buttons.append(
                {
                    "url": self.url_helper.get_action_url("history", quote(obj.pk)),
                    "label": _("History"),
                    "classname": self.finalise_classname(classes),
                    "title": _("What was changed, when and by whom"),
                }
            )
        return buttons


class SetupAdmin(ModelAdmin):
    """Base of programs, offers and rules."""

    add_to_admin_menu = False
    inspect_view_enabled = True
    permission_helper_class = PolicyPermissionHelper
    button_helper_class = SetupButtonHelper
    index_view_class = SetupIndexView
    create_view_class = SetupCreateView
    edit_view_class = SetupEditView
    inspect_view_class = SetupInspectView
    inspect_view_extra_css: ClassVar[list[str]] = ["wagtail_referrals/admin/admin.css"]
    form_view_extra_css = inspect_view_extra_css
    delete_view_class = SetupDeleteView
    history_view_class = SetupHistoryView
    index_template_name = "wagtail_referrals/admin/setup_index.html"
    edit_template_name = "wagtail_referrals/admin/setup_edit.html"
    delete_template_name = "wagtail_referrals/admin/setup_delete.html"
    list_per_page = 50
    # What to do first, as long as there is nothing to list.
    empty_text: str | Promise = ""
    instead_of_deleting: str | Promise = ""

    @property
    def base_url_path(self) -> str:
        return f"referrals/{SETUP[self.model]}"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        visible = self.permission_helper.policy.instances_user_has_any_permission_for(
            request.user, ANY
        )
        return super().get_queryset(request) & visible

    def edit_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return self._of_object(super().edit_view, request, instance_pk)

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return self._of_object(super().inspect_view, request, instance_pk)

    def delete_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return self._of_object(super().delete_view, request, instance_pk)

    def history_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return self._of_object(super().history_view, request, instance_pk)

    def _of_object(self, view: Any, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """The base looks for the object before it asks who wants to see it."""
        if not self.permission_helper.user_can_list(request.user):
            raise PermissionDenied
        if not (instance_pk.isascii() and instance_pk.isdigit() and len(instance_pk) < 19):
            raise Http404
        if not self.get_queryset(request).filter(pk=instance_pk).exists():
            raise Http404
        return view(request, instance_pk)
