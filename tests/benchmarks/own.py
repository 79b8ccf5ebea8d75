"""A customer's own page with hundreds of friends against the same HTML from a bare view."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.test import RequestFactory
from django.utils import timezone

from wagtail_referrals.events.models import Event
from wagtail_referrals.pages.me import my_page
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate, Referral, Stage
from wagtail_referrals.referrals.own import show_on_board
from wagtail_referrals.referrals.own_link import own_page_path
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.standing import ROWS
from wagtail_referrals.rewards.versions import save_rule

from .measure import compare, statements
from .paths import PAGE_CALLS, PAGE_ROUNDS, _expect
from .results import Result
from .site import Bench
from .views import OwnPage

FRIENDS = 500


def own_page(bench: Bench) -> Iterator[Result]:
    """All that a page shows: friends, rewards, a goal, a rank; against the same template."""
    advocate = _advocate(bench)
    _fill(advocate, 5)
    address = own_page_path(advocate)
    ours = bench.site.get(address)
    ours()
    few = len(statements(ours))
    _fill(advocate, FRIENDS, first=5)
    token = address.rstrip("/").split("/")[-1]
    OwnPage.values = my_page(RequestFactory().get(address), token).context_data
    plain = bench.site.get("/plain-own/")
    for get in (ours, plain):
        assert _expect(get(), 200, "You are number").body.count("has bought") == ROWS
    queries = len(statements(ours))
    assert queries == few, f"{few} queries with 5 friends, {queries} with {FRIENDS}"
    yield Result(
        f"own page, {FRIENDS} friends",
        compare(
            lambda count: [ours] * count,
            lambda count: [plain] * count,
            calls=PAGE_CALLS,
            rounds=PAGE_ROUNDS,
        ),
        reach=2,
        queries=queries,
        plain_queries=len(statements(plain)),
        reach_queries=12,
    )


def _advocate(bench: Bench) -> Advocate:
    """Somebody who is named, with a goal before them."""
    advocate = bench.advocates[50]
    show_on_board(advocate, shown_as="first_name")
    Advocate.objects.filter(pk=advocate.pk).update(friends_converted=FRIENDS)
    goal = RewardRule(
        program=bench.program,
        name="A thousand friends",
        trigger="friends_milestone",
        trigger_options={"number": 1000},
    )
    save_rule(goal, [RuleEffect()])
    return advocate


def _fill(advocate: Advocate, until: int, first: int = 0) -> None:
    """Friends who have bought, every other one with a reward that still waits."""
    emails = [f"own{number}@friend.example" for number in range(first, until)]
    Person.objects.bulk_create(
        Person(email=email, email_key=email_key(email), name="Bo Blue") for email in emails
    )
    now = timezone.now()
    Referral.objects.bulk_create(
        Referral(
            program_id=advocate.program_id,
            advocate=advocate,
            referrer_id=advocate.person_id,
            friend=friend,
            stage=Stage.CONVERTED,
            converted_at=now,
            counts_until=now + timedelta(days=90),
        )
        for friend in Person.objects.filter(email__in=emails)
    )
    referrals = list(Referral.objects.filter(advocate=advocate, rewards=None)[: until - first])
    Event.objects.bulk_create(
        Event(
            program_id=advocate.program_id,
            kind="purchase",
            external_id=f"own-{referral.pk}",
            source_key=f"{referral.pk:064}",
            fingerprint="",
            person_id=referral.friend_id,
            referral=referral,
            is_first_purchase=True,
        )
        for referral in referrals
    )
    rule = RewardRule.objects.filter(program=advocate.program_id).earliest("pk")
    events = Event.objects.filter(referral__in=referrals).order_by("pk")
    granted = list(events)[::2]
    Reward.objects.bulk_create(
        Reward(
            program_id=advocate.program_id,
            rule=rule,
            rule_name=rule.name,
            event=event,
            referral_id=event.referral_id,
            person_id=advocate.person_id,
            beneficiary="advocate",
            kind="fixed",
            amount=Decimal(10),
            balance=Decimal(10),
            currency="EUR",
            hold_until=now + timedelta(days=14),
            award_key=f"own:{event.pk}",
        )
        for event in granted
    )
    Decision.objects.bulk_create(
        Decision(
            rule=rule,
            event=event,
            person_id=advocate.person_id,
            beneficiary="advocate",
            granted=False,
            reason="limit",
        )
        for event in list(events)[1::2]
    )


PATHS = {"own_page": own_page}
