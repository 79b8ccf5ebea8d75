"""Code pools: how many codes are left, and adding more."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, re_path
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel
from wagtail.log_actions import log

from ..coupons.upload import BadCodes
from ..rewards.pool_models import CodePool
from ..rewards.pools import add_codes, left_of
from .actions import ActionView
from .bounded import MOST_COUNTED
from .line_errors import add_line_errors
from .links import admin_url
from .setup import SetupAdmin, SetupButtonHelper, SetupInspectView

LARGEST_FILE = 20_000_000


class CodesForm(forms.Form):
    """Codes to be added: a file, or typed."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("A text with one code on each line, at most 100,000 of them."),
    )
    codes = forms.CharField(
        label=_("Or type them here"),
        required=False,
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One on each line."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file, typed = cleaned.get("file"), cleaned.get("codes")
        if bool(file) == bool(typed) and not self.errors:
            self.add_error("file", gettext("Choose a file, or type the codes; not both."))
        elif file and file.size > LARGEST_FILE:
            self.add_error("file", gettext("The file is larger than 20 MB."))
        return cleaned


class AddCodesView(ActionView):
    """All of the codes are added, or none."""

    model = CodePool
    page_title = button_label = _("Add codes")
    header_icon = "upload"
    form_class = CodesForm
    template_name = "wagtail_referrals/admin/upload.html"
    explanation = _("If a line has to be mended, nothing is stored, and every such line is named.")

    def form_valid(self, form: Any) -> HttpResponse:
        file, pool = form.cleaned_data["file"], self.object
        data = file.read() if file else form.cleaned_data["codes"].encode()
        assert isinstance(pool, CodePool)
        try:
            count = add_codes(pool, data)
        except BadCodes as bad:
            add_line_errors(form, "file" if file else "codes", bad.errors)
            return self.form_invalid(form)
        log(instance=pool, action="wagtail.edit", content_changed=True)
        words = ngettext("%(count)d code is added.", "%(count)d codes are added.", count)
        messages.success(self.request, words % {"count": count})
        return redirect(admin_url(pool))


class PoolButtonHelper(SetupButtonHelper):
    """The usual buttons, and the one to add codes."""

    def get_buttons_for_obj(self, obj: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, *args, **kwargs)
        if not self.permission_helper.user_can_edit_obj(self.request.user, obj):
            return buttons
        classes = ["button-secondary", *kwargs.get("classnames_add", [])]
        add = {
            "url": self.url_helper.get_action_url("codes", quote(obj.pk)),
            "label": AddCodesView.button_label,
            "classname": self.finalise_classname(classes),
            "title": _("Upload a file of codes, or type them"),
        }
        return [*buttons[:1], add, *buttons[1:]]


class PoolInspectView(SetupInspectView):
    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        if field_name in ("left", "given"):
            return getattr(self.model_admin, field_name)(self.instance)
        return super().get_field_display_value(field_name, field)

    def get_field_label(self, field_name: str, field: Any = None) -> Any:
        if field_name in ("left", "given"):
            return getattr(self.model_admin, field_name).short_description
        return super().get_field_label(field_name, field)


class CodePoolAdmin(SetupAdmin):
    model = CodePool
    menu_label = _("Code pools")
    menu_icon = "key"
    button_helper_class = PoolButtonHelper
    inspect_view_class = PoolInspectView
    list_display = ("name", "left", "low_at")
    list_export = ("name", "left", "low_at")
    search_fields = ("name",)
    inspect_view_fields = ["name", "left", "given", "low_at"]
    panels = [FieldPanel("name"), FieldPanel("low_at")]
    empty_text = _("A pool is for codes of somebody else's: gift cards, cinema tickets, downloads.")
    instead_of_deleting = _("Its codes are kept, so that nobody gets one of them again.")

    def left(self, pool: CodePool) -> str:
        """How many codes are free, with a word of warning when they are few."""
        count = left_of(pool, MOST_COUNTED + 1)
        shown = number_format(min(count, MOST_COUNTED), force_grouping=True)
        if count > MOST_COUNTED:
            return gettext("more than %(number)s") % {"number": shown}
        if count > pool.low_at:
            return shown
        return gettext("%(number)s – add more codes") % {"number": shown}

    left.short_description = _("Codes left")  # type: ignore[attr-defined]

    def given(self, pool: CodePool) -> str:
        """How many codes were given."""
        count = pool.codes.exclude(award_key=None).order_by()[: MOST_COUNTED + 1].count()
        shown = number_format(min(count, MOST_COUNTED), force_grouping=True)
        return (
            gettext("more than %(number)s") % {"number": shown} if count > MOST_COUNTED else shown
        )

    given.short_description = _("Codes given")  # type: ignore[attr-defined]

    def codes_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        def add(request: HttpRequest, instance_pk: str) -> HttpResponse:
            view: Any = AddCodesView.as_view()
            response: HttpResponse = view(request, pk=instance_pk)
            return response

        return self._of_object(add, request, instance_pk)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        helper = self.url_helper
        urls: tuple[URLPattern, ...] = super().get_admin_urls_for_registration()
        name = helper.get_action_url_name("codes")
        return (
            *urls,
            re_path(helper.get_action_url_pattern("codes"), self.codes_view, name=name),
        )
