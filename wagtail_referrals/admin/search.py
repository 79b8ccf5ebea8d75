"""Finding records by what is indexed: the beginning of an address, a name, a code or an id."""

from __future__ import annotations

from django.db.models import Q

from ..coupons.codes import ALPHABET, COUPON_LENGTH, LINK_LENGTH, code_key
from ..exceptions import InvalidInput
from ..people.identity import email_key
from ..people.models import Person

SHORTEST_CODE = 4


def person_q(term: str) -> Q:
    """People whose address or name begins with the term, or whose mailbox it is."""
    found = Q()
    for spelling in {term, term.lower(), term[:1].upper() + term[1:]}:
        found |= Q(email__startswith=spelling) | Q(name__startswith=spelling)
    try:
        return found | Q(email_key=email_key(term))
    except InvalidInput:
        return found


def of_person(field: str, term: str) -> Q:
    """Records whose ``field`` is a person the term finds."""
    return Q(**{f"{field}__in": Person.objects.filter(person_q(term)).order_by().values("pk")})


def code_q(field: str, term: str, length: int = COUPON_LENGTH) -> Q:
    """Records whose code is the term, however it was typed, or begins with it."""
    key = code_key(term, length)
    found = Q(**{field: key}) if key else Q()
    typed = "".join(term.upper().replace("-", " ").split())
    if SHORTEST_CODE <= len(typed) <= length and set(typed) <= set(ALPHABET):
        found |= Q(**{f"{field}__startswith": typed})
    return found


def advocate_code_q(field: str, term: str) -> Q:
    """The same for an advocate's code."""
    return code_q(field, term, LINK_LENGTH)
