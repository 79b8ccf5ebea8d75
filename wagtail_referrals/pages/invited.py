"""A feedback page opened by somebody's own link: one answer, from that person, until it expires."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.routable_page.models import path

from ..feedback.forms import EMAIL, FeedbackForm
from ..feedback.invitation_models import Invitation
from ..feedback.invitations import find_invitation
from ..feedback.questions import NAME
from ..feedback.submit import is_regular
from ..feedback.wording import Reader
from .notices import notice, notice_response, private


class Unsaid(forms.HiddenInput):
    """A field whose value we know: it is neither asked for nor written into the page."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")


class InvitedMixin:
    """What a feedback page does with invitations. A GET changes nothing."""

    @path("invited/<str:token>/")
    def invited(self: Any, request: HttpRequest, token: str) -> HttpResponse:
        """The form of somebody who was invited; ``?score=9`` opens it with the number chosen."""
        invitation = find_invitation(self, token)
        if dead_end := self.invitation_is_over(request, invitation):
            return dead_end
        form = self.invited_form(invitation, token)
        if request.GET:
            form.prefill(request.GET)
        form.begin()
        return private(self._form_page(request, form))

    def invitation_is_over(
        self: Any, request: HttpRequest, invitation: Invitation | None
    ) -> TemplateResponse | None:
        """What is said instead of the form, if the link opens it no more."""
        if invitation is None:
            return notice_response(request, "unknown_invitation", self.get_context(request))
        if invitation.answered_at:
            return self._answered(request, "answered", coupon=self._own_coupon(invitation))
        if invitation.is_over():
            open_form = {"link_url": self.address(request), "link_label": _("Open the form")}
            said = {"notice": notice("invitation_expired", **open_form)}
            context = {**self.get_context(request), **said}
            return notice_response(request, "invitation_expired", context)
        return None

    def form_address(self: Any, request: HttpRequest, code: str = "") -> str:
        """Where its form is shown; ``code`` is the token of an invitation."""
        address: str = self.address(request, *(["invited", code] if code else []))
        return address

    @staticmethod
    def _own_coupon(invitation: Invitation) -> Any:
        """The coupon of the answer, for the same person only."""
        response = invitation.response
        same = response is not None and response.person_id == invitation.person_id
        return response.coupon if response and same else None

    def invited_form(
        self: Any, invitation: Invitation, token: str, data: Any = None
    ) -> FeedbackForm:
        """The form, which knows whom it belongs to."""
        person = invitation.person
        assert person is not None
        reader = Reader(first_name=person.first_name, regular=is_regular(person))
        form: FeedbackForm = self.get_form(data, reader=reader)
        form.code = token
        if name := form.special.get(EMAIL):
            field = form.fields[name]
            # Disabled: whatever a post says, it is the person's own.
            field.disabled, field.widget, field.hidden_widget = True, Unsaid(), Unsaid
            form.initial[name] = person.email
        if person.name and NAME in form.special:
            form.initial[form.special[NAME]] = person.name
        return form
