"""The form of a partner: what is between it and us. What visitors read is on its page."""

from __future__ import annotations

from typing import Any

import swapper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.models import get_page_models

from ..pages.partner import AbstractPartnerPage
from ..partners.models import Partner, cooperation_kinds
from ..partners.own_offer import check_currency, set_own_offer
from ..programs.models import Offer
from .case_rules import staff_users
from .words import user_name

# What the form may write: the state is changed by the verbs only, also while it is open.
FIELDS = [
    "name",
    "kind",
    "website",
    "phone",
    "cooperation",
    "notes",
    "owner",
    "next_contact_on",
]
RELATIONS = ["contacts", "joint_offers"]


def page_keys(partner: Partner) -> list[int]:
    """The pages about a partner, of whatever type of the site's."""
    return [
        key
        for model in get_page_models()
        if issubclass(model, AbstractPartnerPage)
        for key in model._default_manager.filter(partner=partner.pk).values_list("pk", flat=True)
    ]


def pages_about(partner: Partner) -> QuerySet:
    """The same as pages, drafts too."""
    pages = swapper.load_model("wagtailcore", "Page").objects
    found: QuerySet = pages.filter(pk__in=page_keys(partner)).order_by("title", "pk")
    return found


class PartnerForm(WagtailAdminModelForm):
    """With the offer for friends and the landing page, which are its advocate's."""

    cooperation = forms.MultipleChoiceField(
        label=_("Would like to do with us"),
        choices=cooperation_kinds,
        widget=CheckboxSelectMultiple,
        required=False,
    )
    friend_offer: Any = forms.ModelChoiceField(
        label=_("Offer for friends who come by its link"),
        queryset=Offer.objects.all(),
        required=False,
        empty_label=_("the program's"),
    )
    landing_page: Any = forms.ModelChoiceField(
        label=_("Where its link leads"),
        queryset=None,
        required=False,
        empty_label=_("the program's landing page"),
        help_text=_("One of its own pages; until that is live, the program's."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        advocate, fields = self.instance.advocate, self.fields
        users = staff_users()
        fields["owner"].queryset = users | users.model.objects.filter(pk=self.instance.owner_id)
        fields["owner"].label_from_instance = user_name
        fields["landing_page"].queryset = pages_about(self.instance)
        self.initial["friend_offer"] = advocate.friend_offer_id
        self.initial["landing_page"] = advocate.landing_page_id

    def clean_friend_offer(self) -> Offer | None:
        offer: Offer | None = self.cleaned_data["friend_offer"]
        check_currency(offer, self.instance.program)
        return offer

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for form in self.formsets["joint_offers"].forms:
            self._check_joint_offer(form)
        return cleaned

    def _check_joint_offer(self, form: Any) -> None:
        offer = getattr(form, "cleaned_data", {}).get("offer") if form.is_valid() else None
        try:
            check_currency(offer, self.instance.program)
        except ValidationError as error:
            form.add_error("offer", error)

    def save(self, commit: bool = True) -> Partner:
        """Only what the form shows: its state may have changed meanwhile."""
        partner: Partner = super().save(commit=False)
        partner.save(update_fields=[*FIELDS, *RELATIONS])
        data = self.cleaned_data
        set_own_offer(partner, offer=data["friend_offer"], landing_page=data["landing_page"])
        return partner


EDIT_HANDLER = ObjectList(
    [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("kind"),
                FieldPanel("website"),
                FieldPanel("phone"),
                FieldPanel("cooperation"),
            ],
            heading=_("The business"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("owner"), FieldPanel("next_contact_on")]),
                FieldPanel("notes"),
            ],
            heading=_("Keeping in touch"),
            help_text=_("Only staff see this. Who is to keep in touch is reminded by mail."),
        ),
        MultiFieldPanel(
            [FieldPanel("friend_offer"), FieldPanel("landing_page")],
            heading=_("Its link"),
        ),
        InlinePanel(
            "contacts",
            heading=_("Contacts"),
            label=_("Contact"),
            panels=[
                FieldRowPanel([FieldPanel("name"), FieldPanel("role")]),
                FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]),
            ],
            help_text=_("Besides the main contact, who gets the mails."),
        ),
        InlinePanel(
            "joint_offers",
            heading=_("Joint offers"),
            label=_("Joint offer"),
            panels=[
                FieldPanel("title"),
                FieldPanel("text"),
                FieldPanel("offer"),
                FieldPanel("url"),
                FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
            ],
            help_text=_("What it offers our customers: on its page, and on hubs."),
        ),
    ],
    base_form_class=PartnerForm,
)
