"""What an owner does first: as long as some of it is open, the dashboard says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from django.db.models import Exists, Model, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site, get_page_models

from ..events.models import Event
from ..insights.rollup_models import RollupState
from ..pages.feedback import AbstractFeedbackPage
from ..pages.referral import AbstractReferralPage
from ..programs.models import Offer, Program
from .links import list_url
from .permissions import can_look, can_set_up
from .starters import may_edit_pages

# What ran within it, runs: a machine may be down for a night.
_LATELY = timedelta(days=1)
_HOW = _("The how-to, “Run what is due”, has the line for cron. Ask whoever runs your site.")


@dataclass(frozen=True)
class FirstStep:
    """One thing to do, why, where, and whether it is done."""

    label: str | Promise
    why: str | Promise
    find_url: Callable[[], str]
    is_done: bool

    @cached_property
    def url(self) -> str:
        """Looked for when it is shown: beside numbers, what is done is not."""
        return self.find_url()


def first_steps(user: Any, programs: Sequence[Program]) -> list[FirstStep]:
    """All of them, in their order; ``programs`` are those the user sees."""
    done, run_at = _what_is_done([one.pk for one in programs])
    edits_pages = cache(lambda: may_edit_pages(user))
    return [
        FirstStep(
            _("Say what advocates and friends get"),
            _("Both sides gain something: make an offer for each."),
            lambda: _list(user, Offer),
            done["offers"],
        ),
        FirstStep(
            _("Set up a program"),
            _("Whom it is for, from when, its terms, and the two offers."),
            lambda: _list(user, Program),
            any(one.friend_offer_id for one in programs),
        ),
        FirstStep(
            _("Publish a landing page"),
            _("Where a friend arrives who opens a link: a “Referral page” below your home page."),
            lambda: _new_page_url(user, programs) if edits_pages() else "",
            done["landing"],
        ),
        FirstStep(
            _("Publish a feedback page"),
            _("Who answers becomes an advocate, with a link of their own to share."),
            lambda: reverse("referrals_starters:index") if programs and edits_pages() else "",
            done["feedback"],
        ),
        FirstStep(
            _("Let “referrals_run_due” run every few minutes"),
            f"{_runs(run_at)} {_HOW}",
            str,
            run_at is not None and timezone.now() - run_at < _LATELY,
        ),
        FirstStep(
            _("Report the first purchase"),
            _("Your shop tells us of each: then we know who came by a recommendation."),
            lambda: list_url(Event) if can_look(user, Event) else "",
            done["bought"],
        ),
    ]


def _new_page_url(user: Any, programs: Sequence[Program]) -> str:
    """Where a page below the home page is begun; all pages, where the user may not."""
    site = programs[0].site if programs else Site.objects.filter(is_default_site=True).first()
    if site is None or not site.root_page.permissions_for_user(user).can_add_subpage():
        return reverse("wagtailadmin_explore_root")
    return reverse("wagtailadmin_pages:add_subpage", args=[site.root_page_id])


def _list(user: Any, model: type[Model]) -> str:
    return list_url(model) if can_set_up(user, model) else ""


def _runs(run_at: datetime | None) -> str:
    """Whether it runs, and what it is good for."""
    if run_at is None:
        return gettext("It has not run yet. It sends the mails, gives the rewards and counts.")
    days = (timezone.now() - run_at).days
    if not days:
        return gettext("It sends the mails, gives the rewards and counts.")
    words = ngettext(
        "It has not run for %(days)d day: no mail is sent, no reward is given meanwhile.",
        "It has not run for %(days)d days: no mail is sent, no reward is given meanwhile.",
        days,
    )
    return words % {"days": days}


def _what_is_done(programs: list[int]) -> tuple[dict[str, bool], datetime | None]:
    """Everything that has to be asked for, by one query on a table that has a row.

    And when what is due was last done.
    """
    asked: dict[str, list[QuerySet]] = {
        "offers": [Offer.objects.all()],
        "landing": _live_pages(AbstractReferralPage, programs),
        "feedback": _live_pages(AbstractFeedbackPage, programs),
        "bought": [Event.objects.filter(program__in=programs, kind="purchase")],
    }
    names = [name for name, some in asked.items() for _rows in some]
    there = [Exists(rows.order_by()) for some in asked.values() for rows in some]
    last_run = Subquery(RollupState.objects.order_by("-run_at").values("run_at")[:1])
    rows = Site.objects.order_by().values_list(last_run, *there)
    run_at, *found = rows.first() or (None,)
    done = {name for name, is_there in zip(names, found, strict=False) if is_there}
    return {name: name in done for name in asked}, run_at


def _live_pages(kind: type[Model], programs: list[int]) -> list[QuerySet]:
    """The live pages of this kind, of whatever types the site has, for one of the programs."""
    models = [model for model in get_page_models() if issubclass(model, kind)]
    return [model._base_manager.filter(program__in=programs, live=True) for model in models]
