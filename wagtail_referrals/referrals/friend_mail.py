"""Mails to friends that the site sends for an advocate: few, named, one for each friend."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from ..conf import setting
from ..exceptions import InvalidInput, ReferralsError
from ..messages.models import MailPreference, Message
from ..messages.preferences import stop_mails
from ..messages.queue import queue_message
from ..messages.quota import take
from ..people.erase import erase_person
from ..people.identity import clean_email, email_key
from ..people.models import Person, Suppression
from ..people.register import add_person, find_person
from ..programs.models import Program
from ..text import clean_line, fold_lookalikes
from ..tokens import make_token, read_token
from ..transactions import retried
from .friend_mail_models import INVITATION, REMINDER, FriendMail
from .links import link_url
from .models import Advocate, AdvocateState, Referral
from .promised import for_friends

TOKEN = "friend"
# As long as the other addresses at the end of a mail.
TOKEN_DAYS = 3650
LONGEST_NOTE = 300
# What is looked at in one run.
MOST_AT_ONCE = 500

# A scheme, www., a mailbox, a domain or numbers of a machine, a tag: what a mailbox makes a link
# of, or tries to. "coffee.Bye" looks like a domain, too: the words of the error say what to do.
_ADDRESS = re.compile(
    r"://|\bwww\b|@|\b(?:hxxps?|https?|mailto|tel):|[^\s.!?)’”]\.[^\W\d_]{2}|\d+(?:\.\d+){3}",
    re.IGNORECASE,
)
_TAG = re.compile(r"<\s*[a-z/!?]|&#?\w+;", re.IGNORECASE)
# Other characters that browsers read as the dot of an address.
_DOTS = str.maketrans({"。": ".", "｡": ".", "．": ".", "․": "."})


def holds_address(text: str) -> bool:
    """Whether a text names a web address or a mailbox, or markup: no place for it in our mails."""
    plain = fold_lookalikes(text.translate(_DOTS)).translate(_DOTS)
    # Signs on letters: in some scripts no word is without, in others they hide one.
    plain = "".join(char for char in plain if unicodedata.category(char)[0] != "M")
    return bool(_ADDRESS.search(plain) or _TAG.search(plain))


def clean_note(note: str) -> str:
    """A friend's few words, one paragraph of plain text. Raises InvalidInput("invalid_note")."""
    clean = clean_line(note, LONGEST_NOTE + 1)
    if len(clean) > LONGEST_NOTE or holds_address(clean):
        raise InvalidInput("invalid_note")
    return clean


def sender_name(person: Person) -> str:
    """What the advocate is called in a mail to a friend; "" for a name that is none."""
    name = person.first_name
    return "" if holds_address(person.name) or len(name) > 40 else name


def name_sender(person: Person, name: str) -> None:
    """They say what they are called; it fills an empty name, or takes the place of an address."""
    name = clean_line(name, 40)
    if name and not sender_name(person):
        Person.objects.filter(pk=person.pk, name=person.name).update(name=name)
        person.name = name


@retried
def write_to_friend(
    advocate: Advocate,
    *,
    email: str,
    name: str = "",
    note: str = "",
    locale: str = "",
    at: datetime | None = None,
) -> FriendMail | None:
    """Send a friend the advocate's link, once in the program, with a few words of theirs.

    None when nothing is sent: to who asked not to be contacted, is known already or was written
    to before. What the advocate is told must not differ, for it would say who is known here.
    Each try counts for FRIEND_MAILS_PER_DAY of the advocate and FRIEND_MAILS_PER_HOUR of the site.
    Raises InvalidInput: invalid_email, invalid_name, invalid_note; ReferralsError:
    friend_mails_off, closed, sender_unnamed, self_referral, friend_mails_used_up.
    """
    at = at or timezone.now()
    address, note = clean_email(email), clean_note(note)
    name = clean_line(name, 40)
    if holds_address(name):
        raise InvalidInput("invalid_name")
    _refuse(advocate, address, at)
    if not (_take_of_day(advocate, at) and _take_of_hour(advocate.program, at)):
        raise ReferralsError("friend_mails_used_up")
    friend = find_person(address)
    if not _may_be_written_to(advocate.program, address, friend):
        return None
    friend = friend or add_person(address, name=name, locale=locale, at=at)
    mail = FriendMail.objects.create(
        program=advocate.program,
        advocate=advocate,
        friend=friend,
        email_key=email_key(address),
        note=note,
        created_at=at,
    )
    _queue(INVITATION, mail, at)
    return mail


def _refuse(advocate: Advocate, address: str, at: datetime) -> None:
    program, person = advocate.program, advocate.person
    if not program.mails_to_friends:
        raise ReferralsError("friend_mails_off")
    if advocate.state != AdvocateState.ACTIVE or person.blocked_at or not program.is_open(at):
        raise ReferralsError("closed")
    if not sender_name(person):
        raise ReferralsError("sender_unnamed")
    if email_key(address) == person.email_key:
        raise ReferralsError("self_referral")


def _take_of_day(advocate: Advocate, at: datetime) -> bool:
    """By person: a second program is no second day."""
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    key = f"friend_mail:{advocate.person_id}:{day:%Y-%m-%d}"
    return take(key, most=setting("FRIEND_MAILS_PER_DAY"), ends_at=day + timedelta(days=2))


def _take_of_hour(program: Program, at: datetime) -> bool:
    hour = at.astimezone(timezone.get_default_timezone()).replace(minute=0, second=0, microsecond=0)
    key = f"friend_mails:{program.site_id}:{hour:%Y-%m-%dT%H%z}"
    return take(key, most=setting("FRIEND_MAILS_PER_HOUR"), ends_at=hour + timedelta(hours=2))


def _may_be_written_to(program: Program, address: str, friend: Person | None) -> bool:
    key = email_key(address)
    if Suppression.objects.filter(email_key=key).exists():
        return False
    if FriendMail.objects.filter(program=program, email_key=key).exists():
        return False
    return friend is None or not _came(program, friend)


def _came(program: Program, friend: Person) -> bool:
    """Whether they need no recommendation any more, or are to get none."""
    if friend.customer_since or friend.blocked_at:
        return True
    if Referral.objects.filter(program=program, friend=friend).exists():
        return True
    return Advocate.objects.filter(program=program, person=friend).exists()


def _queue(kind: str, mail: FriendMail, at: datetime) -> None:
    assert mail.friend is not None
    queue_message(
        kind, about=mail.pk, person=mail.friend, program=mail.program, context=_context(mail), at=at
    )


def _context(mail: FriendMail) -> dict[str, Any]:
    advocate, program = mail.advocate, mail.program
    offer = for_friends(advocate)
    return {
        "advocate_name": sender_name(advocate.person),
        "note": mail.note,
        "offer_headline": offer.headline if offer else "",
        "rewarded": bool(program.advocate_offer_id),
        "claim_link": link_url(advocate, "mail"),
        "decline_link": decline_url(mail),
    }


def decline_url(mail: FriendMail) -> str:
    """Where the friend says that they are not interested, by one press."""
    path = reverse("wagtail_referrals:friend_off", args=[make_token(TOKEN, mail.pk)])
    return f"{mail.program.site.root_url}{path}"


def find_by_token(token: str) -> FriendMail | None:
    """The mail such an address stands in; None for one that is forged, or long forgotten."""
    key = read_token(TOKEN, token, days=TOKEN_DAYS)
    mails = FriendMail.objects.select_related("friend", "program__site")
    return mails.filter(pk=key).first() if key else None


@retried
def decline(mail: FriendMail, *, at: datetime | None = None) -> None:
    """The friend is not interested: nobody writes to them any more, however often they say it."""
    at = at or timezone.now()
    FriendMail.objects.filter(pk=mail.pk, declined_at=None).update(declined_at=at)
    if mail.friend:
        stop_mails(mail.friend)
        return
    # Who they were is forgotten by now, what they want is not.
    rows = [Suppression(email_key=mail.email_key, created_at=at)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def remind_friends(*, at: datetime | None = None) -> int:
    """Write to friends once more who did not come within FRIEND_REMINDER_DAYS; how many.

    Never a third time. Who clicked is not known: only who came, or said no, is left alone.
    """
    at = at or timezone.now()
    if setting("FRIEND_REMINDER_DAYS") is None:
        return 0
    reminded = 0
    for pk in _unreminded(at).values_list("pk", flat=True)[:MOST_AT_ONCE]:
        try:
            reminded += _remind(pk, at)
        except ReferralsError:  # of this site's hour nothing is left: the next run goes on
            continue
    return reminded


def _unreminded(at: datetime) -> QuerySet[FriendMail]:
    """Those of the time between; a claim ends it, and so does the end of the program's wish."""
    due = at - timedelta(days=setting("FRIEND_REMINDER_DAYS"))
    claimed = Referral.objects.filter(program=OuterRef("program"), friend=OuterRef("friend"))
    barred = Suppression.objects.filter(email_key=OuterRef("email_key"))
    waiting = FriendMail.objects.filter(
        Q(program__ends_at=None) | Q(program__ends_at__gt=at),
        created_at__lte=due,
        created_at__gt=due - timedelta(days=30),
        reminded_at=None,
        declined_at=None,
        friend__customer_since=None,
        friend__blocked_at=None,
        friend__erased_at=None,
        friend__isnull=False,
        advocate__state=AdvocateState.ACTIVE,
        advocate__person__blocked_at=None,
        program__mails_to_friends=True,
        program__is_active=True,
    )
    return waiting.filter(~Exists(claimed), ~Exists(barred)).order_by("created_at", "pk")


@retried
def _remind(pk: int, at: datetime) -> bool:
    """Whether it is this worker that reminds: one conditional UPDATE says so."""
    if not FriendMail.objects.filter(pk=pk, reminded_at=None).update(reminded_at=at):
        return False
    related = ("friend", "advocate__person", "advocate__friend_offer")
    mails = FriendMail.objects.select_related(*related, "program__site", "program__friend_offer")
    mail = mails.get(pk=pk)
    if mail.friend is None or not sender_name(mail.advocate.person):
        return False
    if _came(mail.program, mail.friend):
        return False
    if not _take_of_hour(mail.program, at):
        raise ReferralsError("friend_mails_used_up")
    _queue(REMINDER, mail, at)
    return True


def forget_friends(*, at: datetime | None = None) -> int:
    """Forget whom advocates wrote to FRIEND_FORGET_DAYS ago; of how many mails.

    Only the digest of the address stays, so that nobody is written to twice. Somebody we know of
    nothing else is erased.
    """
    at = at or timezone.now()
    days = setting("FRIEND_FORGET_DAYS")
    if days is None:
        return 0
    before = at - timedelta(days=days)
    old = FriendMail.objects.filter(created_at__lte=before, friend__isnull=False)
    friends = old.order_by("created_at").values_list("friend_id", flat=True)[:MOST_AT_ONCE]
    forgotten = 0
    for friend in dict.fromkeys(friends):
        try:
            forgotten += _forget(friend, before, at)
        except ReferralsError:  # somebody else has them in hand: the next run looks again
            continue
    return forgotten


@retried
def _forget(friend: int, before: datetime, at: datetime) -> int:
    """Both together: whom the mail does not name any more, nobody would find to erase."""
    mails = FriendMail.objects.filter(friend=friend, created_at__lte=before)
    forgotten = mails.update(friend=None, note="")
    for person in _known_by_nothing_else(Person.objects.filter(pk=friend)):
        erase_person(person, reason=gettext("A friend who did not come"), at=at)
    return forgotten


def _known_by_nothing_else(people: QuerySet[Person]) -> list[Person]:
    """Those whom only a mail to a friend made known: no other table has anything of them."""
    unknown = people.filter(
        customer_since=None, user=None, blocked_at=None, erased_at=None
    ).order_by()
    for relation in Person._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete):
            continue
        model: Any = relation.related_model
        if model in (Message, MailPreference) or relation.many_to_many:
            continue
        name = relation.field.name  # type: ignore[union-attr]
        theirs = model._base_manager.order_by().filter(**{name: OuterRef("pk")})
        unknown = unknown.filter(~Exists(theirs))
    return list(unknown)
