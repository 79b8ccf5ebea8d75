"""Which pages everybody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import PageViewRestriction


def private_paths() -> list[str]:
    """Where in the tree a private section begins."""
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


def is_seen(page: Any, private: Sequence[str]) -> bool:
    """Whether everybody may see the page: it is live, and in no private section."""
    return bool(page.live) and not page.path.startswith(tuple(private))


def outside(private: Sequence[str], pages: QuerySet[Any]) -> QuerySet[Any]:
    """The pages that are in no private section."""
    inside = Q()
    for path in private:
        inside |= Q(path__startswith=path)
    return pages.exclude(inside) if inside else pages
