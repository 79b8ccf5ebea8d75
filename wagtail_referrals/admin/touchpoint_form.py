"""The form of a touchpoint: it refuses to ask at the till, and offers three days later."""

from __future__ import annotations

from typing import Any

from django.forms import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel

from ..asks.defaults import DAY, THREE_DAYS
from ..asks.models import AskFor, Touchpoint
from ..asks.places import needs_page, pages_for
from ..programs.access import visible_programs
from .introduction_setup import ProgramForm
from .setup import SetupCreateView, SetupEditView

AT_THE_TILL = "at_the_till"
# With another one of these, it begins with what happens from now on.
ANEW = frozenset(["program", "event_kind", "asks_for", "is_active"])
# Buttons that change the form and save nothing.
LATER, BACK = "_later", "_back"


class TouchpointForm(ProgramForm):
    """What is asked needs a moment, an event that tells of it, and a page that leads on."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asks_for = cleaned.get("asks_for")
        if not asks_for:
            return cleaned
        if cleaned.get("is_paying") and cleaned.get("delay_hours", DAY) < DAY:
            words = gettext(
                "The till is the worst moment to ask: whoever is paying thinks of the price. Ask a "
                "day later or more."
            )
            self.add_error("delay_hours", ValidationError(words, code=AT_THE_TILL))
        if not cleaned.get("event_kind") and "event_kind" not in self.errors:
            self.add_error("event_kind", gettext("Say what happens: it is asked after that."))
        if cleaned.get("program"):
            self._clean_page(cleaned, asks_for)
        return cleaned

    def save(self, commit: bool = True) -> Touchpoint:
        if ANEW & set(self.changed_data):
            # What happened while it did not ask that is not asked about now.
            self.instance.planned_until = timezone.now()
        saved: Touchpoint = super().save(commit)
        return saved

    def _clean_page(self, cleaned: dict[str, Any], asks_for: str) -> None:
        """It has to be one where that can be asked; without a choice there has to be one."""
        page = cleaned.get("page")
        if not needs_page(asks_for):
            if page and not page.live:
                self.add_error("page", gettext("Publish this page first."))
            return
        keys = {found.translation_key for found in pages_for(asks_for, cleaned["program"])}
        if page and page.translation_key not in keys:
            self.add_error("page", WRONG_PAGE[AskFor(asks_for)])
        elif not keys:
            self.add_error("page", NO_PAGE[AskFor(asks_for)])


NO_PAGE = {
    AskFor.FEEDBACK: _("Publish a feedback page of this program first."),
    AskFor.REVIEW: _("Publish a page of this program that asks for reviews first."),
    AskFor.INTRODUCTION: _("Publish a partner hub of this program first."),
}
WRONG_PAGE = {
    AskFor.FEEDBACK: _("Choose a published feedback page of this program, or none."),
    AskFor.REVIEW: _("Choose a published page of this program that asks for reviews, or none."),
    AskFor.INTRODUCTION: _("Choose a published partner hub of this program, or none."),
}


class LaterPanel(Panel):
    """One press instead of an error: three days later."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/touchpoint_later.html"

        def is_shown(self) -> bool:
            return bool(self.form.is_bound and self.form.has_error("delay_hours", AT_THE_TILL))


class SimulatePanel(Panel):
    """Try it before it is saved."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/touchpoint_try.html"


def touchpoint_handler() -> ObjectList:
    """The form, in the order in which one thinks."""
    panels = [
        MultiFieldPanel(
            [
                FieldPanel("program"),
                FieldPanel("name", help_text=_("“They pick up the parcel”")),
                FieldRowPanel(
                    [
                        FieldPanel("stage"),
                        FieldPanel("position", help_text=_("In its stage, the smaller first.")),
                    ]
                ),
                FieldPanel("is_active"),
            ],
            heading=_("The moment"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("event_kind"),
                FieldPanel("is_paying"),
                FieldPanel(
                    "expectation",
                    help_text=_(
                        "For you and your staff: what you say at this moment, so that nothing you "
                        "ask later is a surprise."
                    ),
                ),
            ],
            heading=_("What happens there"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("asks_for"),
                FieldPanel("delay_hours", help_text=_("72 are three days.")),
                LaterPanel(),
                FieldPanel(
                    "whom",
                    help_text=_(
                        "A first-timer has bought once at most by then, a regular twice or more."
                    ),
                ),
                FieldPanel(
                    "every_days",
                    help_text=_(
                        "The same person, by this touchpoint. Whatever it is for, nobody is asked "
                        "more often than the program says."
                    ),
                ),
                FieldPanel("page"),
                SimulatePanel(),
            ],
            heading=_("What you ask, and whom"),
        ),
    ]
    return ObjectList(panels, base_form_class=TouchpointForm)


class RedrawMixin:
    """Buttons that show the form again, as it was typed or with a better delay."""

    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        if LATER in self.request.POST:
            kwargs["data"] = kwargs["data"].copy()
            kwargs["data"]["delay_hours"] = str(THREE_DAYS)
        return kwargs

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if {LATER, BACK} & request.POST.keys():
            form = self.get_form()  # type: ignore[attr-defined]
            context = self.get_context_data(form=form)  # type: ignore[attr-defined]
            response: HttpResponse = self.render_to_response(context)  # type: ignore[attr-defined]
            return response
        saved: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return saved


class TouchpointCreateView(RedrawMixin, SetupCreateView):
    def get_instance(self) -> Touchpoint:
        """Of the program and the stage whose button was pressed."""
        touchpoint = Touchpoint(stage=self._asked("stage", Touchpoint.stage.field.choices))
        asked = self.request.GET.get("program", "")
        seen = visible_programs(self.request.user)
        # The form offers what the object has: only what the user sees, too.
        program = next((one for one in seen if str(one.pk) == asked), None)
        if program:
            touchpoint.program = program
        return touchpoint

    def _asked(self, name: str, choices: Any) -> str:
        wanted = self.request.GET.get(name, "")
        return wanted if wanted in dict(choices) else next(iter(dict(choices)))


class TouchpointEditView(RedrawMixin, SetupEditView):
    pass
