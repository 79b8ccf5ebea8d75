"""Invitations: who was invited to which form and has answered; many at once from a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import swapper
from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from ..exceptions import ReferralsError
from ..feedback.guests import BadGuests, read_guests
from ..feedback.invitation_models import Invitation
from ..feedback.invitations import LONGEST_DAYS, invitation_link, invite
from ..feedback.models import FeedbackResponse
from ..people.log import INVITED
from .line_errors import add_line_errors
from .links import list_url
from .permissions import can_look, form_pages, policy_for, visible
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    filters_for,
    moment,
    readable,
)
from .search import of_person
from .words import user_name

LARGEST_FILE = 2 * 1024 * 1024


def feedback_pages(user: Any) -> QuerySet:
    """The pages one can be invited to whose answers the user may see."""
    pages = swapper.load_model("wagtailcore", "Page").objects.filter(
        pk__in=form_pages(user), live=True
    )
    ours = [p.pk for p in pages.specific() if p.get_submission_class() is FeedbackResponse]
    return pages.filter(pk__in=ours).order_by("title")


def state(invitation: Invitation) -> str:
    """Where an invitation stands."""
    if invitation.answered_at:
        return gettext("answered")
    if invitation.is_over():
        return gettext("expired")
    return gettext("mailed") if invitation.queued_at else gettext("open")


def link(invitation: Invitation) -> str:
    """The address to hand over, as long as it opens the form."""
    if invitation.answered_at or invitation.is_over() or not invitation.person:
        return ""
    return invitation_link(invitation.page, invitation)


def _in_state(rows: QuerySet, name: str, value: str) -> QuerySet:
    over = Q(expires_at__lte=timezone.now())
    conditions = {
        "answered": Q(answered_at__isnull=False),
        "expired": Q(answered_at=None) & over,
        "open": Q(answered_at=None) & ~over,
    }
    return rows.filter(conditions[value]) if value in conditions else rows


class _Readable:
    any_permission_required: tuple[str, ...] = ("add", "view")

    def readable(self, user: Any) -> QuerySet[Invitation]:
        """Who may only invite reads what they made: the links are theirs to hand out."""
        if can_look(user, Invitation):
            return readable(user, Invitation)
        return visible(user, Invitation.objects.filter(created_by=user))


class InvitationIndexView(_Readable, RecordIndexView):
    related = ("person", "page", "created_by")
    list_display = [
        TitleColumn(
            "person",
            label=_("Person"),
            accessor=lambda row: row.person or _("Somebody"),
            url_name="referrals_invitations:inspect",
        ),
        Column("page", label=_("Page"), accessor="page.title"),
        Column("state", label=_("State"), accessor=state),
        MomentColumn("expires_at", label=_("Expires")),
        MomentColumn("answered_at", label=_("Answered")),
        MomentColumn("created_at", label=_("Made"), sort_key="created_at"),
    ]
    exports = (
        (_("E-mail"), lambda row: row.person.email if row.person else ""),
        (_("Name"), lambda row: row.person.name if row.person else ""),
        (_("Page"), lambda row: row.page.title),
        (_("State"), state),
        (_("Link"), link),
        (_("Expires"), lambda row: row.expires_at),
        (_("Answered"), lambda row: row.answered_at),
        (_("Made"), lambda row: row.created_at),
        (_("Made by"), lambda row: user_name(row.created_by) if row.created_by else ""),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("Invite customers to a form: each gets a link of their own for one answer.")
    filterset_class = filters_for(
        Invitation,
        "created_at",
        ["program"],
        page=ModelChoiceFilter(
            label=_("Page"),
            queryset=lambda request: feedback_pages(request.user),
        ),
        state=ChoiceFilter(
            label=_("State"),
            method=_in_state,
            choices=[
                ("open", _("open")),
                ("answered", _("answered")),
                ("expired", _("expired")),
            ],
        ),
    )

    def search_with(self, term: str) -> Q:
        return of_person("person", term)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not policy_for(Invitation).user_has_permission(self.request.user, "add"):
            return []
        url = reverse("referrals_invitations:add")
        return [HeaderButton(_("Invite people"), url=url, icon_name="plus")]


class InvitationInspectView(_Readable, RecordInspectView):
    related = ("person", "page", "program", "response", "created_by")
    object: Invitation

    def facts(self) -> Iterable[Fact]:
        invitation = self.object
        yield self.link(_("Person"), invitation.person)
        yield Fact(_("Page"), invitation.page.title)
        yield self.link(_("Program"), invitation.program)
        yield Fact(_("State"), state(invitation))
        yield Fact(_("Link"), link(invitation) or "–")
        yield Fact(_("Mail queued"), moment(invitation.queued_at) or "–")
        yield Fact(_("Expires"), moment(invitation.expires_at))
        yield self.link(_("Answer"), invitation.response)
        by = user_name(invitation.created_by) if invitation.created_by else "–"
        yield Fact(_("Made by"), by)
        yield Fact(_("Made"), moment(invitation.created_at))


class InviteForm(forms.Form):
    """Whom to invite to which form."""

    page: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Form"), queryset=None, help_text=_("Only pages that are published.")
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("CSV with e-mail, name and language on each line, at most 5,000 people."),
    )
    people = forms.CharField(
        label=_("Or type them here"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One on each line: eva@example.org, Eva Linden, en"),
    )
    days = forms.IntegerField(
        label=_("Days until the links expire"), min_value=1, max_value=LONGEST_DAYS, initial=30
    )
    send = forms.BooleanField(
        label=_("Send each of them the link by e-mail"),
        required=False,
        help_text=_("Only to customers who may be written to. Without it, export the links."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pages: Any = self.fields["page"]
        pages.queryset = feedback_pages(user)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file, typed = cleaned.get("file"), (cleaned.get("people") or "").strip()
        if bool(file) == bool(typed) and not {"file", "people"} & self.errors.keys():
            self.add_error("file", gettext("Choose a file, or type the people; not both."))
        elif file and file.size > LARGEST_FILE:
            self.add_error("file", gettext("The file is larger than 2 MB."))
        elif not self.errors:
            try:
                cleaned["guests"] = read_guests(file.read() if file else typed.encode())
            except BadGuests as bad:
                add_line_errors(self, "file" if file else "people", bad.errors)
        return cleaned


class InviteView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Everybody in the list is invited, or nobody."""

    permission_required = "add"
    page_title = button_label = _("Invite people")
    header_icon = "mail"
    template_name = "wagtail_referrals/admin/upload.html"
    form_class = InviteForm
    explanation = _(
        "Each gets a link of their own that takes one answer. If a line has to be mended, nobody "
        "is invited, and every such line is named."
    )

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Invitation)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        page = data["page"].specific
        try:
            invited = invite(
                page,
                page.program,
                data["guests"],
                days=data["days"],
                send=data["send"],
                user=self.request.user,
            )
        except ReferralsError as error:
            form.add_error("send" if error.code == "no_program" else None, str(error))
            return self.form_invalid(form)
        made = len(invited.made)
        log(instance=page, action=INVITED, data={"reason": str(made)})
        words = ngettext("%(count)d person is invited.", "%(count)d people are invited.", made)
        told = words % {"count": made}
        if invited.open_already:
            known = ngettext(
                "%(count)d had an open invitation already.",
                "%(count)d had open invitations already.",
                invited.open_already,
            )
            told += " " + known % {"count": invited.open_already}
        messages.success(self.request, told)
        return redirect(list_url(Invitation))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Invitation), "label": _("Invitations")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=list_url(Invitation), **kwargs)


class InvitationViewSet(RecordViewSet):
    model = Invitation
    icon = "redirect"
    index_view_class = InvitationIndexView
    inspect_view_class = InvitationInspectView

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        return Permission.objects.filter(
            content_type__app_label="wagtail_referrals",
            codename__in=["add_invitation", "view_invitation"],
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(InviteView)
        return [*super().get_urlpatterns(), path("new/", view, name="add")]
