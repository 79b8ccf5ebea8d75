"""Two years of a program: what is told to the verbs, and what an independent sum expects."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards.issue import issue_due_rewards

CENT = Decimal("0.01")


@dataclass(order=True)
class Happening:
    """One thing that happens to one friend of one advocate."""

    at: datetime
    kind: str
    who: str
    friend: str
    order: str = ""
    amount: Decimal = Decimal(0)


@dataclass
class Book:
    """The rule by hand: €10, from the fourth friend on €20, at most €200 a calendar year."""

    bought: dict[str, set[str]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def big(self) -> dict[str, Decimal]:
        """The second rule by hand: 10 % of an order from €300 on, at most €80; by order."""
        orders = {key: order["amount"] for key, order in self.orders.items()}
        return {key: min(much / 10, Decimal(80)) for key, much in orders.items() if much >= 300}

    def used(self, who: str, year: int) -> Decimal:
        mine = [o for o in self.orders.values() if (o["who"], o["year"]) == (who, year)]
        return sum((order["worth"] for order in mine), Decimal(0))

    def purchase(self, it: Happening) -> None:
        friends = self.bought.setdefault(it.who, set())
        order = {"who": it.who, "year": it.at.year, "granted": Decimal(0), "worth": Decimal(0)}
        self.orders[it.order] = {**order, "friend": it.friend, "amount": it.amount, "gift": False}
        self.orders[it.order]["kept"] = it.amount
        if it.friend in friends:
            return
        friends.add(it.friend)
        if it.amount < 30:
            return
        left = Decimal(200) - self.used(it.who, it.at.year)
        worth = min(Decimal(10 if len(friends) < 4 else 20), left)
        self.orders[it.order].update(granted=worth, worth=worth, gift=True)

    def refund(self, it: Happening) -> None:
        order = self.orders[it.order]
        order["kept"] -= it.amount
        share = order["granted"] * order["kept"] / order["amount"]
        order["worth"] = share.quantize(CENT, rounding=ROUND_HALF_UP)
        others = [o for o in self.orders.values() if o["friend"] == order["friend"] and o["kept"]]
        if not order["kept"]:
            order["gift"] = False
            if not others:
                self.bought[it.who].discard(order["friend"])


def story(start: datetime, seed: int = 7) -> list[Happening]:
    """Three advocates, some 25 friends each: first orders, second ones, refunds of all or part."""
    dice = random.Random(seed)
    happenings = []
    for who in ("ann", "ben", "cleo"):
        for number in range(25):
            # Nothing like the advocate's own: alike addresses would be held.
            name = hashlib.sha256(f"{who} {number}".encode()).hexdigest()
            friend = f"{name[:12]}@{who}{number}.example"
            claimed = start + timedelta(days=dice.randrange(0, 660), hours=dice.randrange(24))
            bought = claimed + timedelta(days=dice.randrange(1, 40))
            amount = Decimal(dice.randrange(1500, 9000)) / 100
            order = f"{who}-{number}-1"
            happenings.append(Happening(claimed, "claim", who, friend))
            happenings.append(Happening(bought, "purchase", who, friend, order, amount))
            fate = dice.random()
            if fate < 0.15:
                back = bought + timedelta(days=dice.randrange(1, 30))
                happenings.append(Happening(back, "refund", who, friend, order, amount))
            elif fate < 0.3:
                part = (amount * dice.randrange(10, 60) / 100).quantize(CENT)
                back = bought + timedelta(days=dice.randrange(1, 30))
                happenings.append(Happening(back, "refund", who, friend, order, part))
            if dice.random() < 0.4:
                again = bought + timedelta(days=dice.randrange(31, 50))
                second = f"{who}-{number}-2"
                # Mostly small; €400, €600 and €900 are for the rule about big orders.
                much = Decimal({0: 400, 1: 600, 2: 900}.get(number % 6, 60))
                happenings.append(Happening(again, "purchase", who, friend, second, much))
    return sorted(happenings)


def live(program: Program, start: datetime) -> Book:
    """Tell the verbs the story, in its order, with what is due done each time; keep the book."""
    book = Book()
    advocates = {
        who: join_program(program, find_or_add_person(f"{who}@example.org"))
        for who in ("ann", "ben", "cleo")
    }
    for it in story(start):
        issue_due_rewards(at=it.at)
        if it.kind == "claim":
            claim_offer(advocates[it.who], email=it.friend, at=it.at)
            continue
        getattr(book, it.kind)(it)
        record_event(
            program,
            it.kind,
            external_id=it.order if it.kind == "purchase" else f"back-{it.order}",
            email=it.friend if it.kind == "purchase" else "",
            amount=it.amount,
            currency="EUR",
            refund_of=it.order if it.kind == "refund" else "",
            occurred_at=it.at,
        )
    issue_due_rewards(at=timezone.now())
    return book
