"""An offer that is put to the test stays what it is."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.trials import end_trial, make_big_offer, run_trial
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.programs.experiment_models import Experiment, Subject
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.referrals.models import Advocate


@pytest.fixture
def big_offer(db: None) -> Offer:
    return make_big_offer()


def refused(offer: Offer, **changes: Any) -> dict[str, list[str]]:
    """What an editor is told by field, who changes an offer as it is stored."""
    changed = Offer.objects.get(pk=offer.pk)
    for name, value in changes.items():
        setattr(changed, name, value)
    try:
        changed.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 30},
        {"kind": "free_item", "item": "a coffee"},
        {"currency": "EUR", "minimum_order": 20},
        {"first_order_only": False},
        {"products": ["1"]},
        {"valid_days": 5},
        {"max_uses": 2},
    ],
    ids=lambda changes: "+".join(changes),
)
def test_what_a_tested_offer_gives_does_not_change(
    program: Program, big_offer: Offer, changes: Any
) -> None:
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    told = refused(big_offer, **changes)
    assert told.keys() == changes.keys()
    assert all("being put to the test" in words for [words] in told.values())


@pytest.mark.parametrize(
    "changes", [{}, {"name": "B"}, {"wording": "20% for you"}, {"fine_print": "Not on Sunday."}]
)
def test_its_words_may_be_mended(program: Program, big_offer: Offer, changes: Any) -> None:
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    assert refused(big_offer, **changes) == {}


def test_an_offer_of_a_plan_may_change(program: Program, big_offer: Offer) -> None:
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    Experiment.objects.update(state="draft", running_key=None)
    assert refused(big_offer, amount=30) == {}


def test_an_offer_of_no_test_may_change(program: Program, big_offer: Offer) -> None:
    run_trial(program, Subject.FRIEND_OFFER)
    assert refused(big_offer, amount=30) == {}


def test_a_new_offer_is_nobody_s_promise(big_offer: Offer) -> None:
    Offer(name="New", kind="percent", amount=5).full_clean()


def test_after_a_test_an_offer_may_change(advocate: Advocate, big_offer: Offer) -> None:
    trial = run_trial(advocate.program, Subject.ADVOCATE_OFFER, offer=big_offer)
    claim_offer(advocate, email="bo@example.org")
    end_trial(trial)
    assert refused(big_offer, amount=30) == {}
