"""The directory of a hub: which partners fit, a page of them, and what to filter by next."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    Exists,
    OuterRef,
    Value,
)
from django.db.models.functions import Substr, Upper
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from ..partners.models import PartnerState, PartnerTopic, TopicGroup, partner_kinds
from .directory_search import search
from .directory_wish import Wish
from .pictures import with_renditions
from .seen import seen

PAGE_SIZE = 24
# Written for what begins with no letter.
OTHER = "#"
# What no card shows: long, and read for every one.
UNSHOWN = ("serves", "spot", "phrases", "works", "different", "partner__notes")
LOGO = ("max-160x80", "max-320x160")


@dataclass(frozen=True)
class Choice:
    """A link that narrows the list, or takes a filter away again when ``is_chosen``."""

    label: str | Promise
    address: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True)
class Chosen:
    """A filter that is on; ``address`` is the list ``without`` it."""

    label: str | Promise
    without: str
    address: str


@dataclass(frozen=True)
class ChoiceGroup:
    label: str | Promise
    choices: list[Choice]

    @property
    def has_chosen(self) -> bool:
        return any(choice.is_chosen for choice in self.choices)


class Directory:
    """What a visitor sees of a hub's partners. ``base`` is the address of the list.

    Partners are there when they are active, in the hub's program and on one of its topics, and
    their page is live, public and in the hub's language.
    """

    def __init__(self, hub: Any, wish: Wish, base: str) -> None:
        self.hub = hub
        self.base = base
        self.model: Any = apps.get_model(hub.partner_pages)
        self._asked = wish

    @cached_property
    def wish(self) -> Wish:
        """What is wanted, without what there is not."""
        kinds = dict(partner_kinds())
        return self._asked.known(kinds=kinds, topics={topic.slug for topic in self.chosen_topics})

    @cached_property
    def chosen_topics(self) -> list[PartnerTopic]:
        """The topics that are filtered by."""
        slugs = self._asked.topics
        return list(PartnerTopic.objects.filter(slug__in=slugs)) if slugs else []

    @cached_property
    def everybody(self) -> Any:
        """All partners of this hub."""
        pages = seen(self.model.objects.all(), self.hub.private_paths).filter(
            locale=self.hub.locale_id,
            partner__program=self.hub.program_id,
            partner__state=PartnerState.ACTIVE,
        )
        about = [topic.pk for topic in self.hub.topics.all()]
        if about:
            pages = pages.filter(self._on_any(about))
        return pages

    @cached_property
    def found(self) -> Any:
        """Those that fit, in no order; the letter is left aside."""
        pages = self.filtered
        return pages.filter(pk__in=self.hits.keys) if self.wish.words else pages

    @cached_property
    def filtered(self) -> Any:
        pages = self.everybody
        if self.wish.kind:
            pages = pages.filter(partner__kind=self.wish.kind)
        if self.wish.takes_new:
            pages = pages.filter(takes_new_clients=True)
        for topic in self.chosen_topics:
            pages = pages.filter(self._on_any([topic.pk]))
        return pages

    @cached_property
    def hits(self) -> Any:
        """What Wagtail's search says to the words."""
        return search(self.model, self.filtered, self.wish.words)

    @cached_property
    def _counted(self) -> tuple[list[Any], list[Any]]:
        """How many partners there are of each kind, openness and first letter; of each topic.

        Both by one statement.
        """
        first, nothing = Upper(Substr("title", 1, 1)), Value("", output_field=CharField())
        pages = self.found.order_by().annotate(first=first, none=nothing)
        by_kind = pages.values_list("partner__kind", "takes_new_clients", "first", "none")
        own = self.model._meta.get_field("topics")
        topic = own.m2m_reverse_field_name()
        on_them = self.model.topics.through.objects.filter(
            **{f"{own.m2m_field_name()}__in": self.found.values("pk")}
        ).annotate(is_topic=Value(None, output_field=BooleanField()))
        fields = [f"{topic}__group", "is_topic", f"{topic}__name", f"{topic}__slug"]
        by_topic = on_them.order_by().values_list(*fields).annotate(Count("pk"))
        rows = list(by_kind.annotate(Count("pk")).union(by_topic, all=True))
        return [row for row in rows if row[1] is not None], [row for row in rows if row[1] is None]

    @cached_property
    def _tally(self) -> Counter[tuple[str, bool, str]]:
        """How many there are of each kind, openness and first letter."""
        return Counter({row[:3]: row[4] for row in self._counted[0]})

    @cached_property
    def total(self) -> int:
        """How many fit, of any letter."""
        return sum(self._tally.values())

    @cached_property
    def total_shown(self) -> int:
        """How many fit, of the chosen letter."""
        letters = self._firsts.get(self.wish.letter, ()) if self.wish.letter else None
        counts = ((first, number) for (_kind, _open, first), number in self._tally.items())
        return sum(number for first, number in counts if letters is None or first in letters)

    @cached_property
    def page_count(self) -> int:
        return max(-(-self.total_shown // PAGE_SIZE), 1)

    @cached_property
    def page_number(self) -> int:
        """The page that is shown: the last one, where there are not so many."""
        return min(self.wish.page, self.page_count)

    @property
    def first_place(self) -> int:
        """Which one of the list the first that is shown is, from 1 on."""
        return PAGE_SIZE * (self.page_number - 1) + 1

    @cached_property
    def partners(self) -> list[Any]:
        """The pages to be shown, with their partner and their logo."""
        shown = slice(PAGE_SIZE * (self.page_number - 1), PAGE_SIZE * self.page_number)
        pages = self.found.select_related("partner", "logo").defer_streamfields().defer(*UNSHOWN)
        if self.wish.letter:
            firsts = self._firsts.get(self.wish.letter, ())
            pages = pages.annotate(first=Upper(Substr("title", 1, 1))).filter(first__in=firsts)
        if self.wish.words and not self.wish.letter:
            keys = self._best[shown]
            place = {pk: number for number, pk in enumerate(keys)}
            chosen = sorted(pages.filter(pk__in=keys), key=lambda page: place[page.pk])
        else:
            chosen = list(pages.order_by("title", "pk")[shown])
        return with_renditions(chosen, "logo", LOGO)

    @cached_property
    def _best(self) -> list[int]:
        """The keys of those found, the best first."""
        keys = self.hits.keys
        if len(keys) == self.total:
            return keys
        # A search engine outside of the database found some that do not fit.
        fitting = set(self.found.values_list("pk", flat=True))
        return [pk for pk in keys if pk in fitting]

    @cached_property
    def groups(self) -> list[ChoiceGroup]:
        """What to filter by, and how many there are then."""
        kinds: Counter[str] = Counter()
        takes_new = 0
        for (kind, is_open, _first), number in self._tally.items():
            kinds[kind] += number
            takes_new += number if is_open else 0
        groups = [
            *(ChoiceGroup(TopicGroup(key).label, found) for key, found in self._topics().items()),
            ChoiceGroup(gettext_lazy("Kind"), self._kinds(kinds)),
            ChoiceGroup(gettext_lazy("New clients"), self._takes_new(takes_new)),
        ]
        return [group for group in groups if group.choices]

    def _kinds(self, counts: Counter[str]) -> list[Choice]:
        chosen = self.wish.kind
        return [
            Choice(
                label,
                self.address(kind="" if key == chosen else key),
                counts[key],
                is_chosen=key == chosen,
            )
            for key, label in partner_kinds()
            if counts[key]
        ]

    def _topics(self) -> dict[str, list[Choice]]:
        choices: dict[str, list[Choice]] = {key: [] for key in TopicGroup.values}
        in_order = sorted(self._counted[1], key=lambda row: row[2].casefold())
        for group, _none, name, slug, number in in_order:
            chosen = slug in self.wish.topics
            choices.setdefault(group, []).append(
                Choice(name, self.address(topics=self.wish.toggled(slug)), number, chosen)
            )
        return choices

    def _takes_new(self, count: int) -> list[Choice]:
        chosen = self.wish.takes_new
        address = self.address(takes_new=not chosen)
        label = gettext("takes new clients")
        return [Choice(label, address, count, chosen)] if count else []

    @cached_property
    def _firsts(self) -> dict[str, list[str]]:
        """Each letter of the alphabet, and what titles begin with it as the database says it."""
        firsts: dict[str, list[str]] = {}
        for _kind, _open, first in self._tally:
            known = firsts.setdefault(letter_of(first), [])
            if first not in known:
                known.append(first)
        return firsts

    @cached_property
    def letters(self) -> list[Choice]:
        """A to Z, as far as there is somebody."""
        counts: Counter[str] = Counter()
        for (_kind, _open, first), number in self._tally.items():
            counts[letter_of(first)] += number
        chosen = self.wish.letter
        return [
            Choice(
                letter,
                self.wish.but(letter="" if letter == chosen else letter).after(self.base),
                counts[letter],
                is_chosen=letter == chosen,
            )
            for letter in sorted(counts)
        ]

    @cached_property
    def dropped(self) -> list[Chosen]:
        """What is wanted, each with the way to do without."""
        wish = self.wish
        chosen = []
        if wish.words:
            words = f"“{wish.words}”"
            without = gettext("without the words %(words)s") % {"words": words}
            chosen.append(Chosen(words, without, self.address(words="")))
        if wish.kind:
            label = dict(partner_kinds())[wish.kind]
            chosen.append(Chosen(label, gettext("of any kind"), self.address(kind="")))
        for topic in self.chosen_topics:
            without = gettext("without “%(topic)s”") % {"topic": topic.name}
            address = self.address(topics=wish.toggled(topic.slug))
            chosen.append(Chosen(topic.name, without, address))
        if wish.takes_new:
            without = gettext("whether they take new clients or not")
            address = self.address(takes_new=False)
            chosen.append(Chosen(gettext("takes new clients"), without, address))
        return chosen

    @cached_property
    def like(self) -> list[Choice]:
        """Where nobody fits the words: topics that are called like them."""
        words = self.wish.words.lower()
        if not words:
            return []
        topics = {
            topic.name.lower(): topic for topic in PartnerTopic.objects.order_by("name")[:500]
        }
        names = get_close_matches(words, topics, n=5, cutoff=0.5)
        return [
            Choice(topics[name].name, Wish(topics=(topics[name].slug,)).after(self.base), 0)
            for name in names
        ]

    @property
    def hits_are_near(self) -> bool:
        """Whether nobody has the words, and these have some like them."""
        return bool(self.wish.words) and self.hits.are_near

    def address(self, **changes: Any) -> str:
        """The list with other wishes; from its first page and of every letter."""
        return self.wish.but(letter="", **changes).after(self.base)

    @property
    def canonical(self) -> str:
        """The one address of what is shown."""
        return self.wish.but(page=self.page_number).after(self.base)

    @property
    def is_indexed(self) -> bool:
        """Whether search engines may list this address: all of them, or one filter, any page."""
        return self.wish.is_simple and bool(self.total)

    @property
    def previous(self) -> str:
        """The address of the page before; "" on the first."""
        return self._page(self.page_number - 1) if self.page_number > 1 else ""

    @property
    def next(self) -> str:
        """The address of the page after; "" on the last."""
        return self._page(self.page_number + 1) if self.page_number < self.page_count else ""

    def _page(self, number: int) -> str:
        return self.wish.but(page=number).after(self.base)

    def _on_any(self, topics: list[int]) -> Exists:
        own = self.model._meta.get_field("topics")
        on_page = {own.m2m_field_name(): OuterRef("pk")}
        any_of = {f"{own.m2m_reverse_field_name()}__in": topics}
        return Exists(self.model.topics.through.objects.filter(**on_page, **any_of))


def letter_of(first: str) -> str:
    """The letter of the alphabet that a title's first one belongs to: Ä to A, 1 to #."""
    plain = unicodedata.normalize("NFKD", first)[:1].upper()
    return plain if plain.isalpha() else OTHER
