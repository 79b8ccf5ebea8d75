"""What an advocate and their friends are promised: the program's, or what is put to the test."""

from __future__ import annotations

from ..programs.experiment_models import Subject
from ..programs.models import Offer
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


def words_to_test(advocate: Advocate) -> TestedText | None:
    """The text to share and what it says about the reward, where their code has drawn one."""
    variant = tested(advocate.program, Subject.SHARE_TEXT, advocate.pk)
    return (variant.text, variant.disclosure) if variant and variant.text else None
