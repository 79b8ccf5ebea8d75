"""What an owner sets up for introductions: whom to meet, the table of grades, what givers read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.forms import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from ..partners.introduction_models import GradeLine, StageWords, WantedContact
from ..programs.access import visible_programs
from .links import SETUP
from .permissions import policy_for, visible
from .rules import ProgramFilter
from .setup import SetupAdmin


class ProgramForm(WagtailAdminModelForm):
    """Offers the programs the user sees."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.for_user:
            return
        programs = visible_programs(self.for_user)
        own = Q(pk=self.instance.program_id)
        seen = Q(pk__in=programs.order_by().values("pk"))
        self.fields["program"].queryset = programs.model.objects.filter(own | seen)


class OnePerProgramForm(ProgramForm):
    """For what a program has but one of: leads to the one that is there."""

    def clean_program(self) -> Any:
        program = self.cleaned_data["program"]
        others = self._meta.model._default_manager.exclude(pk=self.instance.pk)
        there = others.filter(program=program).first()
        if there:
            raise ValidationError(_lead_to(self.for_user, there))
        return program


def _lead_to(user: Any, there: Model) -> str | SafeString:
    words = gettext("This program has one already: there is one of it for each program.")
    if not policy_for(type(there)).user_has_permission_for_instance(user, "change", there):
        return words
    name = f"referrals_{SETUP[type(there)]}_modeladmin_edit"
    url = reverse(name, args=[there.pk])
    return format_html('{} <a href="{}">{}</a>', words, url, gettext("Change that one"))


class WantedForm(ProgramForm):
    """Offers the partners the user sees."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner = self.fields["partner"]
        if self.for_user:
            partner.queryset = visible(self.for_user, partner.queryset)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        partner, program = cleaned.get("partner"), cleaned.get("program")
        if partner and program and partner.program_id != program.pk:
            self.add_error("partner", gettext("This partner is of another program."))
        return cleaned


class WantedContactAdmin(SetupAdmin):
    model = WantedContact
    menu_label = _("Wanted contacts")
    menu_icon = "crosshairs"
    list_display = ("name", "role", "program", "asked_of", "is_active")
    list_filter = (ProgramFilter, "is_active")
    list_export = ("name", "role", "why", "program", "partner", "is_active")
    list_select_related = ("program", "partner")
    search_fields = ("name",)
    ordering = ("name", "pk")
    inspect_view_fields = ["name", "role", "why", "program", "partner", "is_active", "created_at"]
    empty_text = _(
        "Name whom you would like to meet: partners see the list and mark who they know."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldPanel("program"),
            MultiFieldPanel(
                [FieldPanel("name"), FieldPanel("role"), FieldPanel("why")], heading=_("Who")
            ),
            FieldPanel("partner"),
            FieldPanel("is_active"),
        ]
        return ObjectList(panels, base_form_class=WantedForm)

    def asked_of(self, wanted: WantedContact) -> str:
        """Of whom it is asked."""
        return str(wanted.partner or _("every partner"))

    asked_of.short_description = _("asked of")  # type: ignore[attr-defined]


class GradeLineAdmin(SetupAdmin):
    model = GradeLine
    menu_label = _("Table of grades")
    menu_icon = "list-ol"
    list_display = ("__str__", "program", "position", "grade")
    list_filter = (ProgramFilter,)
    list_export = ("program", "position", "way", "known", "grade")
    list_select_related = ("program",)
    ordering = ("program__name", "position", "pk")
    inspect_view_fields = ["program", "position", "way", "known", "grade"]
    empty_text = _(
        "Without lines of its own a program has the usual table: brought along or a meeting is A, "
        "a mail or call to somebody well known B, other mails and calls C, only a name D."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldRowPanel([FieldPanel("program"), FieldPanel("position")]),
            MultiFieldPanel(
                [FieldPanel("way"), FieldPanel("known")],
                heading=_("When it fits"),
                help_text=_("The first line that fits says the grade. Empty: any."),
            ),
            FieldPanel("grade"),
        ]
        return ObjectList(panels, base_form_class=ProgramForm)


class StageWordsForm(ProgramForm):
    """A language is one of the site's."""

    def clean_locale(self) -> str:
        locale = str(self.cleaned_data["locale"]).strip().lower()
        known = {code.lower(): code for code, _name in settings.LANGUAGES}
        if locale and locale not in known:
            names = ", ".join(known.values())
            words = gettext("Use one of the site's languages: %(names)s.") % {"names": names[:200]}
            raise ValidationError(words)
        return known[locale] if locale else ""


class StageWordsAdmin(SetupAdmin):
    model = StageWords
    menu_label = _("Words at the stages")
    menu_icon = "pilcrow"
    list_display = ("stage", "locale", "program", "words")
    list_filter = (ProgramFilter, "stage")
    list_export = ("program", "stage", "locale", "words")
    list_select_related = ("program",)
    search_fields = ("words",)
    ordering = ("program__name", "stage", "locale", "pk")
    inspect_view_fields = ["program", "stage", "locale", "words"]
    empty_text = _(
        "Without words of your own, whoever introduces somebody is told when it came in, was "
        "accepted, led to a meeting, and was won."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldRowPanel([FieldPanel("program"), FieldPanel("stage"), FieldPanel("locale")]),
            FieldPanel(
                "words",
                help_text=_(
                    "{name} stands for who is introduced, {to} for whom they are introduced to. "
                    "Empty: no mail at this stage."
                ),
            ),
        ]
        return ObjectList(panels, base_form_class=StageWordsForm)
