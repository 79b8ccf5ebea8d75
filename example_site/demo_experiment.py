"""What the demo puts to the test, what it wants to reach, and what other ways cost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from example_site import demo_people
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.insights.experiments import save_plan, start_experiment
from wagtail_referrals.insights.goal_models import ChannelCost, Goal
from wagtail_referrals.programs.experiment_models import Experiment, Metric, Subject, Variant
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.variants import forget_experiments
from wagtail_referrals.referrals.clicks import record_click
from wagtail_referrals.referrals.links import find_link, forget_link
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.referrals.promised import for_friends

HORIZON = 28
# Strangers who open a link on a day of the test, and how many of a hundred claim what they see.
A_DAY = 8
CLAIM = {"percent": 18, "fixed": 30}
# In the words of the answers to "How did you hear of us?": what they cost in four weeks.
COSTS = [("Newspaper", "480.00", 11), ("Search engine", "260.00", None)]


def begin_offer_test(program: Program, when: datetime) -> None:
    """From that day on every other code promises 5 euros where the others promise 10 percent."""
    five = Offer.objects.create(
        name="Friend: €5",
        kind="fixed",
        amount=Decimal("5.00"),
        currency="EUR",
        wording="€5 off your first order",
        minimum_order=Decimal("8.00"),
        first_order_only=True,
    )
    plan = Experiment(
        program=program,
        name="Ten percent or five euros?",
        subject=Subject.FRIEND_OFFER,
        metric=Metric.CLAIMS,
        baseline_percent=Decimal(25),
        smallest_percent=Decimal(15),
        horizon_days=HORIZON,
        # Always the same codes: the story has a fixed seed.
        salt="harbour",
    )
    variants = [Variant(name="10%", is_control=True), Variant(name="€5", offer=five)]
    experiment = start_experiment(save_plan(plan, variants))
    ends_at = when + timedelta(days=HORIZON)
    Experiment.objects.filter(pk=experiment.pk).update(started_at=when, ends_at=ends_at)
    # All of the demo is one transaction.
    forget_experiments(program.pk)


def open_link(advocate: Advocate, visitor: str, channel: str, when: datetime) -> None:
    """As a browser does, but at that time."""
    # In the story weeks pass in seconds, and what is cached with them.
    forget_link(advocate)
    link = find_link(advocate.display_code)
    to = {"offer_id": link.offer_id, "page_id": link.page_id} if link else {}
    record_click(advocate.pk, visitor, channel, at=when, **to)


class Strangers:
    """Friends of friends who come by while the offer is put to the test, by their own seed."""

    def __init__(self, program: Program) -> None:
        self.program, self.rng = program, random.Random(7)
        self.number = 0

    def moments(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """When one of them comes."""
        while begin < end:
            for _stranger in range(A_DAY):
                minutes = self.rng.randrange(8 * 60, 20 * 60)
                yield begin.replace(hour=minutes // 60, minute=minutes % 60)
            begin += timedelta(days=1)

    def come(self, when: datetime) -> None:
        """Open the link of somebody who shared theirs, and claim the offer or not."""
        shared = Advocate.objects.filter(program=self.program, partner=None, state="active")
        # Keys first: of hundreds of advocates one is wanted whole.
        chosen = self.rng.choice(shared.order_by("pk").values_list("pk", flat=True))
        whole = Advocate.objects.select_related(
            "person", "program__friend_offer", "program__landing_page"
        )
        advocate = whole.get(pk=chosen)
        visitor = f"{self.rng.getrandbits(128):032x}"
        open_link(advocate, visitor, self.rng.choice(demo_people.CHANNELS), when)
        offer = for_friends(advocate)
        self.number += 1
        if offer and self.rng.randrange(100) < CLAIM.get(offer.kind, 0):
            claim_offer(
                advocate,
                email=f"stranger-{self.number}@example.org",
                visitor=visitor,
                locale="en",
                page=advocate.program.landing_page,
                at=when,
            )


def plan_landing_test(program: Program) -> None:
    """One that waits for somebody to begin it."""
    plan = Experiment(
        program=program,
        name="A warmer welcome",
        subject=Subject.LANDING,
        metric=Metric.CLAIMS,
        baseline_percent=Decimal(25),
        smallest_percent=Decimal(10),
        horizon_days=HORIZON,
    )
    warm = Variant(
        name="Warmer",
        heading="Your first cup is waiting",
        introduction=(
            "Somebody who likes you likes our coffee.\n\n"
            "Leave your e-mail, and the coupon for your first order is yours."
        ),
        button_label="Yes, please",
    )
    save_plan(plan, [Variant(name="As it is", is_control=True), warm])


def set_goal(program: Program, now: datetime) -> None:
    """Every third new customer by a recommendation; beside it, what advertisements cost."""
    Goal.objects.create(program=program, referred_percent=33)
    today = now.date()
    for channel, cost, customers in COSTS:
        ChannelCost.objects.create(
            program=program,
            channel=channel,
            starts_on=today - timedelta(days=27),
            ends_on=today,
            cost=Decimal(cost),
            customers=customers,
        )
