"""The four groups on one screen: how many, what they are worth, whom to do what for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from ..insights.champion_models import (
    CustomerValue,
    Group,
    ValueSettings,
    ValueSummary,
)
from ..insights.groups import FEW, FEW_CUSTOMERS, NOBODY_BRINGS, NOBODY_BUYS_MORE
from ..insights.moves import Moves, count_moves
from ..programs.access import visible_programs
from ..programs.money import format_money
from .champions_chart import draw_dots
from .days import FIRST, before, bounded, span_of, today
from .links import admin_url, list_url
from .permissions import can_set_up, policy_for
from .sheets import FORMATS, as_sheet

# Of each group so many are named; all of them are in the list.
NAMED = 10
ZERO = Decimal("0.00")
_NINETY = timedelta(days=89)
# What the advice is for each: Kumar, Petersen and Leone, Harvard Business Review, October 2007.
ADVICE: dict[str, tuple[str | Promise, str | Promise]] = {
    Group.CHAMPIONS: (
        _("They buy much and bring much."),
        _(
            "Keep them: thank each by name, take them to lunch, show them what is new before "
            "others see it, ask them onto an advisory board, let them teach others what they know."
        ),
    ),
    Group.AFFLUENTS: (
        _("They buy much and bring little."),
        _("Offer them something for a recommendation, and ask for it: they know what you do."),
    ),
    Group.ADVOCATES: (
        _("They bring much and buy little."),
        _("Offer them something for a purchase: a bundle, a further product, a trial."),
    ),
    Group.MISERS: (
        _("They buy little and bring little."),
        _("Offer them both, in one go, and spend no more on it than they may bring."),
    ),
}
LACKS = {
    FEW_CUSTOMERS: _("Not enough yet: with fewer than %(few)d customers a median says nothing."),
    NOBODY_BUYS_MORE: _("Not enough yet: no customer is worth more than the others."),
    NOBODY_BRINGS: _("Not enough yet: nobody has brought a friend who is worth something."),
}


@dataclass(frozen=True)
class Cell:
    """One group, as the matrix and the table show it; amounts in words."""

    group: str
    label: str
    what: Any
    advice: Any
    count: int
    share: int
    lifetime: str
    average: str
    referral: str
    referral_low: str
    referral_high: str
    url: str
    customers: list[tuple[str, str, CustomerValue, str, str]]


class AskedForm(forms.Form):
    """Which program's customers, in which currency, and since when they moved."""

    program = forms.TypedChoiceField(
        label=_("Program"), required=False, coerce=int, empty_value=None
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    start = forms.DateField(label=_("Moves from"), required=False, widget=AdminDateInput)
    end = forms.DateField(label=_("to"), required=False, widget=AdminDateInput)

    def __init__(self, *args: Any, programs: dict[int, str], currencies: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["program"].choices = list(programs.items())
        fields["currency"].choices = [("", "–"), *((code, code) for code in currencies)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start > end:
            self.add_error("end", gettext("Choose a day after the first one."))
        return cleaned

    def value(self, name: str) -> Any:
        """What was chosen, or None where nothing was, or nothing that makes sense."""
        return getattr(self, "cleaned_data", {}).get(name)


class ChampionsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Worked out beforehand: the screen counts nothing, however many customers there are."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/champions.html"
    page_title = _("Whom to take to lunch")
    header_icon = "grid"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(CustomerValue)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind = request.GET.get("export", "")
        if kind in FORMATS:
            return as_sheet(self._lines(), kind, "champions")
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(CustomerValue), "label": _("Champions")},
            {"url": "", "label": self.page_title},
        ]

    @cached_property
    def settings(self) -> dict[int, ValueSettings]:
        """Of the programs this user may see, by the program's key."""
        programs = visible_programs(self.request.user).order_by().values("pk")
        found = ValueSettings.objects.filter(program__in=programs).select_related("program")
        return {one.program_id: one for one in found.order_by("program__name", "program_id")}

    @cached_property
    def summaries(self) -> list[ValueSummary]:
        """Of all these programs, the currency with most customers first."""
        return list(ValueSummary.objects.filter(program__in=list(self.settings)))

    @cached_property
    def form(self) -> AskedForm:
        programs = {key: str(one.program) for key, one in self.settings.items()}
        currencies = sorted({one.currency for one in self.summaries})
        form = AskedForm(self.request.GET or None, programs=programs, currencies=currencies)
        form.is_valid()
        return form

    @cached_property
    def chosen(self) -> ValueSettings | None:
        """The program that was asked for, else the first that was worked out."""
        asked = self.form.value("program")
        known = {one.program_id for one in self.summaries}
        first = next((key for key in self.settings if key in known), None)
        key = asked if asked in self.settings else first or next(iter(self.settings), None)
        return self.settings.get(key) if key else None

    @cached_property
    def of_program(self) -> list[ValueSummary]:
        own = self.chosen and self.chosen.program_id
        return [one for one in self.summaries if one.program_id == own]

    @cached_property
    def summary(self) -> ValueSummary | None:
        """In the currency that was asked for, else in the program's own."""
        asked = self.form.value("currency") or (self.chosen and self.chosen.program.currency)
        found = [one for one in self.of_program if one.currency == asked]
        return next(iter(found or self.of_program), None)

    @cached_property
    def cells(self) -> list[Cell]:
        """The four groups; none where there is not enough to tell them."""
        summary = self.summary
        if summary is None or summary.lifetime_from is None:
            return []
        return [self._cell(summary, group) for group in ADVICE]

    def _cell(self, summary: ValueSummary, group: str) -> Cell:
        sums = summary.groups.get(group, {})
        count = sums.get("count", 0)

        def money(name: str, part: int = 1) -> str:
            amount = Decimal(sums.get(name, "0")) / part
            return format_money(amount.quantize(ZERO), summary.currency)

        what, advice = ADVICE[group]
        asked = {"program": summary.program_id, "segment": group, "currency": summary.currency}
        by = "lifetime" if group in (Group.AFFLUENTS, Group.MISERS) else "referral_value"
        return Cell(
            group=group,
            label=str(Group(group).label),
            what=what,
            advice=advice,
            count=count,
            share=round(100 * count / summary.customers) if summary.customers else 0,
            lifetime=money("lifetime"),
            average=money("lifetime", count or 1),
            referral=money("referral"),
            referral_low=money("referral_low"),
            referral_high=money("referral_high"),
            url=f"{list_url(CustomerValue)}?{urlencode({**asked, 'ordering': f'-{by}'})}",
            customers=[self._named(one) for one in self._first(summary, group, by)],
        )

    def _first(self, summary: ValueSummary, group: str, by: str) -> Iterable[CustomerValue]:
        values = CustomerValue.objects.filter(
            program=summary.program_id, currency=summary.currency, segment=group
        )
        return values.select_related("person").order_by(f"-{by}", "-pk")[:NAMED]

    def _named(self, value: CustomerValue) -> tuple[str, str, CustomerValue, str, str]:
        lifetime = format_money(value.lifetime, value.currency)
        referral = format_money(value.referral_value, value.currency)
        return admin_url(value), str(value.person), value, lifetime, referral

    @property
    def lack(self) -> str:
        """Why there are no groups."""
        key = self.summary.lacks if self.summary else ""
        return str(LACKS[key]) % {"few": FEW} if key in LACKS else ""

    @cached_property
    def days(self) -> tuple[date, date]:
        """From which day to which moves are counted: the last ninety, where it was not said."""
        end = self.form.value("end") or today()
        start = self.form.value("start") or max(end, FIRST + _NINETY) - _NINETY
        return bounded(start, end)

    @cached_property
    def moves(self) -> Moves | None:
        """Who moved within the days, and within as many before."""
        if self.summary is None:
            return None
        earlier = before(*self.days)
        return count_moves(
            self.summary.program_id,
            self.summary.currency,
            span_of(*self.days),
            span_of(*earlier) if earlier else None,
        )

    @property
    def move_rows(self) -> list[tuple[str, list[int]]]:
        """From each group into each of the others; nothing where nobody moved."""
        if not (self.moves and self.moves.counts):
            return []
        counts = self.moves.counts
        return [
            (str(one.label), [counts[one.value, after.value] for after in Group]) for one in Group
        ]

    @property
    def worked_out(self) -> str:
        """When, and what was left out."""
        if self.chosen is None or not self.chosen.ahead_of_time:
            return ""
        number = self.chosen.ahead_of_time
        words = ngettext(
            "%(number)d purchase has a date in the future and is left out.",
            "%(number)d purchases have a date in the future and are left out.",
            number,
        )
        return words % {"number": number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, summary = self.request.user, self.summary
        settings_url = list_url(ValueSettings) if can_set_up(user, ValueSettings) else ""
        cells = {cell.group: cell for cell in self.cells}
        rows = [
            (_("Bring much"), [cells.get(Group.ADVOCATES), cells.get(Group.CHAMPIONS)]),
            (_("Bring little"), [cells.get(Group.MISERS), cells.get(Group.AFFLUENTS)]),
        ]
        return super().get_context_data(
            form=self.form,
            chosen=self.chosen,
            summary=summary,
            others=[one for one in self.of_program if one is not summary],
            cells=self.cells,
            matrix=rows if cells else [],
            picture=draw_dots(summary) if summary and summary.dots else None,
            lack=self.lack,
            left_out=self.worked_out,
            thresholds=self._thresholds(),
            moves=self.move_rows,
            changes=self.moves.changes if self.moves else [],
            has_earlier=bool(before(*self.days)),
            groups=[group.label for group in Group],
            days=self.days,
            settings_url=settings_url,
            list_url=list_url(CustomerValue),
            exports=[(kind.upper(), f"?{self._query(export=kind)}") for kind in FORMATS],
            named=NAMED,
            **kwargs,
        )

    def _thresholds(self) -> tuple[str, str] | None:
        summary = self.summary
        if summary is None or summary.lifetime_from is None or summary.referral_from is None:
            return None
        lifetime = format_money(summary.lifetime_from, summary.currency)
        return lifetime, format_money(summary.referral_from, summary.currency)

    def _query(self, **more: str) -> str:
        query = self.request.GET.copy()
        for name, value in more.items():
            query[name] = value
        return query.urlencode()

    def _lines(self) -> Iterable[list[Any]]:
        """The four groups and the moves; amounts as numbers."""
        yield [
            *(_("Group"), _("Currency"), _("Customers"), _("Lifetime value")),
            *(_("Referral value at least"), _("Referral value"), _("Referral value at most")),
        ]
        for cell in self.cells:
            assert self.summary is not None
            sums = self.summary.groups.get(cell.group, {})
            names = ("lifetime", "referral_low", "referral", "referral_high")
            amounts = [Decimal(sums.get(name, "0.00")) for name in names]
            yield [cell.label, self.summary.currency, cell.count, *amounts]
        if not self.cells:
            yield from self._instead()
        if not (self.moves and self.move_rows):
            return
        yield []
        yield [_("Moved from"), *(str(group.label) for group in Group)]
        for label, counts in self.move_rows:
            yield [label, *counts]
        yield []
        yield [_("Group"), _("Came"), _("Left"), _("Difference"), _("In as many days before")]
        for one in self.moves.changes:
            yield [one.group.label, one.came, one.left, one.net, one.before]

    def _instead(self) -> Iterable[list[Any]]:
        """What the screen says where there are no groups."""
        if self.summary:
            yield [_("All customers"), self.summary.currency, self.summary.customers]
        yield [self.lack or _("Nothing is worked out yet.")]
