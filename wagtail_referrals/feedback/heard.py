"""Somebody told us who had told them: thanked and credited, where we know who it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ..exceptions import ClaimRefused, InvalidInput
from ..late import tell_late
from ..messages.queue import queue_message
from ..people.erase import Identity
from ..people.identity import email_key
from ..people.models import Person
from ..people.register import by_email_key
from ..programs.models import Program
from ..referrals.join import add_advocate
from ..referrals.links import find_advocate, link_url
from ..referrals.models import Advocate, AdvocateState, Referral, Source, Stage
from ..referrals.refer import refer
from .heard_field import Heard
from .heard_models import Mention, NotCredited
from .models import FeedbackResponse


class _NotCredited(Exception):
    """Why nobody is credited: ``reason`` is a NotCredited."""

    def __init__(self, reason: NotCredited) -> None:
        self.reason = reason
        super().__init__(reason)


def credit_teller(response: FeedbackResponse, heard: str, at: datetime) -> Mention | None:
    """Keep who was named; where we know them, a new customer counts as their recommendation.

    Call it in the transaction that stores the response. Known is who is found by an e-mail address
    or an advocate's code, never by a name alone; nobody else is written to.
    """
    if not isinstance(heard, Heard) or not (heard.who or heard.reach):
        return None
    mention = Mention(
        response=response, who=heard.who, reach=heard.reach, reach_key=_email_key_in(heard.reach)
    )
    _look_up(mention, response, at)
    mention.save(force_insert=True)
    return mention


def _look_up(mention: Mention, response: FeedbackResponse, at: datetime) -> None:
    """Find out who was named and credit them, or note why nobody is."""
    try:
        mention.person = _find_teller(mention)
        mention.referral = _credit(response, mention.person, at)
        mention.not_credited = ""
    except _NotCredited as no:
        mention.not_credited = no.reason
    except ClaimRefused as refusal:
        mention.not_credited = NotCredited(refusal.code)


def take_back_credit(response: FeedbackResponse) -> Referral | None:
    """Undo the recommendation that an answer brought about; it, where it has to stay.

    It stays where something came of it (a purchase, a claim, a reward) or it took somebody else's
    place: staff repairs that by hand. Call it in the transaction that marks the answer as spam.
    """
    mentions = Mention.objects.select_related("referral").exclude(referral=None)
    mention = mentions.filter(response=response).first()
    if mention is None:
        return None
    referral: Any = mention.referral
    # Whoever adds to it waits for this statement, or is found by what follows.
    made_by_word = Referral.objects.filter(pk=referral.pk, source=Source.TOLD)
    is_shared = mentions.filter(referral=referral).exclude(pk=mention.pk).exists()
    if is_shared or not made_by_word.update(source=Source.TOLD):
        return None
    unused = made_by_word.filter(stage=Stage.CLAIMED, attribution_changes=None)
    if not unused.filter(events=None, rewards=None).exists():
        return referral
    Mention.objects.filter(pk=mention.pk).update(referral=None, not_credited=NotCredited.SPAM)
    tell_late([referral.claimed_at, referral.qualified_at])
    Referral.objects.filter(pk=referral.pk).delete()
    return None


def credit_again(response: FeedbackResponse, at: datetime) -> None:
    """Credit whom an answer had named that was no spam after all."""
    taken = Mention.objects.filter(response=response, not_credited=NotCredited.SPAM).first()
    if taken:
        _look_up(taken, response, at)
        taken.save()


def _email_key_in(text: str) -> str:
    """The key of the first e-mail address in a text, or ""."""
    for word in text.split():
        try:
            return email_key(word.strip("<>(),;:."))
        except InvalidInput:
            continue
    return ""


def _find_teller(mention: Mention) -> Person:
    person = by_email_key.first(mention.reach_key) if mention.reach_key else None
    if person:
        return person
    for text in (mention.reach, mention.who):
        advocate = find_advocate(text)
        if advocate:
            return advocate.person
    raise _NotCredited(NotCredited.UNKNOWN)


def _credit(response: FeedbackResponse, teller: Person, at: datetime) -> Referral:
    program, friend = response.program, response.person
    if program is None or friend is None or not program.is_open(at):
        raise _NotCredited(NotCredited.CLOSED)
    if teller.pk == friend.pk:
        raise _NotCredited(NotCredited.SELF_REFERRAL)
    known = Referral.objects.filter(program=program, friend=friend).first()
    if known and known.referrer_id == teller.pk:
        return known
    if friend.customer_since:
        raise _NotCredited(NotCredited.ALREADY_CUSTOMER)
    # What a friend says later takes nothing from the advocate whose link they had followed.
    if known and at < known.counts_until:
        raise _NotCredited(NotCredited.ALREADY_REFERRED)
    advocate = _membership(program, teller, at)
    referral = refer(advocate, friend, source=Source.TOLD, at=at, visitor=response.visitor)
    if referral.advocate_id != advocate.pk:
        raise _NotCredited(NotCredited.ALREADY_REFERRED)
    _thank(advocate, at)
    return referral


def _membership(program: Program, teller: Person, at: datetime) -> Advocate:
    if teller.blocked_at:
        raise _NotCredited(NotCredited.BLOCKED)
    advocate = Advocate.objects.filter(program=program, person=teller).first()
    if advocate is None:
        return add_advocate(program, teller, at=at)
    if advocate.state != AdvocateState.ACTIVE:
        raise _NotCredited(NotCredited.PAUSED)
    advocate.program, advocate.person = program, teller
    return advocate


def _thank(advocate: Advocate, at: datetime) -> None:
    """One mail a day at most, however many forms name them."""
    queue_message(
        "told_by",
        about=f"{advocate.pk}-{timezone.localdate(at):%Y-%m-%d}",
        person=advocate.person,
        program=advocate.program,
        context={"share_link": link_url(advocate, "email")},
        at=at,
    )


def erase_mentions(identity: Identity) -> None:
    """What a person wrote of somebody else, and what others wrote of them."""
    person = identity.person
    theirs = Q(response__person=person) | Q(person=person)
    if person.email_key:
        theirs |= Q(reach_key=person.email_key)
    pks = list(Mention.objects.filter(theirs).values_list("pk", flat=True))
    Mention.objects.filter(pk__in=pks).update(who="", reach="", reach_key="")
