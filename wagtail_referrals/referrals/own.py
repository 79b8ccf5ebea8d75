"""What advocates change about their own membership: to be named, to leave, to come back."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..exceptions import InvalidInput, ReferralsError
from ..people.consent import new_consent
from ..people.models import Consent
from ..text import clean_line, fold_lookalikes
from ..transactions import retried
from .links import forget_link
from .models import Advocate, AdvocateState, ShownAs

LONGEST_ALIAS = 30
# Five digits are a number to call, not a name.
_NUMBER = re.compile(r"(\d[^\w]*){5}")
_BESIDE_LETTERS = " -'’·"


def leave(advocate: Advocate) -> None:
    """They take part no more: their link is dead and nobody reads their name.

    What they have earned stays theirs. Raises ReferralsError("not_possible") for who is paused,
    or has left.
    """
    _move(advocate, AdvocateState.ACTIVE, AdvocateState.LEFT)


def come_back(advocate: Advocate) -> None:
    """Their link works again. Raises ReferralsError("not_possible") for who had not left."""
    _move(advocate, AdvocateState.LEFT, AdvocateState.ACTIVE)


@retried
def _move(advocate: Advocate, before: AdvocateState, after: AdvocateState) -> None:
    there = Advocate.objects.filter(pk=advocate.pk, state=before)
    if not there.update(state=after):
        raise ReferralsError("not_possible")
    advocate.state = after
    if after == AdvocateState.LEFT:
        hide(advocate)
    transaction.on_commit(lambda: forget_link(advocate), robust=True)


def board_wording(advocate: Advocate) -> str:
    """What somebody agrees to who wants to be named, in the reader's language."""
    words = gettext(
        "You may name me as I choose here, with the number of friends I brought, where "
        "“%(program)s” thanks those who recommend it. I can change my mind at any time."
    )
    return words % {"program": advocate.program.name}


@retried
def show_on_board(
    advocate: Advocate,
    *,
    shown_as: str,
    alias: str = "",
    at: datetime | None = None,
) -> None:
    """They agree to be named, in the words of ``board_wording``; the consent is kept.

    Raises InvalidInput: no_name (there is no first name to show), invalid_alias, not_possible
    for another way to be shown; ReferralsError: alias_taken, or not_possible when they have left.
    """
    alias = clean_alias(alias) if shown_as == ShownAs.ALIAS else ""
    if shown_as not in (ShownAs.FIRST_NAME, ShownAs.ALIAS):
        raise InvalidInput("not_possible")
    if shown_as == ShownAs.FIRST_NAME and not advocate.person.first_name:
        raise InvalidInput("no_name")
    key = alias_key(alias) if alias else None
    if key and _is_taken(advocate, key):
        raise ReferralsError("alias_taken")
    values = {"shown_as": shown_as, "alias": alias, "alias_key": key}
    # Two that choose one alias at once are settled by the unique key: see ``retried``.
    there = Advocate.objects.filter(pk=advocate.pk, state=AdvocateState.ACTIVE)
    if not there.update(**values):
        raise ReferralsError("not_possible")
    _note(advocate, values)
    _withdraw(advocate, at)
    wording = board_wording(advocate)
    place = _place(advocate)
    new_consent(advocate.person, Consent.Kind.LISTED, wording, place=place, at=at).save()


def _is_taken(advocate: Advocate, key: str) -> bool:
    named_so = Advocate.objects.filter(program=advocate.program_id, alias_key=key)
    return named_so.exclude(pk=advocate.pk).exists()


@retried
def hide(advocate: Advocate, *, at: datetime | None = None) -> bool:
    """Nobody reads their name any more; whether they had been named."""
    values = {"shown_as": ShownAs.NOBODY, "alias": "", "alias_key": None}
    named = Advocate.objects.filter(pk=advocate.pk).exclude(shown_as=ShownAs.NOBODY)
    if not named.update(**values):
        return False
    _note(advocate, values)
    _withdraw(advocate, at)
    return True


def _note(advocate: Advocate, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(advocate, name, value)


def _withdraw(advocate: Advocate, at: datetime | None) -> None:
    given = Consent.objects.filter(person=advocate.person_id, kind=Consent.Kind.LISTED)
    given = given.filter(place=_place(advocate), withdrawn_at=None)
    given.update(withdrawn_at=at or timezone.now())


def _place(advocate: Advocate) -> str:
    """Where they agreed: their own page, whose address is nobody's business."""
    return f"own page: {advocate.program.slug}"


def clean_alias(alias: object) -> str:
    """A name of letters, in one line. Raises InvalidInput("invalid_alias").

    Two letters at least; no address, no link, no number to call, no invisible characters.
    """
    name = clean_line(unicodedata.normalize("NFC", str(alias or "")), 200)
    letters = sum(char.isalpha() for char in name)
    if letters < 2 or len(name) > LONGEST_ALIAS or _NUMBER.search(name):
        raise InvalidInput("invalid_alias")
    if not all(_is_of_a_name(char) for char in name) or _is_a_tower(name):
        raise InvalidInput("invalid_alias")
    return name


def _is_of_a_name(char: str) -> bool:
    return char in _BESIDE_LETTERS or unicodedata.category(char)[0] in "LM" or char.isdecimal()


def _is_a_tower(name: str) -> bool:
    """Whether signs are heaped on a letter, over the lines of others."""
    signs = "".join("M" if unicodedata.category(char) == "Mn" else "." for char in name)
    return "M" * 4 in signs


def alias_key(alias: str) -> str:
    """64 hex digits that are equal for two names that look alike."""
    folded = fold_lookalikes(alias).casefold()
    # A zero is read as an o, a one as an l: "B0b" is Bob.
    letters = "".join(char for char in folded if char.isalnum()).translate(_READ_AS)
    return hashlib.sha256(letters.encode()).hexdigest()


_READ_AS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s"})
