"""What an advocate and their friends are promised: the program's, or what is put to the test."""

from __future__ import annotations

from typing import Any

from ..programs.experiment_models import Subject
from ..programs.models import Offer
from ..programs.offers import note_offer
from ..programs.variants import offer_for_advocate, offer_for_friends_of, tested
from .models import Advocate
from .share_words import TestedText


def for_friends(advocate: Advocate) -> Offer | None:
    """What the friends get. A partner's own offer is no part of any test."""
    own = advocate.friend_offer if advocate.friend_offer_id else None
    return offer_for_friends_of(advocate.program, advocate.pk, own)


def for_advocate(advocate: Advocate) -> Offer | None:
    """What they get themselves when a friend buys."""
    return offer_for_advocate(advocate.program, advocate.pk)


def promise_to_friend(offer: Offer | None) -> dict[str, Any]:
    """The fields of a referral that keep what its friend is promised."""
    return {"offer": offer, "offer_terms": note_offer(offer)}


def promise_to_advocate(advocate: Advocate) -> dict[str, Any]:
    """The fields of a referral that keep what its advocate is promised for the friend."""
    offer = for_advocate(advocate)
    return {"advocate_offer": offer, "advocate_offer_terms": note_offer(offer)}


def words_to_test(advocate: Advocate) -> TestedText | None:
    """The text to share and what it says about the reward, where their code has drawn one."""
    variant = tested(advocate.program, Subject.SHARE_TEXT, advocate.pk)
    return (variant.text, variant.disclosure) if variant and variant.text else None
