"""Wagtail's search among the partners of a directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import NotSupportedError, connections, transaction
from django.db.models import QuerySet
from wagtail.search.query import Fuzzy

# Of more hits than these the best are taken: nobody reads on.
MOST_HITS = 240


@dataclass(frozen=True)
class Hits:
    """The pages' keys, the best first; ``are_near`` when the words are only like theirs."""

    keys: list[int] = field(default_factory=list)
    are_near: bool = False


def search(model: Any, among: QuerySet[Any], words: str) -> Hits:
    """The pages with all the words; if there are none, with their beginnings, or like them.

    Like them is found where the search backend can tell: Elasticsearch, and PostgreSQL with
    the extension pg_trgm.
    """
    # A query in the query: search engines outside of the database know few of our fields.
    pages = model.objects.filter(pk__in=among.values("pk")).only("pk")
    ways: list[tuple[Callable[[], Iterable[Any]], bool]] = [
        (lambda: pages.search(words, operator="and"), False),
        (lambda: pages.autocomplete(words, operator="and"), False),
        (lambda: _fuzzy(pages, words), True),
    ]
    for find, is_near in ways:
        keys = _keys(find())
        if keys:
            return Hits(keys, is_near)
    return Hits()


def _keys(results: Any) -> list[int]:
    best = results[:MOST_HITS]
    if hasattr(best, "get_queryset"):
        # The databases' own searches can tell the keys without the pages.
        return list(best.get_queryset().values_list("pk", flat=True))
    return [page.pk for page in best]


def _fuzzy(pages: Any, words: str) -> list[Any]:
    try:
        # A statement that fails must not end the caller's transaction.
        with transaction.atomic(using=connections[pages.db].alias):
            return list(pages.search(Fuzzy(words))[:MOST_HITS])
    except (NotImplementedError, NotSupportedError):
        return []
