"""What is to be done this week, on Wagtail's home page."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component

from ..partners.collateral_models import Collateral
from ..partners.introduction_models import OPEN_STAGES, Introduction
from ..partners.models import IN_TOUCH, Partner
from .links import list_url, url_for
from .permissions import can_look, visible

AHEAD = datetime.timedelta(days=7)
MOST_SHOWN = 5


@dataclass(frozen=True)
class DueItem:
    """One thing to do; ``on`` is the day it is, or was, to be done."""

    what: str | Promise
    about: str
    on: datetime.date
    is_late: bool
    url: str


def due_items(user: Any, today: datetime.date) -> list[DueItem]:
    """The user's own and nobody's, of what they may see, the latest first."""
    found = [*_contacts(user, today), *_steps(user, today), *_stale(user, today)]
    return sorted(found, key=lambda item: (item.on, str(item.about)))


def _own(user: Any, rows: QuerySet) -> QuerySet:
    return visible(user, rows).filter(Q(owner=user) | Q(owner=None))


def _first(user: Any, rows: QuerySet, what: str | Promise, field: str, today: Any) -> Any:
    model: type[Model] = rows.model
    if not can_look(user, model):
        return
    for row in rows.order_by(field, "pk")[: MOST_SHOWN + 1]:
        on = getattr(row, field)
        yield DueItem(what, _about(row), on, on < today, url_for(user, row))


def _about(row: Any) -> str:
    """Whom it is about; of an introduction, what is to be done, too."""
    step = getattr(row, "next_step", "")
    return f"{row.introduced}: {step}" if step else str(row)


def _contacts(user: Any, today: datetime.date) -> Iterable[DueItem]:
    due = Partner.objects.filter(state__in=IN_TOUCH, next_contact_on__lte=today + AHEAD)
    yield from _first(user, _own(user, due), _("Get in touch"), "next_contact_on", today)


def _steps(user: Any, today: datetime.date) -> Iterable[DueItem]:
    due = Introduction.objects.filter(stage__in=OPEN_STAGES, next_step_on__lte=today + AHEAD)
    rows = _own(user, due).select_related("giver", "introduced")
    yield from _first(user, rows, _("Introduction: next step"), "next_step_on", today)


def _stale(user: Any, today: datetime.date) -> Iterable[DueItem]:
    due = Collateral.objects.filter(is_shown=True, valid_until__lt=today + AHEAD)
    yield from _first(user, visible(user, due), _("Collateral goes stale"), "valid_until", today)


class DuePanel(Component):
    """Contacts, next steps and stale collateral; nothing while there are none."""

    name = "referrals_due"
    template_name = "wagtail_referrals/admin/due_panel.html"
    order = 151

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        items = due_items(user, timezone.localdate())
        more = []
        if can_look(user, Partner):
            more.append((f"{list_url(Partner)}?ordering=next_contact_on", _("All partners")))
        if can_look(user, Collateral):
            more.append((f"{list_url(Collateral)}?stale=true", _("All that is stale")))
        return {"items": items, "more": more}
