"""Records of fact: lists to search, filter and export, and a screen that tells each story.

Nothing can be added, edited or deleted: there are no such addresses, for superusers neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, DateFromToRangeFilter, MultipleChoiceFilter
from django_filters.fields import DateRangeField
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, Table, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import registry as log_registry

from ..programs.access import visible_programs
from ..programs.models import Program
from .days import FIRST, LAST
from .exports import SafeExportMixin
from .links import RECORDS, list_url, url_for
from .permissions import LOOK, can_look, can_set_up, policy_for, visible
from .words import user_name

Text = str | Promise


def filters_for(
    model: type[Model], date: str, fields: Sequence[str] = (), **others: Any
) -> type[WagtailFilterSet]:
    """A filter by each field's value and by a range of days; ``others`` are filters by name."""
    label = model._meta.get_field(date).verbose_name  # type: ignore[union-attr]
    if "program" in fields:
        others = {"program": _program_filter(), **others}
    attributes = {
        "Meta": type("Meta", (), {"model": model, "fields": list(fields)}),
        **others,
        date: days_filter(label),
    }
    return type(f"{model.__name__}Filters", (WagtailFilterSet,), attributes)


class _Listed:
    """By some of ``rows(request)``, which are read once: not again for what is chosen."""

    parent: Any
    extra: dict[str, Any]

    def __init__(self, *args: Any, rows: Callable[[Any], QuerySet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows

    @property
    def field(self) -> Any:
        if "choices" not in self.extra:
            self.extra["choices"] = [(row.pk, str(row)) for row in self.rows(self.parent.request)]
        return super().field  # type: ignore[misc]


class ListedFilter(_Listed, ChoiceFilter):
    """By one of them."""


class ListedManyFilter(_Listed, MultipleChoiceFilter):
    """By any of them."""

    def filter(self, rows: QuerySet, value: list[str]) -> QuerySet:
        return rows.filter(**{f"{self.field_name}__in": value}) if value else rows


class _DaysField(DateRangeField):
    """Days are those of the site's clock, as in all numbers, whatever the reader's.

    The ends of time are drawn near to where each day has a midnight.
    """

    def compress(self, data_list: Sequence[date | None]) -> Any:
        with timezone.override(timezone.get_default_timezone()):
            return super().compress([day and min(max(day, FIRST), LAST) for day in data_list])


class DaysFilter(DateFromToRangeFilter):
    field_class = _DaysField


def days_filter(label: Text, **others: Any) -> DateFromToRangeFilter:
    """By a range of days of another time than the list's own."""
    return DaysFilter(label=label, widget=DateRangePickerWidget, **others)


def _program_filter() -> ListedManyFilter:
    """By programs, of those the user sees."""

    def offered(request: Any) -> QuerySet:
        return visible_programs(request.user)

    label, widget = _("Program"), CheckboxSelectMultiple
    return ListedManyFilter(rows=offered, label=label, widget=widget)


def moment(at: Any) -> str:
    """A time as staff read it, in their time zone."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""


class MomentColumn(Column):
    """A time, written out: "3 days ago" does not help to find an order."""

    def get_value(self, instance: Any) -> str:
        return moment(super().get_value(instance))


def readable(user: Any, model: type[Model]) -> QuerySet:
    """The records of a model that the user may read."""
    found: QuerySet = policy_for(model).instances_user_has_any_permission_for(user, LOOK)
    return found


class RecordIndexView(SafeExportMixin, generic.IndexView):
    """A list. ``related`` is all its columns need, so that no row costs a query."""

    any_permission_required: tuple[str, ...] = LOOK
    results_template_name = "wagtail_referrals/admin/record_results.html"
    search_backend_name = None
    # Wagtail shows a search box where there are fields; search_with is what searches.
    search_fields = ("pk",)
    # The columns of a spreadsheet: (heading, what it says of a record).
    exports: tuple[tuple[Text, Callable[[Any], Any]], ...] = ()
    related: tuple[str, ...] = ()
    search_hint: Text = ""
    # What to do first, as long as there is nothing to list.
    empty_text: Text = ""

    def get_base_queryset(self) -> QuerySet:
        rows = self.readable(self.request.user)
        return rows.select_related(*self.related) if self.related else rows

    def readable(self, user: Any) -> QuerySet:
        """What is listed. Who may only add some opens the list, and reads nothing in it."""
        return readable(user, self.model)

    def get_search_form(self) -> Any:
        form = super().get_search_form()
        if form and self.search_hint:
            form.fields[self.search_kwarg].widget.attrs["placeholder"] = self.search_hint
        return form

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        term = self.search_query.strip()
        return queryset.filter(self.search_with(term)) if term else queryset

    def search_with(self, term: str) -> Q:
        """What the term finds. Only by indexed columns."""
        raise NotImplementedError

    def order_queryset(self, queryset: QuerySet) -> QuerySet:
        """With the key as the last word, so that no row is on two pages."""
        queryset = super().order_queryset(queryset)
        if not self.ordering:
            return queryset
        return queryset.order_by(self.ordering, "-pk" if self.ordering[0] == "-" else "pk")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """An export is streamed: the page around a list would read all of it."""
        if self.is_export:
            return self.as_spreadsheet(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    @cached_property
    def list_export(self) -> list[str]:
        return [str(heading) for heading, _accessor in self.exports]

    def get_heading(self, queryset: Any, field: str) -> str:
        return field

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {str(heading): accessor(item) for heading, accessor in self.exports}

    @property
    def first_step(self) -> tuple[str, Text] | None:
        """Where somebody starts who has no program yet."""
        if not can_set_up(self.request.user, Program) or Program.objects.exists():
            return None
        return list_url(Program), _("Set up a program first")


@dataclass(frozen=True)
class Fact:
    """One line of a record's summary."""

    label: Text
    value: Any
    url: str = ""
    status: str = ""


@dataclass(frozen=True)
class Section:
    """A table under a record's summary; ``text`` stands for an empty one."""

    name: str
    heading: Text
    table: Table | None = None
    text: Text = ""
    more_url: str = ""


class RecordInspectView(generic.InspectView):
    """What is known of one record."""

    any_permission_required: tuple[str, ...] = LOOK
    template_name = "wagtail_referrals/admin/record.html"
    related: tuple[str, ...] = ()
    longest_section = 20

    def get_object(self, queryset: Any = None) -> Model:
        user, policy = self.request.user, policy_for(self.model)
        # The base looks for the object before it asks who wants to see it.
        if not policy.user_has_any_permission(user, self.any_permission_required):
            raise PermissionDenied
        rows = self.readable(user)
        rows = rows.select_related(*self.related) if self.related else rows
        found: Model = get_object_or_404(rows, pk=self.pk)
        return found

    def readable(self, user: Any) -> QuerySet:
        return readable(user, self.model)

    def get_fields(self) -> list[str]:
        return []

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def facts(self) -> Iterable[Fact]:
        """The summary."""
        return []

    def sections(self) -> Iterable[Section]:
        """What belongs to it."""
        return []

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        """Address, label and class of each button; asked only for those who may change it."""
        return []

    def looks(self) -> Iterable[tuple[str, Text]]:
        """Address and label of other ways to look at it, for all who may see it."""
        return []

    @property
    def may_change(self) -> bool:
        return bool(
            policy_for(self.model).user_has_permission_for_instance(
                self.request.user, "change", self.object
            )
        )

    def link(self, label: Text, target: Model | None) -> Fact:
        """A fact that is another record."""
        return Fact(label, target if target else "–", url_for(self.request.user, target))

    def section(
        self,
        heading: Text,
        rows: QuerySet | Sequence[Any],
        columns: Sequence[tuple[Text, Callable[[Any], Any]]],
        *,
        name: str,
        empty: Text = "",
        target: Callable[[Any], Model | None] = lambda row: row,
        whole: bool = False,
    ) -> Iterable[Section]:
        """A table of other records, the latest of them; nothing for who may not see them."""
        found = list(rows if whole else rows[: self.longest_section])
        if not found:
            if empty:
                yield Section(name, heading, text=empty)
            return
        user = self.request.user
        (label, accessor), *others = columns
        table_columns: list[Column] = [
            TitleColumn(
                "first",
                label=label,
                accessor=accessor,
                get_url=lambda row: url_for(user, target(row)) or None,
            ),
            *(
                Column(f"column-{number}", label=label, accessor=accessor)
                for number, (label, accessor) in enumerate(others)
            ),
        ]
        yield Section(name, heading, Table(table_columns, found))

    def records_section(
        self, model: type[Model], heading: Text, rows: QuerySet, *args: Any, **kwargs: Any
    ) -> Iterable[Section]:
        """A section of a model's records, for those who may see that model and their programs."""
        user = self.request.user
        if can_look(user, model):
            yield from self.section(heading, visible(user, rows), *args, **kwargs)

    def log_section(self) -> Iterable[Section]:
        """What staff did about it, from Wagtail's log."""
        yield from self.section(
            _("By staff"),
            log_registry.get_logs_for_instance(self.object).select_related("user"),
            [
                (_("What"), lambda row: row.message),
                (_("Reason"), lambda row: row.comment),
                (_("By"), lambda row: user_name(row.user) if row.user else ""),
                (_("Time"), lambda row: moment(row.timestamp)),
            ],
            name="log",
            target=lambda row: None,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context.update(
            facts=list(self.facts()),
            sections=list(self.sections()),
            looks=list(self.looks()),
            actions=list(self.actions()) if self.may_change else [],
        )
        return context


class _RecordURLFinder:
    """Where Wagtail's reports lead to: our screen, for those who may see it."""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, instance: Model) -> str | None:
        return (url_for(self.user, instance) or None) if self.user else None


class RecordViewSet(ModelViewSet):
    """A list and a screen, and the addresses of nothing else."""

    inspect_view_enabled = True
    copy_view_enabled = False
    # Rows that come by the thousand: no index of references is kept for them.
    add_to_reference_index = False
    list_per_page = 50
    url_finder_class = _RecordURLFinder
    # Whether staff can do something about a record (as verbs, never as edits).
    has_actions = False
    # Whether who it is about can be erased, by whoever may delete.
    can_erase = False

    @property
    def name(self) -> str:
        return f"referrals_{RECORDS[self.model]}"

    @property
    def url_prefix(self) -> str:
        return f"referrals/{RECORDS[self.model]}"

    @property
    def export_filename(self) -> str:
        return RECORDS[self.model]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = ("add", "edit", "delete", "copy", "history", "usage", "reorder")
        without = {f"{name}_url_name": None for name in names}
        common: dict[str, Any] = super().get_common_view_kwargs(**{**without, **kwargs})
        return {**common, **without}

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        view_kwargs: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        # How it searches and what it exports is in the view's class.
        for name in ("search_fields", "search_backend_name", "list_export", "export_headings"):
            view_kwargs.pop(name, None)
        return view_kwargs

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("inspect/<int:pk>/", self.inspect_view, name="inspect"),
        ]

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        """Only those that mean something here."""
        meta = self.model._meta
        asked = {"view": True, "change": self.has_actions, "delete": self.can_erase}
        actions = [action for action, means_something in asked.items() if means_something]
        return Permission.objects.filter(
            content_type__app_label=meta.app_label,
            codename__in=[f"{action}_{meta.model_name}" for action in actions],
        )
