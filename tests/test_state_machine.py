"""Whatever happens in whatever order, the sums are right: a machine that tries.

REFERRALS_MACHINE_RUNS says how many runs of 50 steps there are.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.fixtures import make_program
from wagtail_referrals.api import (
    hold_coupon,
    record_event,
    redeem_coupon,
    roll_back_redemption,
)
from wagtail_referrals.coupons.hold import release_expired_holds
from wagtail_referrals.coupons.issue import extend_coupon, reissue_coupon
from wagtail_referrals.coupons.models import Coupon, Redemption, RedemptionState
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.register import find_or_add_person, find_person
from wagtail_referrals.programs.money import round_money
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral, Stage
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.rewards.approve import approve_rewards, hold_rewards
from wagtail_referrals.rewards.expire import expire_rewards
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.ledger import END_STATES, TRANSITIONS
from wagtail_referrals.rewards.models import Reward, RewardEntry, RewardState
from wagtail_referrals.rewards.rule_models import Allowance, RewardRule, RuleEffect
from wagtail_referrals.rewards.take_back import void_reward
from wagtail_referrals.rewards.versions import save_rule

RUNS = int(os.environ.get("REFERRALS_MACHINE_RUNS", 50 if connection.vendor == "sqlite" else 10))
FRIENDS = [f"friend{number}@example.org" for number in range(6)]
ADVOCATES = ["ann@example.org", "bea@example.org"]
BUDGET = Decimal("120.00")
PER_YEAR = Decimal("70.00")
CENT = Decimal("0.01")


class Undone(Exception):
    """Ends the run's transaction."""


class Shop(RuleBasedStateMachine):
    """A shop, its customers and its staff, over two years."""

    purchases = Bundle("purchases")

    def __init__(self) -> None:
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.now = timezone.now() - timedelta(days=700)
        self.numbers = 0

    def teardown(self) -> None:
        self.frame.__exit__(Undone, Undone(), None)

    @initialize()
    def open_shop(self) -> None:
        program = make_program(starts_at=self.now, budget_amount=BUDGET)
        program.rules.filter(trigger="first_purchase").delete()
        self.program = program
        steps = [{"from": "1", "amount": "10.00"}, {"from": "3", "amount": "20.00"}]
        options = {"by": "friends", "steps": steps}
        self._rule("Thank you", [RuleEffect(formula="stepped", formula_options=options)])
        share = {"percent": "5", "cap": "8.00"}
        self._rule(
            "Always a little",
            [RuleEffect(formula="percent", formula_options=share, kind="store_credit")],
            trigger="purchase",
            hold_days=0,
            approval="above",
            approval_above=Decimal("6.00"),
        )
        self.advocates = [
            join_program(program, find_or_add_person(email), at=self.now) for email in ADVOCATES
        ]

    def _rule(self, name, effects, **values) -> None:
        rule = RewardRule(program=self.program, name=name, trigger="first_purchase")
        limit = {"per": "advocate", "period": "year", "measure": "amount", "most": str(PER_YEAR)}
        rule.limits = [limit]
        for field, value in values.items():
            setattr(rule, field, value)
        save_rule(rule, effects)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    @rule(days=st.integers(1, 40))
    def time_passes(self, days) -> None:
        self.now = min(self.now + timedelta(days=days), timezone.now() - timedelta(days=1))
        issue_due_rewards(at=self.now)
        expire_rewards(at=self.now)
        release_expired_holds(at=self.now)

    @rule(friend=st.sampled_from(FRIENDS), who=st.integers(0, 1))
    def claim(self, friend, who) -> None:
        with contextlib.suppress(ReferralsError):
            claim_offer(self.advocates[who], email=friend, at=self.now)

    @rule(
        target=purchases,
        friend=st.sampled_from(FRIENDS),
        who=st.integers(0, 1),
        amount=st.decimals("0.01", "300", places=2),
    )
    def buy(self, friend, who, amount):
        said = {
            "external_id": f"order-{self._number()}",
            "email": friend,
            "amount": amount,
            "currency": "EUR",
            "referral_code": self.advocates[who].display_code,
            "occurred_at": self.now,
        }
        record_event(self.program, "purchase", **said)
        return said

    @rule(
        said=purchases,
        part=st.sampled_from(["0.1", "0.5", "1"]),
        kind=st.sampled_from(["refund", "chargeback", "order.changed"]),
    )
    def money_goes_back(self, said, part, kind) -> None:
        with contextlib.suppress(ReferralsError):
            record_event(
                self.program,
                kind,
                external_id=f"back-{self._number()}",
                amount=round_money(said["amount"] * Decimal(part), "EUR"),
                currency="EUR",
                refund_of=said["external_id"],
                occurred_at=self.now,
            )

    @rule(said=purchases)
    def the_same_order_again(self, said) -> None:
        before = Reward.objects.count(), RewardEntry.objects.count()
        assert not record_event(self.program, "purchase", **said).created
        assert (Reward.objects.count(), RewardEntry.objects.count()) == before

    @rule(data=st.data())
    def staff_decide(self, data) -> None:
        rewards = list(Reward.objects.order_by("pk"))
        if not rewards:
            return
        reward = data.draw(st.sampled_from(rewards))
        verbs = {
            "approve": lambda: approve_rewards([reward], reason="fine", at=self.now),
            "hold": lambda: hold_rewards([reward], reason="look", at=self.now),
            "void": lambda: void_reward(reward, reason="wrong"),
        }
        with contextlib.suppress(ReferralsError):
            verbs[data.draw(st.sampled_from(sorted(verbs)))]()

    @rule(data=st.data(), total=st.decimals("1", "60", places=2), hold=st.booleans())
    def use_a_coupon(self, data, total, hold) -> None:
        coupons = list(Coupon.objects.order_by("pk"))
        if not coupons:
            return
        coupon = data.draw(st.sampled_from(coupons))
        order = f"own-{data.draw(st.integers(1, 3))}"
        values = {"email": coupon.holder.email if coupon.holder else "", "at": self.now}
        try:
            if hold:
                hold_coupon(coupon.display_code, order, **values)
            else:
                values |= {"order_id": order, "order_total": total, "currency": "EUR"}
                redeem_coupon(coupon.display_code, **values)
        except ReferralsError:
            pass

    @rule(data=st.data())
    def use_what_was_earned(self, data) -> None:
        """Straight to where it gets interesting: a reward that was given is used up."""
        issued = Reward.objects.filter(state=RewardState.ISSUED).exclude(coupon=None)
        rewards = list(issued.select_related("coupon", "person").order_by("pk"))
        if not rewards:
            return
        reward = data.draw(st.sampled_from(rewards))
        with contextlib.suppress(ReferralsError):
            redeem_coupon(
                reward.coupon.display_code,
                order_id=f"own-{self._number()}",
                email=reward.person.email,
                order_total=Decimal(60),
                currency="EUR",
                at=self.now,
            )

    @rule(data=st.data(), part=st.sampled_from(["0.5", "1"]))
    def send_back_what_earned_it(self, data, part) -> None:
        used = Reward.objects.filter(state=RewardState.REDEEMED, event__kind="purchase")
        rewards = list(used.select_related("event").order_by("pk"))
        if not rewards:
            return
        event = data.draw(st.sampled_from(rewards)).event
        left = (event.amount - event.refunded) * Decimal(part)
        record_event(
            self.program,
            "refund",
            external_id=f"back-{self._number()}",
            amount=round_money(left, "EUR"),
            currency="EUR",
            refund_of=event.external_id,
            occurred_at=self.now,
        )

    @rule(data=st.data())
    def give_a_use_back(self, data) -> None:
        uses = list(Redemption.objects.select_related("coupon").order_by("pk"))
        if not uses:
            return
        use = data.draw(st.sampled_from(uses))
        with contextlib.suppress(ReferralsError):
            roll_back_redemption(use.coupon.display_code, order_id=use.order_id, at=self.now)

    @rule(data=st.data(), days=st.integers(1, 60), again=st.booleans())
    def support_helps(self, data, days, again) -> None:
        coupons = list(Coupon.objects.order_by("pk"))
        if not coupons:
            return
        coupon = data.draw(st.sampled_from(coupons))
        try:
            if again:
                reissue_coupon(coupon, reason="lost", at=self.now)
            else:
                until = self.now + timedelta(days=days)
                extend_coupon(coupon, until, reason="was ill", at=self.now)
        except ReferralsError:
            pass

    @rule(friend=st.sampled_from([*FRIENDS, *ADVOCATES]))
    def somebody_wants_to_be_forgotten(self, friend) -> None:
        person = find_person(friend)
        if person is None:
            return
        erase_person(person, reason="asked for it")

    @rule(data=st.data(), who=st.integers(0, 1))
    def staff_repair(self, data, who) -> None:
        referrals = list(Referral.objects.order_by("pk"))
        if not referrals:
            return
        with contextlib.suppress(ReferralsError):
            repair_attribution(
                data.draw(st.sampled_from(referrals)), self.advocates[who], reason="was told"
            )

    @invariant()
    def a_reward_is_the_sum_of_its_entries(self) -> None:
        sums = RewardEntry.objects.values_list("reward").annotate(Sum("amount"), Sum("owed"))
        known = {pk: (_cents(amount), _cents(owed)) for pk, amount, owed in sums}
        for reward in Reward.objects.all():
            assert (reward.balance, reward.owed) == known[reward.pk], reward.state
            assert reward.state not in END_STATES or not reward.balance

    @invariant()
    def a_reward_goes_only_where_the_table_says(self) -> None:
        path: dict[int, str] = {}
        for reward, kind in RewardEntry.objects.order_by("pk").values_list("reward", "kind"):
            if kind not in RewardState.values:
                continue
            before = path.get(reward)
            assert before is None or kind in TRANSITIONS[RewardState(before)], (before, kind)
            path[reward] = kind
        for reward in Reward.objects.all():
            assert path.get(reward.pk, "pending") == reward.state

    @invariant()
    def counters_are_what_rewards_used(self) -> None:
        used: dict[str, Decimal] = defaultdict(Decimal)
        for reward in Reward.objects.exclude(state__in=END_STATES):
            for key, amount in reward.allowances.items():
                used[key] += Decimal(amount)
        for allowance in Allowance.objects.all():
            assert allowance.used == used.get(allowance.key, 0), allowance.key
            limit = BUDGET if allowance.key.startswith("program") else PER_YEAR
            assert allowance.used <= limit

    @invariant()
    def a_coupon_counts_its_uses(self) -> None:
        live = Counter(Redemption.objects.filter(live=True).values_list("coupon", flat=True))
        for coupon in Coupon.objects.exclude(max_uses=None):
            assert coupon.uses == live[coupon.pk] <= coupon.max_uses

    @invariant()
    def nobody_owes_more_than_they_had(self) -> None:
        for reward in Reward.objects.filter(owed__gt=0):
            # One that went wholly against an older debt was never given, and has no coupon.
            uses = Redemption.objects.filter(coupon__reward=reward, state=RedemptionState.REDEEMED)
            had = uses.aggregate(sum=Sum("discount"))["sum"] or Decimal(0)
            offset = reward.entries.filter(kind="offset").aggregate(sum=Sum("amount"))["sum"]
            assert reward.owed <= had - (offset or 0)

    @invariant()
    def an_order_that_was_sent_back_earns_nothing(self) -> None:
        whole = Reward.objects.filter(event__kind="purchase", event__refunded=F("event__amount"))
        assert not whole.filter(event__amount__gt=0).exclude(balance=0).exists()

    @invariant()
    def every_friend_who_bought_is_counted_once(self) -> None:
        for advocate in Advocate.objects.all():
            converted = advocate.referrals.filter(stage=Stage.CONVERTED).count()
            assert advocate.friends_converted == converted
            bought = Event.objects.filter(
                kind="purchase", referral__advocate=advocate, currency="EUR"
            )
            kept = sum((event.amount - event.refunded for event in bought), Decimal(0))
            assert advocate.friends_value == kept

    @invariant()
    def whoever_got_something_has_a_message(self) -> None:
        keys = set(Message.objects.values_list("key", flat=True))
        for reward in Reward.objects.filter(state=RewardState.ISSUED).exclude(award_key=None):
            assert any(key.endswith(f":{reward.award_key}") for key in keys), reward.award_key


def _cents(value) -> Decimal:
    return (value or Decimal(0)).quantize(CENT)


def _run(runs: int, **more) -> None:
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=runs,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


@pytest.mark.slow
def test_the_sums_are_right_whatever_happens(db):
    # The same runs every time, unless somebody asks for a number of them.
    _run(RUNS, print_blob=True, derandomize="REFERRALS_MACHINE_RUNS" not in os.environ)


@pytest.mark.slow
@pytest.mark.parametrize(
    "guard",
    [
        "rewards.ledger.give_back",
        "events.refunds.take_back_for_refund",
    ],
)
def test_the_machine_notices_a_guard_that_is_off(db, monkeypatch, guard):
    monkeypatch.setattr(f"wagtail_referrals.{guard}", lambda *args, **kwargs: [])
    with pytest.raises(AssertionError):
        _run(100, phases=[Phase.generate])
