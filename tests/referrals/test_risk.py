"""Who refers themselves is refused or held; honest people are not bothered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.fixtures import make_program
from tests.referrals.pairs import Pair, honest_pairs, self_referrals
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ClaimRefused
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Source
from wagtail_referrals.referrals.refer import refer
from wagtail_referrals.referrals.risk import FLAGS, describe_flags, flag_choices, is_disposable
from wagtail_referrals.referrals.risk_alias import is_alias
from wagtail_referrals.rewards.models import Reward, RewardState

BROWSER = "b" * 32


def passes(program: Program, pair: Pair) -> bool:
    """Whether a pair is neither refused nor held. It leaves nothing: the next are other people."""
    with transaction.atomic():
        person = find_or_add_person(pair.email, name=pair.name)
        advocate = join_program(program, person, visitor=BROWSER)
        visitor = BROWSER if pair.same_browser else ""
        try:
            friend = find_or_add_person(pair.other)
            return not refer(advocate, friend, source=Source.LINK, visitor=visitor).flags
        except ClaimRefused:
            return False
        finally:
            transaction.set_rollback(True)


def share_passed(program: Program, pairs: list[Pair]) -> float:
    return sum(passes(program, pair) for pair in pairs) / len(pairs)


def test_of_1000_who_refer_themselves_990_are_refused_or_held(program: Program) -> None:
    assert share_passed(program, self_referrals(seed=2024)) <= 0.01


def test_of_1000_honest_pairs_995_pass(program: Program) -> None:
    assert share_passed(program, honest_pairs(seed=2024)) >= 0.995


@pytest.mark.parametrize("seed", range(8))
def test_other_thousands_come_out_the_same(seed: int) -> None:
    def caught(pair: Pair) -> bool:
        by_address = is_alias(pair.email, pair.name, pair.other) or is_disposable(pair.other)
        return by_address or pair.same_browser

    assert sum(caught(pair) for pair in self_referrals(seed)) >= 990
    assert sum(caught(pair) for pair in honest_pairs(seed)) <= 5


@pytest.mark.parametrize(
    "email, name, other",
    [
        ("ann.lee@example.org", "", "ann.lee+shop@example.org"),
        ("ann.lee@example.org", "", "annlee@example.org"),
        ("ann.lee@gmail.com", "", "ann.lee@outlook.com"),
        ("annlee@gmail.com", "", "annlee7@gmx.de"),
        ("ann.lee@gmail.com", "", "lee_ann@gmail.com"),
        ("ann.lee@gmail.com", "", "a.lee@web.de"),
        ("ann.lee@gmail.com", "", "4nn.1ee@gmail.com"),
        ("ann.lee@gmail.com", "", "аnn.lee@web.de"),  # noqa: RUF001 - a Cyrillic letter
        ("ann.leigh@gmail.com", "", "ann.leihg@gmail.com"),
        ("skipper85@gmail.com", "Ann Lee", "ann.lee@web.de"),
        ("skipper85@gmail.com", "Jürgen Müller", "juergen.mueller@web.de"),
        ("skipper85@gmail.com", "Jürgen Müller", "jurgen.muller@web.de"),
        ("1234567@qq.com", "", "1234567@163.com"),
    ],
)
def test_one_person_under_two_addresses(email: str, name: str, other: str) -> None:
    assert is_alias(email, name, other)


@pytest.mark.parametrize(
    "email, name, other",
    [
        ("info@bakery.example", "", "info@harbour.example"),
        ("anna@bakery.example", "Anna Mill", "anna@harbour.example"),
        ("anna@mill.example", "Anna Mill", "ben@mill.example"),
        ("a.mill@firm.example", "Anna Mill", "b.mill@firm.example"),
        ("a.mill@firm.example", "", "anna.mill@firm.example"),
        ("anna.mill@gmail.com", "Anna Mill", "ben.mill@gmail.com"),
        ("bo@gmail.com", "", "bo@outlook.com"),
        ("", "", "ann@example.org"),
        ("ann@example.org", "", ""),
    ],
)
def test_two_people_with_something_in_common(email: str, name: str, other: str) -> None:
    assert not is_alias(email, name, other)


@pytest.fixture
def claim(advocate: Advocate) -> Callable[..., list[str]]:
    """Claims the advocate's offer; the flags that were raised."""

    def claim_it(email: str, by: Advocate = advocate, **details: Any) -> list[str]:
        return claim_offer(by, email=email, **details).referral.flags

    return claim_it


def test_a_throw_away_address_is_flagged(claim: Callable[..., list[str]]) -> None:
    assert claim("zed@mailinator.com") == ["disposable"]
    assert claim("zed@inbox.mailinator.com") == ["disposable"]
    assert claim("zed@harbour.example") == []


def test_the_advocate_s_own_browser_is_flagged(
    advocate: Advocate, claim: Callable[..., list[str]]
) -> None:
    join_program(advocate.program, advocate.person, visitor=BROWSER)
    advocate.refresh_from_db()
    assert claim("zed@harbour.example", visitor=BROWSER) == ["own_device"]
    assert claim("kim@harbour.example", visitor="c" * 32) == []


def test_a_browser_that_claimed_for_several_is_flagged(
    claim: Callable[..., list[str]], settings: Any
) -> None:
    settings.WAGTAIL_REFERRALS = {"RISK_CLAIMS_PER_BROWSER": 2}
    emails = ["zed@harbour.example", "kim@harbour.example", "lou@harbour.example"]
    assert [claim(email, visitor=BROWSER) for email in emails] == [[], [], ["shared_device"]]


def test_many_claims_in_an_hour_are_flagged_until_it_is_over(
    claim: Callable[..., list[str]], settings: Any, advocate: Advocate
) -> None:
    settings.WAGTAIL_REFERRALS = {"RISK_CLAIMS_PER_HOUR": 2}
    begin = timezone.now() - timedelta(hours=3)
    advocate.program.starts_at = begin
    at = [begin, begin, begin + timedelta(minutes=59), begin + timedelta(minutes=121)]
    names = ["zed", "kim", "lou", "max"]
    flags = [
        claim(f"{name}@harbour.example", at=when) for name, when in zip(names, at, strict=True)
    ]
    assert flags == [[], [], ["fast"], []]


def test_a_circle_of_recommendations_is_flagged(
    program: Program, advocate: Advocate, claim: Callable[..., list[str]]
) -> None:
    chain = [advocate]
    for name in ("kim", "lou", "max"):
        assert claim(f"{name}@harbour.example", by=chain[-1]) == []
        person = find_or_add_person(f"{name}@harbour.example")
        chain.append(join_program(program, person))
    assert claim("ann@example.org", by=chain[-1]) == ["cycle"]


def test_a_flag_holds_the_reward_and_refuses_nothing(
    advocate: Advocate, claim: Callable[..., list[str]]
) -> None:
    claim("zed@mailinator.com")
    reward = Reward.objects.get(person__email="zed@mailinator.com")
    assert (reward.state, reward.flags) == (RewardState.HELD, ["disposable"])


def test_a_flag_that_a_program_switched_off_holds_nothing(
    advocate: Advocate, claim: Callable[..., list[str]]
) -> None:
    advocate.program.risk_off = ["disposable"]
    assert claim("zed@mailinator.com") == ["disposable"]
    assert Reward.objects.get(person__email="zed@mailinator.com").state == RewardState.ISSUED


def test_every_flag_explains_itself() -> None:
    assert [key for key, _label in flag_choices()] == list(FLAGS)
    for sentence in describe_flags(list(FLAGS)):
        assert sentence.endswith(".")
    assert describe_flags(["of a site"]) == ["of a site"]


def test_all_flags_cost_three_questions(advocate: Advocate) -> None:
    friend = find_or_add_person("zed@harbour.example")
    from wagtail_referrals.referrals.risk import flags_for

    with CaptureQueriesContext(connection) as queries:
        flags_for(advocate, friend, BROWSER, timezone.now())
    assert len(queries) == 3


def test_programs_are_apart(program: Program) -> None:
    """Who recommends the same friend in two programs goes round in no circle."""
    other = make_program("other")
    person = find_or_add_person("ann@example.org")
    for each in (program, other):
        claim = claim_offer(join_program(each, person), email="zed@harbour.example")
        assert claim.referral.flags == []
