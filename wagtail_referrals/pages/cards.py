"""Cards: pages of any type, as they are shown on a hub."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey
from wagtail.images import get_image_model
from wagtail.models import Page

from .pictures import load_renditions
from .seen import seen

# Where a page says what stands on its card: the first that there is and is filled in.
TEXTS = ("card_text", "summary", "search_description", "introduction", "intro")
IMAGES = ("card_image", "picture", "image", "hero_image", "main_image", "feed_image", "logo")
RENDITIONS = ("fill-400x225", "fill-800x450")


@dataclass(frozen=True)
class Card:
    """``page`` is of its own type; ``image`` may be None, ``text`` is plain."""

    page: Any
    title: str
    text: str
    image: Any


def cards_of(pages: Sequence[Page], private: Sequence[str]) -> list[Card]:
    """The cards of pages in that order; what is a draft or private is left out.

    One query for each type of them, one for the pictures.
    """
    return _cards(_specific(pages, private))


def newest_in(section: Page, count: int, private: Sequence[str]) -> list[Card]:
    """The cards of the pages below a section that went live last."""
    return _newest(section.get_children(), count, private)


def newest_on(tag: str, count: int, private: Sequence[str], locale_id: int) -> list[Card]:
    """The cards of the pages with a tag that went live last, in one language."""
    tagged = Page.objects.filter(pk__in=_tagged(tag), locale=locale_id)
    return _newest(tagged, count, private)


def _newest(pages: Any, count: int, private: Sequence[str]) -> list[Card]:
    newest = seen(pages, private).order_by("-first_published_at", "-pk")[:count]
    return _cards(_specific(list(newest), private))


def _tagged(tag: str) -> list[int]:
    """The keys of pages with a tag, by whatever model the site tags its pages with."""
    keys: list[int] = []
    for through in _tag_models():
        items = through.objects.filter(tag__name__iexact=tag)
        keys += items.values_list("content_object", flat=True)[:1000]
    return keys


def _tag_models() -> list[Any]:
    from taggit.models import ItemBase
    from wagtail.models import get_page_models

    fields = (field for model in get_page_models() for field in model._meta.get_fields())
    relations = {getattr(field, "through", None) for field in fields}
    return [one for one in relations if isinstance(one, type) and issubclass(one, ItemBase)]


def _specific(pages: Sequence[Page], private: Sequence[str]) -> list[Any]:
    """Those of the pages that are seen, of their own types and with their pictures."""
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for page in pages:
        keys[page.content_type_id].append(page.pk)
    found: dict[int, Any] = {}
    for content_type_id, of_type in keys.items():
        model: Any = ContentType.objects.get_for_id(content_type_id).model_class()
        if model is None:
            continue
        images = [name for name in IMAGES if _is_image(model, name)]
        # What a card shows is in no StreamField, and those are long.
        of_model = seen(model.objects.filter(pk__in=of_type), private).defer_streamfields()
        found |= {page.pk: page for page in of_model.select_related(*images)}
    return [found[page.pk] for page in pages if page.pk in found]


def _is_image(model: Any, name: str) -> bool:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, ForeignKey) and issubclass(field.related_model, get_image_model())


def _cards(pages: Any) -> list[Card]:
    cards = [_card(page) for page in pages]
    load_renditions((card.image for card in cards), RENDITIONS)
    return cards


def _card(page: Any) -> Card:
    texts = (getattr(page, name, "") for name in TEXTS)
    text = next((one for one in texts if isinstance(one, str) and one), "")
    images = (getattr(page, name) for name in IMAGES if _is_image(type(page), name))
    return Card(page, page.title, text, next(filter(None, images), None))
