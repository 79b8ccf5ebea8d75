"""Finding or adding a person."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from ..bulk import insert
from ..late import tell_late
from ..lookups import Lookup
from ..text import clean_line
from .identity import clean_email, email_key
from .models import Person

by_email_key = Lookup(lambda: Person.objects.order_by(), "email_key")


def find_person(email: str) -> Person | None:
    """The person with this address, however it is written. Raises InvalidInput."""
    return by_email_key.first(email_key(email))


def add_person(
    email: str, *, name: str = "", locale: str = "", at: datetime | None = None
) -> Person:
    """A new person. Raises InvalidInput, or IntegrityError when the address is known."""
    person = Person(
        email=clean_email(email),
        email_key=email_key(email),
        name=clean_line(name, 120),
        locale=locale[:20],
        created_at=at or timezone.now(),
    )
    insert([person])
    return person


def find_or_add_person(
    email: str, *, name: str = "", locale: str = "", at: datetime | None = None
) -> Person:
    """The person with this address, added when new; a name fills an empty one only.

    Call it inside ``retried``: two that add one person at once are settled by the unique key.
    Raises InvalidInput("invalid_email").
    """
    person = find_person(email)
    if person is None:
        return add_person(email, name=name, locale=locale, at=at)
    fill_name(person, name)
    return person


def fill_name(person: Person, name: str) -> None:
    """Note the name of somebody who had none."""
    name = clean_line(name, 120)
    if name and not person.name:
        person.name = name
        Person.objects.filter(pk=person.pk, name="").update(name=name)


def no_customer_any_more(person: Person) -> None:
    """Everything they bought was sent back."""
    tell_late(lock_customers([person.pk]).values())
    Person.objects.filter(pk=person.pk).update(customer_since=None)
    person.customer_since = None


def became_customer(person: Person, at: datetime) -> None:
    """Note the first purchase; a later one changes nothing."""
    if person.customer_since and person.customer_since <= at:
        return
    row = Person.objects.filter(pk=person.pk)
    if not row.filter(customer_since=None).update(customer_since=at):
        since = lock_customers([person.pk])[person.pk]
        if since and since <= at:
            return
        # What was the first purchase until now is not any more.
        tell_late([since])
        row.update(customer_since=at)
    person.customer_since = at


def lock_customers(keys: Collection[int]) -> dict[int, datetime | None]:
    """Make whoever else notes their first purchase wait; since when each is a customer."""
    rows = Person.objects.filter(pk__in=sorted(keys)).order_by()
    rows.update(customer_since=F("customer_since"))
    return dict(rows.values_list("pk", "customer_since"))
