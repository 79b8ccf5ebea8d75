"""Messages: the outbox, and each mail as its reader gets it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..messages.compose import UnknownMail, compose
from ..messages.kinds import mail_kinds
from ..messages.models import Message, MessageState
from ..messages.resend import may_go_again
from ..messages.unwanted import NOT_SENT
from .actions import Text
from .message_actions import ResendView
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    filters_for,
    moment,
)
from .search import of_person
from .words import kind_label

# What stands in the address of somebody's own page. By it one reads all that is theirs, and
# confirms that they want to be forgotten: nobody may do that who may look at a mail.
_THEIRS = re.compile(r"(?<=/)(?=[\w-]*[A-Z])[\w-]{24,}", re.ASCII)


def in_words(error: str) -> str:
    """Why a mail was not sent, or not yet; what a server answered stays as it was."""
    return str(NOT_SENT.get(error, error))


class MessageIndexView(RecordIndexView):
    related = ("person", "program")
    list_display = [
        TitleColumn(
            "kind",
            label=_("Message"),
            accessor=lambda row: kind_label(row.kind),
            url_name="referrals_messages:inspect",
        ),
        Column("person", label=_("To")),
        Column("program", label=_("Program")),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state != MessageState.SENT,
        ),
        Column("last_error", label=_("Why"), accessor=lambda row: in_words(row.last_error)),
        MomentColumn("due_at", label=_("Due")),
        MomentColumn("sent_at", label=_("Sent")),
        MomentColumn("created_at", label=_("Queued"), sort_key="created_at"),
    ]
    exports = (
        (_("Message"), lambda row: row.kind),
        (_("To"), lambda row: row.person.email if row.person else ""),
        (_("Program"), lambda row: row.program.name),
        (_("State"), lambda row: row.get_state_display()),
        (_("Attempts"), lambda row: row.attempts),
        (_("Last error"), lambda row: in_words(row.last_error)),
        (_("Queued"), lambda row: row.created_at),
        (_("Sent"), lambda row: row.sent_at),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("Mails wait here until they are sent. Nothing has been queued yet.")
    filterset_class = filters_for(
        Message,
        "created_at",
        ["program", "state"],
        kind=ChoiceFilter(
            label=_("Message"),
            choices=lambda: [(kind.key, kind.label) for kind in mail_kinds().values()],
            empty_label=_("All"),
            widget=forms.RadioSelect,
        ),
        last_error=ChoiceFilter(
            label=_("Why not sent"),
            choices=list(NOT_SENT.items()),
            empty_label=_("All"),
            widget=forms.RadioSelect,
        ),
    )

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class MessageInspectView(RecordInspectView):
    related = ("person", "program__site")
    template_name = "wagtail_referrals/admin/message.html"
    object: Message

    def get_page_subtitle(self) -> str:
        return kind_label(self.object.kind)

    def facts(self) -> Iterable[Fact]:
        message = self.object
        yield self.link(_("To"), message.person)
        status = "secondary" if message.state == MessageState.SENT else "primary"
        yield Fact(_("State"), message.get_state_display(), status=status)
        yield Fact(_("Attempts"), message.attempts)
        if message.last_error:
            words = in_words(message.last_error)
            yield Fact(
                _("Why") if message.state == MessageState.SKIPPED else _("Last error"), words
            )
        yield Fact(_("Queued"), moment(message.created_at))
        yield Fact(_("Due"), moment(message.due_at))
        yield Fact(_("Sent"), moment(message.sent_at) or "–")
        yield self.link(_("Program"), message.program)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        if may_go_again(self.object):
            url = reverse("referrals_messages:resend", args=[self.object.pk])
            yield url, ResendView.button_label, "button-secondary"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail=preview(self.object), **kwargs)


def preview(message: Message) -> dict[str, Any]:
    """Subject and text of the mail, or why there is none; private addresses cannot be opened."""
    if message.person is None:
        return {"problem": gettext("The person it was for is no longer known.")}
    try:
        mail = compose(message)
    except UnknownMail as error:
        words = gettext("There is no kind of mails “%(name)s” any more.")
        return {"problem": words % {"name": error}}
    return {
        "subject": mail.subject,
        "body": _THEIRS.sub("…", str(mail.body)),
        "language": message.locale,
    }


class MessageViewSet(RecordViewSet):
    model = Message
    icon = "mail"
    index_view_class = MessageIndexView
    inspect_view_class = MessageInspectView

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(ResendView)
        return [*super().get_urlpatterns(), path("resend/<int:pk>/", view, name="resend")]
