"""Finding records by what is indexed: the beginning of an address, a name, a code or an id."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model, Q

from ..coupons.codes import ALPHABET, COUPON_LENGTH, LINK_LENGTH, LONGEST_KEY, code_key, plain_text
from ..exceptions import InvalidInput
from ..feedback.inbox_models import FeedbackWord
from ..feedback.words_index import MOST_SEARCHED, fold
from ..people.identity import email_key
from ..people.models import Person

SHORTEST_CODE = 4
# Whoever has more hits than this has to type more, anyway.
MOST_FOUND = 500


def begins_with(field: str, text: str) -> Q:
    """Rows whose text begins so, by the field's index on every database.

    PostgreSQL has an index for LIKE beside the one for order; the others can use theirs for a
    range only.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{field}__startswith": text})
    return Q(**{f"{field}__range": (text, text + "\U0010ffff")})


def first_found(model: type[Model], condition: Q, name: str) -> list[Any]:
    """The first values of a column that a condition finds: few, and found before all else.

    A list of them lets the database use the key of the table that is listed; a query within the
    query, or the sparse columns themselves, would have it read every row.
    """
    rows = model._default_manager.filter(condition).order_by()
    return list(rows.values_list(name, flat=True)[:MOST_FOUND])


def mailbox_q(term: str) -> Q:
    """People whose address begins with the term, or whose mailbox it is."""
    found = Q()
    for spelling in {term, term.lower()}:
        found |= begins_with("email", spelling)
    try:
        return found | Q(email_key=email_key(term))
    except InvalidInput:
        return found


def person_q(term: str) -> Q:
    """People whose address or name begins with the term, or whose mailbox it is."""
    found = Q()
    for spelling in {term, term.lower(), term[:1].upper() + term[1:]}:
        found |= begins_with("email", spelling) | begins_with("name", spelling)
    try:
        return found | Q(email_key=email_key(term))
    except InvalidInput:
        return found


def of_person(field: str, term: str) -> Q:
    """Records whose ``field`` is a person the term finds."""
    return Q(**{f"{field}__in": Person.objects.filter(person_q(term)).order_by().values("pk")})


def words_q(term: str) -> Q:
    """Feedback in which every word of the term occurs, or begins a word."""
    found = Q()
    for word in fold(term)[:MOST_SEARCHED]:
        rows = FeedbackWord.objects.filter(begins_with("word", word))
        found &= Q(pk__in=rows.order_by().values("response"))
    return found or Q(pk__in=[])


def coupon_code_q(field: str, term: str) -> Q:
    """Coupons whose code is the term, however it was typed, or begins with it."""
    key = code_key(term)
    found = Q(**{field: key}) if key else Q()
    plain = plain_text(term)
    if SHORTEST_CODE <= len(plain) < LONGEST_KEY and set(plain) <= set(ALPHABET):
        # Keys are of these characters, the last of which is a Z.
        found |= Q(**{f"{field}__range": (plain, plain.ljust(LONGEST_KEY, ALPHABET[-1]))})
    return found


def code_q(field: str, term: str, length: int = COUPON_LENGTH) -> Q:
    """Records whose code is the term, however it was typed, or begins with it."""
    if length == COUPON_LENGTH:
        return coupon_code_q(field, term)
    key = code_key(term, length)
    found = Q(**{field: key}) if key else Q()
    typed = "".join(term.upper().replace("-", " ").split())
    if SHORTEST_CODE <= len(typed) <= length and set(typed) <= set(ALPHABET):
        found |= begins_with(field, typed)
    return found


def advocate_code_q(field: str, term: str) -> Q:
    """The same for an advocate's code."""
    return code_q(field, term, LINK_LENGTH)
