"""Collateral: what there is to pass on, for whom, and which of it is stale."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..partners.collateral_models import Collateral, collateral_kinds
from .partners import DayColumn, day
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
from .search import begins_with


def languages() -> list[tuple[str, str]]:
    """Those a site publishes in."""
    return list(getattr(settings, "WAGTAIL_CONTENT_LANGUAGES", None) or settings.LANGUAGES)


def _stale(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    stale = Q(valid_until__lt=timezone.localdate())
    return rows.filter(stale) if wanted else rows.filter(~stale | Q(valid_until=None))


def is_stale(collateral: Collateral) -> bool:
    """Whether it is too old to be shown."""
    until = collateral.valid_until
    return bool(until and until < timezone.localdate())


def standing(collateral: Collateral) -> str:
    """Whether it can be seen by those it is for."""
    if is_stale(collateral):
        return str(_("stale"))
    return str(_("on the shelf") if collateral.is_shown else _("off the shelf"))


class CollateralIndexView(RecordIndexView):
    any_permission_required = ["add", "change", "view"]
    related = ("program", "partner")
    default_ordering = "title"
    list_display = [
        TitleColumn(
            "title",
            label=_("Collateral"),
            url_name="referrals_collateral:inspect",
            sort_key="title",
        ),
        Column("get_kind_display", label=_("Kind")),
        Column("get_audience_display", label=_("For whom")),
        Column("language", label=_("Language"), accessor=lambda row: row.language or "–"),
        StatusTagColumn(
            "standing", label=_("State"), accessor=standing, primary=lambda row: is_stale(row)
        ),
        DayColumn("valid_until", label=_("Valid until"), sort_key="valid_until"),
        Column("version", label=_("Version")),
        Column("program", label=_("Program")),
        MomentColumn("updated_at", label=_("Last new version"), sort_key="updated_at"),
    ]
    exports = (
        (_("Title"), lambda row: row.title),
        (_("Kind"), lambda row: row.get_kind_display()),
        (_("For whom"), lambda row: row.get_audience_display()),
        (_("Language"), lambda row: row.language),
        (_("Program"), lambda row: row.program.name),
        (_("Partner"), lambda row: row.partner.name if row.partner else ""),
        (_("State"), standing),
        (_("Valid until"), lambda row: row.valid_until),
        (_("Version"), lambda row: row.version),
        (_("Last new version"), lambda row: row.updated_at),
    )
    search_hint = _("Beginning of the title")
    empty_text = _("Put the first fact sheet, brochure or price list on the shelf.")
    filterset_class = filters_for(
        Collateral,
        "updated_at",
        ["program", "audience"],
        kind=ChoiceFilter(label=_("Kind"), choices=collateral_kinds),
        language=ChoiceFilter(label=_("Language"), choices=languages),
        stale=BooleanFilter(method=_stale, label=_("Stale"), widget=BooleanRadioSelect),
    )

    def search_with(self, term: str) -> Q:
        found = Q()
        for spelling in {term, term[:1].upper() + term[1:]}:
            found |= begins_with("title", spelling)
        return found


class CollateralInspectView(RecordInspectView):
    related = ("program", "partner", "document", "image")
    object: Collateral

    def facts(self) -> Iterable[Fact]:
        collateral = self.object
        status = "primary" if is_stale(collateral) else "secondary"
        yield Fact(_("State"), standing(collateral), status=status)
        yield Fact(_("Kind"), collateral.get_kind_display())
        yield Fact(_("For whom"), collateral.get_audience_display())
        yield Fact(_("Language"), collateral.language or _("any"))
        yield self.link(_("Program"), collateral.program)
        if collateral.partner:
            yield self.link(_("Partner"), collateral.partner)
        yield Fact(_("Valid until"), day(collateral.valid_until) or "–")
        yield Fact(_("Version"), collateral.version)
        yield Fact(_("Last new version"), moment(collateral.updated_at))

    def sections(self) -> Iterable[Section]:
        yield from self.log_section()


class CollateralViewSet(RecordViewSet):
    model = Collateral
    icon = "folder-open-inverse"
    index_view_class = CollateralIndexView
    inspect_view_class = CollateralInspectView
    has_actions = True
