"""Pictures of many pages by one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from wagtail.images import get_image_model


def with_renditions(pages: list[Any], field: str, specs: Sequence[str]) -> list[Any]:
    """The pages, the renditions of their pictures at hand; the pictures are loaded already."""
    load_renditions((getattr(page, field) for page in pages), specs)
    return pages


def load_renditions(images: Iterable[Any], specs: Sequence[str]) -> None:
    """Have the pictures' renditions at hand, as Wagtail's template tags look for them."""
    there = [image for image in images if image]
    renditions = get_image_model().get_rendition_model().objects.filter(filter_spec__in=specs)
    found = Prefetch("renditions", queryset=renditions, to_attr="prefetched_renditions")
    prefetch_related_objects(there, found)
