"""Customers by what they are worth: the list, one customer's story, and how it was worked out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from ..insights.champion_models import CustomerValue, Group, SegmentMove
from ..insights.champion_story import Story, tell_story
from ..programs.money import format_money
from ..referrals.models import Referral
from .bounded import BoundedPaginator
from .champions_report import ChampionsView
from .permissions import can_look
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


def money(value: CustomerValue, name: str) -> str:
    """One of the amounts, in its currency."""
    return format_money(getattr(value, name), value.currency)


def money_column(name: str, label: Any, sort_key: str | None = None) -> Column:
    return Column(name, label=label, accessor=lambda row: money(row, name), sort_key=sort_key)


# On a phone left out of the list: it is on the customer's own screen.
_AT_A_DESK = "referrals-at-a-desk"


class ChampionIndexView(RecordIndexView):
    template_name = "wagtail_referrals/admin/champions_list.html"
    related = ("person", "program")
    default_ordering = "-lifetime"
    paginator_class = BoundedPaginator
    list_display = [
        TitleColumn(
            "person", label=_("Customer"), accessor=str, url_name="referrals_champions:inspect"
        ),
        StatusTagColumn(
            "segment",
            label=_("Group"),
            accessor=lambda row: row.get_segment_display(),
            primary=lambda row: row.segment == Group.CHAMPIONS,
        ),
        money_column("lifetime", _("Lifetime value"), "lifetime"),
        money_column("referral_value", _("Referral value"), "referral_value"),
        Column("purchases", label=_("Purchases"), classname=_AT_A_DESK),
        Column("friends", label=_("Friends who bought"), classname=_AT_A_DESK),
        Column("program", label=_("Program"), classname=_AT_A_DESK),
        MomentColumn("last_at", label=_("Last purchase"), classname=_AT_A_DESK),
    ]
    exports = (
        (_("E-mail"), lambda row: row.person.email),
        (_("Name"), lambda row: row.person.name),
        (_("Program"), lambda row: row.program.name),
        (_("Group"), lambda row: row.get_segment_display()),
        (_("Currency"), lambda row: row.currency),
        (_("Lifetime value"), lambda row: row.lifetime),
        (_("of it the year ahead"), lambda row: row.ahead),
        (_("Margin so far"), lambda row: row.margin),
        (_("Purchases"), lambda row: row.purchases),
        (_("First purchase"), lambda row: row.first_at),
        (_("Last purchase"), lambda row: row.last_at),
        (_("Friends who bought"), lambda row: row.friends),
        (_("Referral value at least"), lambda row: row.referral_low),
        (_("Referral value"), lambda row: row.referral_value),
        (_("Referral value at most"), lambda row: row.referral_high),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _(
        "Customers appear here once a program has customer value settings and its purchases "
        "are known: reported by your shop, or imported."
    )
    filterset_class = filters_for(CustomerValue, "last_at", ["program", "segment", "currency"])

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = reverse("referrals_champions:report")
        return [*super().header_buttons, HeaderButton(_("The four groups"), url=url)]

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class ChampionInspectView(RecordInspectView):
    related = ("person", "program")
    object: CustomerValue

    @cached_property
    def story(self) -> Story | None:
        return tell_story(self.object)

    def facts(self) -> Iterable[Fact]:
        value = self.object
        yield self.link(_("Person"), value.person)
        yield self.link(_("Program"), value.program)
        group = value.get_segment_display() or _("not enough yet to tell")
        yield Fact(_("Group"), group, status="primary" if value.segment else "secondary")
        yield Fact(_("Lifetime value"), money(value, "lifetime"))
        yield Fact(_("of it the year ahead"), money(value, "ahead"))
        yield Fact(_("Margin so far"), money(value, "margin"))
        yield Fact(_("Purchases"), value.purchases)
        yield Fact(_("Friends who bought"), value.friends)
        words = gettext("%(value)s, from %(low)s to %(high)s") % {
            "value": money(value, "referral_value"),
            "low": money(value, "referral_low"),
            "high": money(value, "referral_high"),
        }
        yield Fact(_("Referral value"), words)
        yield Fact(_("First purchase"), moment(value.first_at) or "–")
        yield Fact(_("Last purchase"), moment(value.last_at) or "–")

    def sections(self) -> Iterable[Section]:
        story = self.story
        if story is not None:
            yield from self._reckoning(story)
            if can_look(self.request.user, Referral):
                yield from self._friends(story)
        moves = SegmentMove.objects.filter(
            program=self.object.program_id,
            person=self.object.person_id,
            currency=self.object.currency,
        )
        yield from self.section(
            _("Moves between groups"),
            moves,
            [
                (_("From"), lambda row: row.get_before_display()),
                (_("To"), lambda row: row.get_after_display()),
                (_("Time"), lambda row: moment(row.moved_at)),
            ],
            name="moves",
            target=lambda row: None,
        )

    def _reckoning(self, story: Story) -> Iterable[Section]:
        currency = self.object.currency
        yield from self.section(
            _("How the lifetime value comes about"),
            story.lines,
            [
                (_("Half-year"), lambda line: line.label),
                (_("Margin"), lambda line: format_money(line.margin, currency)),
                (_("Marketing"), lambda line: format_money(line.marketing, currency)),
                (_("Divided by"), lambda line: f"{line.divisor:.4f}"),
                (_("Counts as"), lambda line: format_money(line.value, currency)),
            ],
            name="reckoning",
            target=lambda row: None,
            whole=True,
        )

    def _friends(self, story: Story) -> Iterable[Section]:
        currency = self.object.currency
        yield from self.section(
            _("What their friends left"),
            story.friends,
            [
                (_("Friend"), lambda line: line.name),
                (_("Level"), lambda line: line.level),
                (_("Would have come anyway"), lambda line: line.anyway),
                (_("Lifetime value"), lambda line: format_money(line.lifetime, currency)),
                (_("Rewards"), lambda line: format_money(line.rewards, currency)),
                (_("Acquisition saved"), lambda line: format_money(line.saved, currency)),
                (_("Counts as"), lambda line: format_money(line.value, currency)),
            ],
            name="friends",
            target=lambda row: None,
            whole=True,
        )


class ChampionViewSet(RecordViewSet):
    model = CustomerValue
    icon = "grid"
    menu_label = _("Champions")
    index_view_class = ChampionIndexView
    inspect_view_class = ChampionInspectView

    @property
    def menu_url(self) -> str:
        return reverse("referrals_champions:report")

    def get_urlpatterns(self) -> list[URLPattern]:
        report: Any = self.construct_view(ChampionsView)
        return [*super().get_urlpatterns(), path("report/", report, name="report")]
