"""What a site can add to: rules are put together from parts, forms from types of questions.

Triggers, conditions, formulas and fulfilments are parts: each has a key, a label, and a form for
its own fields. What the form takes is stored as JSON, so that no part makes a migration.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise
from wagtail import hooks

Options = dict[str, Any]


@dataclass(frozen=True)
class Span:
    """What lies from ``low`` to ``high``, both included; None is no end."""

    low: Any = None
    high: Any = None

    def meets(self, other: Span) -> bool:
        """Whether anything lies in both."""
        lows = [low for low in (self.low, other.low) if low is not None]
        highs = [high for high in (self.high, other.high) if high is not None]
        return not lows or not highs or max(lows) <= min(highs)


# What has to be so: a fact's name, and the values at which a part has something to say.
Demands = dict[str, Span | frozenset[Any]]


def disagree(one: Demands, other: Demands) -> bool:
    """Whether two parts can never be met by the same event."""
    return any(not _meet(one[fact], other[fact]) for fact in one.keys() & other.keys())


def _meet(one: Span | frozenset[Any], other: Span | frozenset[Any]) -> bool:
    if isinstance(one, Span) and isinstance(other, Span):
        return one.meets(other)
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return not one.isdisjoint(other)
    return True


class Entry:
    """One entry of a registry: ``key`` is stored, ``label`` is shown."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]


class Part(Entry):
    """One choice in the rule form. ``key`` is stored: at most 50 characters.

    ``options`` are what the part's form took, as JSON. To ``describe`` and ``demands`` they come
    with the program's ``currency``, where the part has no field of that name.
    """

    form_class: ClassVar[type[forms.Form]] = forms.Form

    def clean(self, data: Options) -> Options:
        """The options of ``data`` as JSON values. Raises ValidationError with a dict of fields."""
        form = self.form_class(data)
        if not form.is_valid():
            raise forms.ValidationError(form.errors.as_data())
        return to_json(form.cleaned_data)

    def describe(self, options: Options) -> str:
        """The part in the words of a sentence, with its options in it."""
        return str(self.label)

    def demands(self, options: Options) -> Demands:
        """What has to be so for it to say yes, as far as other parts could contradict it."""
        return {}


def to_json(cleaned: dict[str, Any]) -> Options:
    """A form's cleaned data as what JSON can hold; what was left empty is left out."""
    kept = {name: value for name, value in cleaned.items() if value not in (None, "", [])}
    return dict(json.loads(json.dumps(kept, cls=DjangoJSONEncoder)))


E = TypeVar("E", bound=Entry)


class Registry(Generic[E]):
    """Our entries and those a site registers with the Wagtail hook ``register_referrals_<what>``.

    The hook's function returns one class.
    """

    def __init__(self, what: str) -> None:
        self.hook = f"register_referrals_{what}"
        self._own: dict[str, E] = {}
        self._cached: tuple[list[Any], dict[str, E]] = ([], {})

    def add(self, entry: type[E]) -> type[E]:
        """Use it as a decorator, for our own."""
        self._own[entry.key] = entry()
        return entry

    def all(self) -> dict[str, E]:
        """Every entry by its key, ours first; a site's own may take the place of one of ours."""
        return {**self._own, **self._added()}

    def _added(self) -> dict[str, E]:
        """The site's own; made anew when other functions are registered, as in a test."""
        registered = hooks.get_hooks(self.hook)
        if registered != self._cached[0]:
            entries: list[E] = [register()() for register in registered]
            # In one assignment: other threads see the old or the new.
            self._cached = registered, {entry.key: entry for entry in entries}
        return self._cached[1]

    def get(self, key: str) -> E | None:
        """The entry of that key; None when a site has taken it away again."""
        return self.all().get(key)

    def choices(self) -> list[tuple[str, str | Promise]]:
        """For a form's select."""
        return [(key, entry.label) for key, entry in self.all().items()]
