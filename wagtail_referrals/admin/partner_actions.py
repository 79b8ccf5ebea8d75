"""What staff do about a partner: invite it, let it rest, end it, send its link, do it a favour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from ..exceptions import ReferralsError
from ..pages.hubs import hub_of
from ..partners.join import invite_partner, remind
from ..partners.models import Partner, PartnerState, partner_kinds
from ..partners.own_offer import note_favour
from ..partners.states import activate, end, pause, resume
from ..programs.access import visible_programs
from ..programs.models import Program
from .actions import ActionView, ReasonForm
from .links import list_url, url_for
from .permissions import policy_for
from .records import Text

RELATED = ("program__site", "advocate__person", "owner")


class InviteForm(forms.Form):
    """Which business, and who is to be written to there."""

    program: Any = forms.ModelChoiceField(label=_("Program"), queryset=None)
    name = forms.CharField(label=_("Name of the business"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail of the main contact"),
        max_length=254,
        help_text=_("They get a link to a form in which they say how to introduce them."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=partner_kinds)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = visible_programs(user)
        field: Any = self.fields["program"]
        field.queryset = programs
        if len(programs) == 1:
            field.initial = programs[0]


class InvitePartnerView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """One business is invited by mail."""

    permission_required = "add"
    page_title = button_label = _("Invite a partner")
    header_icon = "link"
    template_name = "wagtail_referrals/admin/upload.html"
    form_class = InviteForm
    explanation = _(
        "They fill in a form about themselves, which makes a draft page for you to publish."
    )
    error_fields = {"invalid_text": "name"}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Partner)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        program: Program = data["program"]
        try:
            partner = invite_partner(
                program,
                email=data["email"],
                name=data["name"],
                kind=data["kind"],
                user=self.request.user,
            )
        except ReferralsError as error:
            form.add_error(self.error_fields.get(error.code, "email"), str(error))
            return self.form_invalid(form)
        words = gettext("“%(name)s” is invited: the mail is in the outbox.")
        messages.success(self.request, words % {"name": partner.name})
        if hub_of(program) is None:
            missing = gettext("The program has no hub yet: their link opens once one is published.")
            messages.warning(self.request, missing)
        return redirect(url_for(self.request.user, partner) or list_url(Partner))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Partner), "label": _("Partners")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=list_url(Partner), **kwargs)


class ActivateView(ActionView):
    model = Partner
    related = RELATED
    form_class = forms.Form
    page_title = button_label = _("Make it a partner")
    header_icon = "check"
    explanation = _("Its link counts from now on. Publishing its page does the same.")
    success_message = _("It is a partner now, and told so.")

    def perform(self, reason: str) -> None:
        if not activate(self.object, user=self.request.user):
            raise ReferralsError("not_possible")


class PauseView(ActionView):
    model = Partner
    related = RELATED
    page_title = button_label = _("Pause")
    header_icon = "no-view"
    explanation = _("Its link leads nowhere and it is in no directory until you resume.")
    success_message = _("The partner is paused.")

    def perform(self, reason: str) -> None:
        pause(self.object, reason=reason, user=self.request.user)


class ResumeView(ActionView):
    model = Partner
    related = RELATED
    page_title = button_label = _("Resume")
    header_icon = "redirect"
    explanation = _("Its link counts again.")
    success_message = _("The partner is active again.")

    def perform(self, reason: str) -> None:
        if self.object.person.erased_at:  # nobody is there to have the link
            raise ReferralsError("not_possible")
        resume(self.object, reason=reason, user=self.request.user)


class EndView(ActionView):
    model = Partner
    related = RELATED
    page_title = button_label = _("End the partnership")
    header_icon = "cross"
    button_class = "serious"
    explanation = _("Its link is dead and its own page is closed. What it has earned stays.")
    success_message = _("The partnership has ended.")

    def perform(self, reason: str) -> None:
        end(self.object, reason=reason, user=self.request.user)


class SendLinkView(ActionView):
    model = Partner
    related = RELATED
    form_class = forms.Form
    page_title = button_label = _("Send them their link")
    header_icon = "mail"
    explanation = _("A mail with the way to their own page, or to the form while they are invited.")
    success_message = _("The mail is in the outbox.")

    def perform(self, reason: str) -> None:
        if self.object.state == PartnerState.ENDED:
            raise ReferralsError("not_possible")
        if not self.object.person.email:
            raise ReferralsError("no_address")
        remind(self.object)


class FavourForm(ReasonForm):
    """What was done for them, and when."""

    on = forms.DateField(label=_("Day"), widget=AdminDateInput)
    reason = forms.CharField(
        label=_("What it was"),
        max_length=500,
        help_text=_("A recommendation, a mention, a lunch. Introductions note themselves."),
    )
    field_order = ["reason", "on"]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come."))
        return on


class FavourView(ActionView):
    model = Partner
    related = RELATED
    form_class = FavourForm
    page_title = button_label = _("We did something for them")
    header_icon = "pick"
    explanation = _("So that you know whom you owe, and who is asleep.")
    success_message = _("It is noted.")

    def get_initial(self) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def perform(self, reason: str) -> None:
        note_favour(self.object, on=self.form_values["on"], words=reason, user=self.request.user)


ACTIONS: dict[str, type[ActionView]] = {
    "link": SendLinkView,
    "favour": FavourView,
    "activate": ActivateView,
    "pause": PauseView,
    "resume": ResumeView,
    "end": EndView,
}
# What can be done in which state.
POSSIBLE: dict[str, list[str]] = {
    PartnerState.INVITED: ["link", "favour", "activate", "end"],
    PartnerState.APPLIED: ["link", "favour", "activate", "end"],
    PartnerState.ACTIVE: ["link", "favour", "pause", "end"],
    PartnerState.PAUSED: ["link", "favour", "resume", "end"],
    PartnerState.ENDED: ["resume"],
}


def buttons(partner: Partner) -> Iterable[tuple[str, Text, str]]:
    """What can be done about it now: address, label and class of each."""
    yield reverse("referrals_partners:edit", args=[partner.pk]), _("Edit"), ""
    for name in POSSIBLE[partner.state]:
        view: Any = ACTIONS[name]
        look = view.button_class or "button-secondary"
        url = reverse(f"referrals_partners:{name}", args=[partner.pk])
        yield url, view.button_label, look
