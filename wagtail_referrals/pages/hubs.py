"""Where a program's partners are shown: its hub, and the page of each."""

from __future__ import annotations

from typing import Any

from wagtail.models import Locale, get_page_models

from ..partners.models import Partner
from ..programs.models import Program
from .hub import AbstractPartnerHubPage
from .partner import AbstractPartnerPage


def hub_of(program: Program) -> Any:
    """The program's first live hub, in the reader's language if there is one; None without any."""
    found = find_pages(AbstractPartnerHubPage, program=program, live=True)
    return _nearest(found)


def page_of(partner: Partner) -> Any:
    """The partner's page, a draft too, in the reader's language if there is one; None without."""
    found = find_pages(AbstractPartnerPage, partner=partner)
    return _nearest(found)


def find_pages(kind: type, **filters: Any) -> list[Any]:
    """The pages of all the types that are of this kind, live ones first."""
    models = [model for model in get_page_models() if issubclass(model, kind)]
    return [
        page
        for model in models
        for page in model._default_manager.filter(**filters)
        .select_related("locale")
        .order_by("-live", "pk")
    ]


def _nearest(pages: list[Any]) -> Any:
    locale = Locale.get_active().pk
    return next((page for page in pages if page.locale_id == locale), next(iter(pages), None))
