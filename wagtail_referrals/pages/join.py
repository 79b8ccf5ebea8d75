"""Becoming a partner, on a hub: whoever was invited, or asks, says how to introduce them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.routable_page.models import path

from ..exceptions import InvalidInput
from ..partners.mail import JOIN, find_by_token
from ..partners.models import Partner, PartnerState
from .drafts import take_application
from .join_form import EXAMPLE, JoinForm
from .landing import see_other
from .notices import notice_response, private
from .program_page import FormPageMixin


class JoinMixin(FormPageMixin):
    """``join/`` below a hub is for whoever would like to join, ``join/TOKEN/`` if invited."""

    takes_applications = models.BooleanField(
        _("businesses may apply"),
        default=True,
        help_text=_("Whoever was invited gets the form in any case."),
    )

    join_template = "wagtail_referrals/pages/partner_join.html"
    join_panels = [FieldPanel("takes_applications")]

    class Meta:
        abstract = True

    @path("join/")
    def join(self, request: HttpRequest) -> HttpResponse:
        """The form for everybody. The same for all, so that a cache can keep it."""
        if not self._may_apply:
            return self._join_notice(request, "no_applications")
        return self._join_page(request, JoinForm())

    @path("join/<str:token>/")
    def join_invited(self, request: HttpRequest, token: str) -> HttpResponse:
        """The form of somebody who was invited."""
        partner = self._invited(token)
        if partner is None:
            return self._join_notice(request, "unknown_invitation")
        if partner.state != PartnerState.INVITED:
            return self._join_notice(request, "joined")
        return private(self._join_page(request, self._join_form(partner), token=token))

    @path("joined/")
    def joined(self, request: HttpRequest) -> HttpResponse:
        """Thank you; the same whether anything was new."""
        return self._join_notice(request, "joined")

    def receive_join(self, request: HttpRequest, *, token: str, too_many: bool) -> HttpResponse:
        """Somebody sent the form. Whoever is known already gets a mail, and the same answer."""
        partner = self._invited(token) if token else None
        is_over = token and (partner is None or partner.state != PartnerState.INVITED)
        if is_over or not (partner or self._may_apply):
            return see_other(self.form_address(request, f"join:{token}" if token else "join"))
        form = self._join_form(partner, request.POST, request.FILES)
        if too_many:
            form.refuse_too_many()
            return self._join_page(request, form, token=token, status=429)
        if not (form.is_valid() and form.passes_captcha()):
            return self._join_page(request, form, token=token)
        try:
            take_application(self, form.cleaned_data, invited=partner, locale=get_language() or "")
        except InvalidInput as error:
            form.add_error("email", str(error))
            return self._join_page(request, form, token=token)
        return see_other(self.address(request, "joined"))

    @property
    def _may_apply(self) -> bool:
        return self.takes_applications and self.loaded_program is not None

    def _invited(self, token: str) -> Partner | None:
        partner = find_by_token(token, JOIN)
        return partner if partner and partner.program_id == self.program_id else None

    @staticmethod
    def _join_form(partner: Partner | None, *data: Any) -> JoinForm:
        known = {}
        if partner:
            known = {"business": partner.name, "contact": partner.person.name}
        return JoinForm(*data, is_invited=partner is not None, initial=known)

    def _join_page(
        self, request: HttpRequest, form: JoinForm, *, token: str = "", status: int = 200
    ) -> TemplateResponse:
        context = {
            **self.get_context(request),
            "form": form,
            "form_action": self.form_action(f"join:{token}" if token else "join"),
            "example": [
                (form.fields[name].label, words)
                for name, words in EXAMPLE.items()
                if name in form.fields
            ],
        }
        return TemplateResponse(request, self.join_template, context, status=status)

    def _join_notice(self, request: HttpRequest, reason: str) -> TemplateResponse:
        return notice_response(request, reason, self.get_context(request))
