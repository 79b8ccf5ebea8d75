"""Which variant somebody sees: decided by the advocate's code, the same everywhere and always.

Nothing is stored and no cookie is set: a keyed hash of the advocate's number draws the variant,
so that the page, the mail and the till come to the same without asking each other.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate, chain
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.utils.html import linebreaks

from ..conf import setting
from .experiment_models import Experiment, ExperimentState, Subject, Variant
from .models import Offer, Program

# So many bytes of the hash make the lot.
LOT_BYTES = 8
LOTS = 256**LOT_BYTES
# A program's field of the same name holds what is given as it is now.
OFFERS = (Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER)


def drawing(experiment: Experiment) -> Callable[[int], Variant]:
    """What draws the variant for an advocate's key: prepared once, for asking it of many.

    In proportion to the weights; with a weight of 0 never. Where all weights are 0, it is the one
    that is as it is now. Raises LookupError for an experiment without variants.
    """
    variants = experiment.drawn_from
    if not variants:
        raise LookupError(f"Experiment {experiment.pk} has no variants")
    ends = list(accumulate(variant.weight for variant in variants))
    key = experiment.salt.encode()

    def draw(advocate_id: int) -> Variant:
        digest = hmac.digest(key, str(advocate_id).encode(), "sha256")
        lot = int.from_bytes(digest[:LOT_BYTES], "big")
        return variants[bisect_right(ends, lot * ends[-1] // LOTS)]

    if ends[-1]:
        return draw
    control = _control_of(experiment)
    return lambda advocate_id: control


def variant_of(experiment: Experiment, advocate_id: int) -> Variant:
    """The variant of an advocate's code: a keyed hash, in proportion to the weights."""
    return drawing(experiment)(advocate_id)


class Tests(NamedTuple):
    """A program's: what runs, by subject, and the keys of advocates who are no part of any."""

    running: dict[str, Experiment]
    left_out: frozenset[int]

    def drawn(self, subject: Subject, advocate_id: int | None) -> Variant | None:
        """What a code has drawn: a made-up one nothing, and no partner's either."""
        experiment = self.running.get(subject)
        # Rows that are made up for a rehearsal have keys below zero.
        if experiment is None or not advocate_id or advocate_id < 0:
            return None
        return None if advocate_id in self.left_out else variant_of(experiment, advocate_id)


def running(program_id: int) -> dict[str, Experiment]:
    """The program's running experiments by subject, with their variants: cached, or one query."""
    return _tests(program_id).running


def _tests(program_id: int) -> Tests:
    found: Tests | None = cache.get(_cache_key(program_id))
    if found is None:
        found = _load(program_id)
        cache.set(_cache_key(program_id), found, setting("LINK_CACHE_SECONDS"))
    return found


def _load(program_id: int) -> Tests:
    variants = Variant.objects.filter(
        experiment__state=ExperimentState.RUNNING, experiment__program=program_id
    )
    found: dict[int, Experiment] = {}
    for variant in variants.select_related("experiment", "offer").order_by("pk"):
        experiment = found.setdefault(variant.experiment_id, variant.experiment)
        variant.experiment = experiment
        experiment.__dict__.setdefault("drawn_from", []).append(variant)
    runs = {one.subject: one for one in found.values()}
    return Tests(runs, _all_left_out(program_id) if runs else frozenset())


# Rooms below whose advocates are no part of any test register here: fn(program_id) gives their
# keys. They are few, as the cache keeps them all.
LeftOut = Callable[[int], Iterable[int]]
_left_out: list[LeftOut] = []


def leave_out(find: LeftOut) -> None:
    """Have the advocates that ``find`` knows see what is as it is now.

    Whoever changes who they are calls ``forget_experiments``.
    """
    if find not in _left_out:
        _left_out.append(find)


def _all_left_out(program_id: int) -> frozenset[int]:
    return frozenset(chain.from_iterable(find(program_id) for find in _left_out))


def forget_experiments(program_id: int) -> None:
    """Drop a program's experiments from the cache: one has begun, ended or changed."""
    cache.delete(_cache_key(program_id))


def forget_experiments_with(offer_id: int) -> None:
    """The same for all programs that put an offer to the test."""
    tests = Experiment.objects.filter(state=ExperimentState.RUNNING, variants__offer=offer_id)
    for program_id in tests.values_list("program", flat=True).distinct():
        forget_experiments(program_id)


def _cache_key(program_id: int) -> str:
    return f"wagtail_referrals:experiments:{program_id}"


def tested(program: Program, subject: Subject, advocate_id: int | None) -> Variant | None:
    """What an advocate's code has drawn; None where nothing is put to the test.

    ``advocate_id`` is None for a made-up one, as in a preview: it sees what is as it is now.
    """
    if not program.pk or not advocate_id:
        return None
    return _tests(program.pk).drawn(subject, advocate_id)


def is_tested(subject: Subject, program: str) -> Exists:
    """Whether a subject is put to the test in the program that a query knows by that name.

    For who asks the database anyway: without a test nothing else needs to be asked for.
    """
    tests = Experiment.objects.filter(state=ExperimentState.RUNNING, subject=subject)
    return Exists(tests.filter(program=OuterRef(program)))


def offer_for_friends_of(
    program: Program, advocate_id: int | None, own: Offer | None = None
) -> Offer | None:
    """What an advocate's friends get: an offer of their own, the variant's, or the program's."""
    return own or _offer_now(program, Subject.FRIEND_OFFER, advocate_id)


def offer_for_advocate(program: Program, advocate_id: int | None) -> Offer | None:
    """What an advocate gets when a friend buys: the variant's offer, or the program's.

    As it is now: what they were promised for a friend stands on the referral.
    """
    return _offer_now(program, Subject.ADVOCATE_OFFER, advocate_id)


def _offer_now(program: Program, subject: Subject, advocate_id: int | None) -> Offer | None:
    now: Offer | None = getattr(program, subject)
    variant = tested(program, subject, advocate_id)
    if variant is None or variant.offer is None or variant.offer_id == (now and now.pk):
        return now
    return variant.offer


def _control_of(experiment: Experiment) -> Variant:
    variants = experiment.drawn_from
    return next((variant for variant in variants if variant.is_control), variants[0])


def offers_for_anybody(program: Program) -> tuple[Offer | None, Offer | None]:
    """What friend and advocate get, where no code says whose: None for what is being tested.

    A promise that the next page takes back is worse than none.
    """
    if not program.pk:
        return program.friend_offer, program.advocate_offer
    tests = running(program.pk)
    return (
        None if Subject.FRIEND_OFFER in tests else program.friend_offer,
        None if Subject.ADVOCATE_OFFER in tests else program.advocate_offer,
    )


def landing_words(program: Program, advocate_id: int | None) -> dict[str, str]:
    """By field of a referral page, what stands there for an advocate's code instead.

    What a variant does not say stays as it is on the page.
    """
    variant = tested(program, Subject.LANDING, advocate_id)
    return words_of(variant) if variant else {}


def variants_to_show(program_id: int | None) -> list[Variant]:
    """What the landing page would look like besides how it is: of what is tested, or will be."""
    if program_id is None:
        return []
    others = Variant.objects.filter(
        experiment__program=program_id,
        experiment__subject__in=[Subject.LANDING, Subject.FRIEND_OFFER],
        experiment__state__in=[ExperimentState.DRAFT, ExperimentState.RUNNING],
        is_control=False,
    )
    others = others.select_related("experiment", "offer")
    return list(others.order_by("experiment_id", "position", "pk"))


def words_of(variant: Variant) -> dict[str, str]:
    """A variant's words by field of a referral page; the introduction as rich text."""
    paragraphs = variant.introduction.strip()
    words = {
        "friend_heading": variant.heading,
        "introduction": paragraphs and str(linebreaks(paragraphs, autoescape=True)),
        "button_label": variant.button_label,
    }
    return {field: text for field, text in words.items() if text}
