"""What the inbox is filtered by. Each has its index, or is of few rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    ModelChoiceFilter,
    RangeFilter,
)
from taggit.models import Tag
from wagtail.admin.filters import BooleanRadioSelect, NumberRangeWidget

from ..feedback.case_models import OPEN_STATES, Case
from ..feedback.inbox_models import FeedbackTag
from ..feedback.models import FeedbackResponse
from ..feedback.ratings import FACES
from .permissions import form_pages
from .records import ListedFilter, filters_for

GROUPS = [
    ("promoters", _("promoters (9 and 10)")),
    ("passives", _("passives (7 and 8)")),
    ("detractors", _("detractors (0 to 6)")),
]
_SCORES = {"promoters": (9, 10), "passives": (7, 8), "detractors": (0, 6)}


def _in_group(rows: QuerySet, _name: str, group: str) -> QuerySet:
    return rows.filter(score__range=_SCORES[group])


def _pages(request: Any) -> QuerySet:
    pages: Any = FeedbackResponse._meta.get_field("page").related_model
    rows: QuerySet = pages._base_manager.filter(pk__in=form_pages(request.user)).order_by("title")
    return rows


def _used_tags(request: Any) -> QuerySet:
    return Tag.objects.filter(Exists(FeedbackTag.objects.filter(tag=OuterRef("pk")))).order_by(
        "name"
    )


def _tagged(rows: QuerySet, _name: str, tag: Tag | None) -> QuerySet:
    if tag is None:
        return rows
    tagged = FeedbackTag.objects.filter(tag=tag)
    return rows.filter(pk__in=tagged.order_by().values("content_object"))


def _from_source(rows: QuerySet, _name: str, source: str) -> QuerySet:
    # Stored in lower case.
    return rows.filter(source=source.strip().casefold()[:60])


def _with_words(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    return rows.exclude(words="") if wanted else rows.filter(words="")


def _with_open_case(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    still_open = Case.objects.filter(state__in=OPEN_STATES).exclude(response=None)
    if wanted:
        return rows.filter(pk__in=still_open.order_by().values("response"))
    return rows.exclude(Exists(still_open.filter(response=OuterRef("pk"))))


FeedbackFilters = filters_for(
    FeedbackResponse,
    "submit_time",
    ["program", "state"],
    group=ChoiceFilter(
        label=_("Group"),
        choices=GROUPS,
        method=_in_group,
        empty_label=_("All"),
        widget=forms.RadioSelect,
    ),
    csat=ChoiceFilter(label=_("Smiley"), choices=list(enumerate(FACES, start=1))),
    score=RangeFilter(label=_("Score"), widget=NumberRangeWidget),
    page=ListedFilter(rows=_pages, label=_("Page")),
    source=CharFilter(label=_("Source"), max_length=60, method=_from_source),
    tag=ModelChoiceFilter(queryset=_used_tags, label=_("Tag"), method=_tagged),
    regular=BooleanFilter(label=_("Regulars"), widget=BooleanRadioSelect),
    has_words=BooleanFilter(label=_("With words"), method=_with_words, widget=BooleanRadioSelect),
    open_case=BooleanFilter(
        label=_("With an open case"), method=_with_open_case, widget=BooleanRadioSelect
    ),
)
