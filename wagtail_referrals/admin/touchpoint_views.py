"""What a touchpoint would have sent last month, and the usual touchpoints at one press."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.log_actions import log

from ..asks.defaults import USUAL, make_usual
from ..asks.models import JourneyStage, Touchpoint
from ..asks.reasons import why_not
from ..asks.simulate import DAYS, MOST, Simulation, simulate
from ..asks.whom import whom_choices
from ..programs.access import visible_programs
from ..programs.models import Program
from .setup import SetupView
from .touchpoint_form import BACK, LATER, TouchpointForm, touchpoint_handler
from .touchpoint_map import sentence


class SimulationView(SetupView):
    """A dry run over the last month. What is typed and not saved comes by POST, and is kept."""

    page_title = _("What would it have sent?")
    template_name = "wagtail_referrals/admin/touchpoint_simulation.html"

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_has_specific_permission(user, "change"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = self.get(request, *args, **kwargs)
        return response

    @cached_property
    def stored(self) -> Touchpoint | None:
        """The touchpoint it is about, when it is stored."""
        key = self.request.GET.get("touchpoint", "")
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            return None
        related = ("program__site", "page")
        found: Touchpoint | None = (
            self.get_base_queryset().select_related(*related).filter(pk=key).first()
        )
        return found

    @cached_property
    def form(self) -> TouchpointForm | None:
        """What was typed, when it comes from the form."""
        if self.request.method != "POST":
            return None
        form_class = touchpoint_handler().bind_to_model(Touchpoint).get_form_class()
        typed: TouchpointForm = form_class(
            self.request.POST, instance=self.stored or Touchpoint(), for_user=self.request.user
        )
        return typed

    @cached_property
    def touchpoint(self) -> Touchpoint | None:
        """As it was typed, or as it is stored; None when it is not complete."""
        if self.form is None:
            return self.stored
        return self.form.instance if self.form.is_valid() else None

    @cached_property
    def result(self) -> Simulation | None:
        asks = self.touchpoint and self.touchpoint.asks_for and self.touchpoint.event_kind
        return simulate(self.touchpoint) if self.touchpoint and asks else None

    def carried(self) -> Iterable[tuple[str, str]]:
        """What was typed, to be taken back to the form."""
        if self.form is None:
            return []
        own = {"csrfmiddlewaretoken", BACK, LATER}
        return [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in own
            for value in values
        ]

    @property
    def form_url(self) -> str:
        """Where it is edited."""
        if self.stored is None:
            return str(self.create_url)
        return str(self.url_helper.get_action_url("edit", self.stored.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        result = self.result
        choices = [] if self.touchpoint or self.form else self._choices()
        whom = dict(whom_choices())
        return super().get_context_data(
            touchpoint=self.touchpoint,
            sentence=sentence(self.touchpoint, whom) if self.touchpoint else "",
            form=self.form,
            result=result,
            reasons=[(why_not(code), number) for code, number in result.dropped.most_common()]
            if result
            else [],
            carried=list(self.carried()),
            choices=choices,
            days=DAYS,
            most=MOST,
            **kwargs,
        )

    def _choices(self) -> list[Touchpoint]:
        found = self.get_base_queryset().exclude(asks_for="").exclude(event_kind="")
        return list(found.select_related("program")[:100])


class UsualView(SetupView):
    """Shows the usual touchpoints; a press puts them on a program's map."""

    page_title = _("The usual touchpoints")
    template_name = "wagtail_referrals/admin/touchpoint_usual.html"

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_create(user))

    @cached_property
    def programs(self) -> list[Program]:
        return list(visible_programs(self.request.user))

    def _program(self, key: str) -> Program | None:
        return next((program for program in self.programs if str(program.pk) == key), None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        program = self._program(request.POST.get("program", ""))
        if program is None:
            messages.error(request, gettext("Choose a program."))
            return redirect(request.path)
        with transaction.atomic():
            made = make_usual(program)
            for touchpoint in made:
                log(instance=touchpoint, action="wagtail.create")
        words = ngettext(
            "%(count)d touchpoint is on the map.",
            "%(count)d touchpoints are on the map.",
            len(made),
        )
        told = words % {"count": len(made)} if made else gettext("They were all there already.")
        messages.success(request, told)
        return redirect(f"{self.index_url}?program={program.pk}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whom = dict(whom_choices())
        chosen = self._program(self.request.GET.get("program", ""))
        return super().get_context_data(
            programs=self.programs,
            chosen=chosen or next(iter(self.programs), None),
            stages=[
                (
                    stage,
                    [
                        (usual, sentence(Touchpoint(**usual.values()), whom))
                        for usual in USUAL
                        if usual.stage == stage
                    ],
                )
                for stage in JourneyStage
            ],
            **kwargs,
        )
