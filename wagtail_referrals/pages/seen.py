"""Which pages everybody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Q, Value
from wagtail.models import Page, PageViewRestriction


def private_paths() -> list[str]:
    """Where in the tree private sections begin."""
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


def around(page: Page) -> tuple[list[Page], list[str]]:
    """The live pages from the root to this one, and where private sections begin.

    By one statement: a page that lists others needs both.
    """
    is_private = BooleanField()
    above = page.get_ancestors(inclusive=True).live().order_by()
    private = Page.objects.filter(pk__in=PageViewRestriction.objects.values("page")).order_by()
    found = list(
        above.annotate(is_private=Value(False, is_private)).union(
            private.annotate(is_private=Value(True, is_private)), all=True
        )
    )
    ancestors = sorted((one for one in found if not one.is_private), key=lambda one: one.depth)
    return ancestors, [one.path for one in found if one.is_private]


def seen(pages: Any, private: Sequence[str]) -> Any:
    """The pages that are live and in none of those private sections.

    Their paths are written out: to find them in the same statement would compare every page with
    every other one.
    """
    inside = Q()
    for path in private:
        inside |= Q(path__startswith=path)
    live = pages.filter(live=True)
    return live.exclude(inside) if inside else live
