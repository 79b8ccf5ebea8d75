"""What staff do about a person: block, contact no more, erase."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..exceptions import ReferralsError
from ..people.block import block_person, unblock_person
from ..people.erase import erase_person
from ..people.models import Person
from ..people.suppression import allow_contact, note_no_contact
from .actions import ActionView, ReasonForm
from .links import admin_url, list_url
from .permissions import policy_for

BLOCK_EXPLANATION = _(
    "They can claim, earn and redeem nothing until they are taken off the list again. "
    "What waits for them is held for review."
)


class BlockView(ActionView):
    model = Person
    page_title = _("Block")
    header_icon = "lock"
    explanation = BLOCK_EXPLANATION
    button_label = _("Block")
    button_class = "serious"
    success_message = _("They are on the block list now.")

    def perform(self, reason: str) -> None:
        block_person(self.object, reason=reason, user=self.request.user)


class UnblockView(ActionView):
    model = Person
    page_title = _("Take off the block list")
    header_icon = "lock-open"
    explanation = _(
        "They can claim and earn again. What was held stays so until somebody approves it."
    )
    button_label = _("Take off the block list")
    success_message = _("They are off the block list.")

    def perform(self, reason: str) -> None:
        unblock_person(self.object, reason=reason, user=self.request.user)


class NoContactView(ActionView):
    model = Person
    page_title = button_label = _("Do not contact")
    header_icon = "no-view"
    explanation = _(
        "They asked to be left alone: nobody can introduce them or invite them as a partner. Only "
        "a digest of the address is kept, also when the person is erased."
    )
    success_message = _("Nobody is to contact them any more.")

    def perform(self, reason: str) -> None:
        note_no_contact(self.object, reason=reason, user=self.request.user)


class AllowContactView(ActionView):
    model = Person
    page_title = button_label = _("May be contacted again")
    header_icon = "mail"
    explanation = _("They changed their mind: they can be introduced again.")
    success_message = _("They can be contacted again.")

    def perform(self, reason: str) -> None:
        allow_contact(self.object, reason=reason, user=self.request.user)


class EraseForm(ReasonForm):
    """The reason, and that it is meant."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Kept with your name. Name nobody here: it stays when the person is gone."),
    )
    sure = forms.BooleanField(
        label=_("Erase for good"),
        help_text=_("This cannot be undone, by nobody."),
        error_messages={"required": _("Tick the box if you mean it.")},
    )


class EraseView(ActionView):
    model = Person
    permission_required = "delete"
    form_class = EraseForm
    page_title = _("Erase")
    header_icon = "bin"
    explanation = _(
        "Name, address and what they wrote are removed everywhere, their link is dead, what waits "
        "for them ends. Orders, amounts and counts stay, of nobody. Pay what is due to them "
        "before: nobody will know to whom afterwards. A user account of your site is not "
        "touched: delete it there. Somebody on the block list has to be taken off it first, "
        "for nothing would know the address again."
    )
    button_label = _("Erase")
    button_class = "serious"
    success_message = _("The person is erased.")

    def perform(self, reason: str) -> None:
        erase_person(self.object, reason=reason, user=self.request.user)


class AddressForm(ReasonForm):
    """An address, and why it is blocked."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ["email", "reason"]


class BlockAddressView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Block an address that nobody has used here yet, or somebody's by what they wrote from."""

    permission_required = "change"
    template_name = "wagtail_referrals/admin/action.html"
    form_class = AddressForm
    page_title = _("Block an address")
    header_icon = "lock"
    explanation = BLOCK_EXPLANATION
    button_label = _("Block")
    button_class = "serious"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Person)

    def form_valid(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        try:
            person = block_person(values["email"], reason=values["reason"], user=self.request.user)
        except ReferralsError as error:
            field = {"invalid_email": "email", "invalid_reason": "reason"}.get(error.code)
            words = str(error)
            if error.code == "not_possible":
                field, words = "email", gettext("This address is on the block list already.")
            form.add_error(field, words)
            return self.form_invalid(form)
        messages.success(self.request, BlockView.success_message)
        return redirect(admin_url(person))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Person), "label": _("People")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=list_url(Person), **kwargs)
