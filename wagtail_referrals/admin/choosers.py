"""Choosing a partner or a piece of collateral, of those the user sees, in pages and forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import (
    ChooseResultsView,
    ChooseView,
    ChosenMultipleView,
    ChosenView,
)
from wagtail.admin.viewsets.chooser import ChooserViewSet

from ..partners.collateral_models import Collateral
from ..partners.models import Partner
from ..text import clean_line
from .permissions import can_look, policy_for, visible

MOST_KEYS = 100


def key_of(text: Any) -> int:
    """A key from an address; 0, which nothing has, for what is none."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


class NamesForm(BaseFilterForm):
    """What somebody looks for in a chooser."""

    field = "name"
    q = forms.CharField(
        label=_("Search term"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Search")}),
    )

    def filter(self, objects: QuerySet) -> QuerySet:
        # Partners and collateral come by the hundred: any part of a name is found.
        self.search_query = clean_line(self.cleaned_data["q"], 120)
        self.is_searching = bool(self.search_query)
        if not self.is_searching:
            return objects
        return objects.filter(**{f"{self.field}__icontains": self.search_query})


class TitlesForm(NamesForm):
    field = "title"


class VisibleMixin:
    """Who sees partners chooses among them: those of the programs they see."""

    model: type[Model]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.permission_policy = policy_for(self.model)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_look(request.user, self.model):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_object_list(self: Any) -> QuerySet:
        rows = self.model._default_manager.select_related("program")
        return visible(self.request.user, rows)

    def get_object(self: Any, pk: str) -> Model:
        found: Model = get_object_or_404(self.get_object_list(), pk=key_of(pk))
        return found

    def get_objects(self: Any, pks: list[str]) -> QuerySet:
        return self.get_object_list().filter(pk__in=[key_of(pk) for pk in pks[:MOST_KEYS]])


class ChoosePartner(VisibleMixin, ChooseView):
    filter_form_class = NamesForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, *PARTNER_COLUMNS]


class ChoosePartnerResults(VisibleMixin, ChooseResultsView):
    filter_form_class = NamesForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, *PARTNER_COLUMNS]


class ChooseCollateral(VisibleMixin, ChooseView):
    filter_form_class = TitlesForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, *COLLATERAL_COLUMNS]


class ChooseCollateralResults(VisibleMixin, ChooseResultsView):
    filter_form_class = TitlesForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, *COLLATERAL_COLUMNS]


class ChosenVisible(VisibleMixin, ChosenView):
    pass


class ChosenVisibleMultiple(VisibleMixin, ChosenMultipleView):
    pass


PARTNER_COLUMNS = [
    Column("get_kind_display", label=_("Kind")),
    Column("get_state_display", label=_("State")),
    Column("program", label=_("Program")),
]
COLLATERAL_COLUMNS = [
    Column("get_kind_display", label=_("Kind")),
    Column("get_audience_display", label=_("For whom")),
    Column("language", label=_("Language")),
    Column("program", label=_("Program")),
]


class VisibleChooserViewSet(ChooserViewSet):
    """Nothing is made in passing: it takes a form of its own."""

    chosen_view_class = ChosenVisible
    chosen_multiple_view_class = ChosenVisibleMultiple
    per_page = 20

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class PartnerChooserViewSet(VisibleChooserViewSet):
    model = Partner
    name = "referrals_partner_chooser"
    url_prefix = "referrals/partners/choose"
    icon = "link"
    choose_one_text = _("Choose a partner")
    choose_another_text = _("Choose another partner")
    edit_item_text = _("Look at this partner")
    choose_view_class = ChoosePartner
    choose_results_view_class = ChoosePartnerResults


class CollateralChooserViewSet(VisibleChooserViewSet):
    model = Collateral
    name = "referrals_collateral_chooser"
    url_prefix = "referrals/collateral/choose"
    icon = "folder-open-inverse"
    choose_one_text = _("Choose collateral")
    choose_another_text = _("Choose other collateral")
    edit_item_text = _("Look at this collateral")
    choose_view_class = ChooseCollateral
    choose_results_view_class = ChooseCollateralResults


PARTNER_CHOOSER = PartnerChooserViewSet()
COLLATERAL_CHOOSER = CollateralChooserViewSet()
