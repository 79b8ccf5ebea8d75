"""Mails to friends that the site sent for advocates, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.ui.tables import Column, TitleColumn

from ..messages.models import Message
from ..referrals.friend_mail_models import INVITATION, REMINDER, FriendMail
from ..referrals.models import Referral
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    filters_for,
    moment,
)
from .search import of_person


def state(mail: FriendMail) -> str:
    """What became of it."""
    if mail.declined_at:
        return gettext("not interested")
    if mail.friend_id is None:
        return gettext("forgotten")
    return gettext("reminded") if mail.reminded_at else gettext("sent")


def _in_state(rows: QuerySet, name: str, value: str) -> QuerySet:
    conditions = {
        "declined": Q(declined_at__isnull=False),
        "reminded": Q(declined_at=None, reminded_at__isnull=False, friend__isnull=False),
        "sent": Q(declined_at=None, reminded_at=None, friend__isnull=False),
        "forgotten": Q(declined_at=None, friend=None),
    }
    return rows.filter(conditions[value]) if value in conditions else rows


class FriendMailIndexView(RecordIndexView):
    related = ("program", "advocate__person", "friend")
    list_display = [
        TitleColumn(
            "friend",
            label=_("Friend"),
            accessor=lambda row: row.friend or _("forgotten"),
            url_name="referrals_friend_mails:inspect",
        ),
        Column("advocate", label=_("By")),
        Column("program", label=_("Program")),
        Column("state", label=_("State"), accessor=state),
        MomentColumn("created_at", label=_("Sent"), sort_key="created_at"),
    ]
    exports = (
        (_("By"), lambda row: row.advocate.person.email),
        (_("Friend"), lambda row: row.friend.email if row.friend else ""),
        (_("Program"), lambda row: row.program.name),
        (_("State"), state),
        (_("Sent"), lambda row: row.created_at),
        (_("Reminded"), lambda row: row.reminded_at),
        (_("Not interested"), lambda row: row.declined_at),
    )
    search_hint = _("Beginning of an advocate's e-mail or name")
    empty_text = _(
        "Advocates write to friends themselves, unless a program has the site do it: its form says "
        "what speaks against it."
    )
    filterset_class = filters_for(
        FriendMail,
        "created_at",
        ["program"],
        state=ChoiceFilter(
            label=_("State"),
            method=_in_state,
            choices=[
                ("sent", _("sent")),
                ("reminded", _("reminded")),
                ("declined", _("not interested")),
                ("forgotten", _("forgotten")),
            ],
        ),
    )

    def search_with(self, term: str) -> Any:
        return of_person("advocate__person", term)


class FriendMailInspectView(RecordInspectView):
    related = ("program", "advocate__person", "friend")
    object: FriendMail

    def facts(self) -> Iterable[Fact]:
        mail = self.object
        yield self.link(_("By"), mail.advocate)
        yield self.link(_("Friend"), mail.friend)
        yield self.link(_("Program"), mail.program)
        yield Fact(_("State"), state(mail))
        yield Fact(_("What they wrote"), mail.note or "–")
        yield Fact(_("Sent"), moment(mail.created_at))
        yield Fact(_("Reminded"), moment(mail.reminded_at) or "–")
        yield Fact(_("Not interested"), moment(mail.declined_at) or "–")
        came = Referral.objects.filter(program=mail.program, friend=mail.friend_id)
        referral = came.select_related("advocate__person", "friend").first()
        yield self.link(_("Came as"), referral if mail.friend_id else None)

    def sections(self) -> Iterable[Section]:
        keys = [f"{kind}:{self.object.pk}" for kind in (INVITATION, REMINDER)]
        yield from self.records_section(
            Message,
            _("Mails"),
            Message.objects.filter(key__in=keys),
            [
                (_("State"), lambda row: row.get_state_display()),
                (_("Queued"), lambda row: moment(row.created_at)),
                (_("Sent"), lambda row: moment(row.sent_at)),
            ],
            name="messages",
        )


class FriendMailViewSet(RecordViewSet):
    model = FriendMail
    icon = "arrow-right-full"
    index_view_class = FriendMailIndexView
    inspect_view_class = FriendMailInspectView
