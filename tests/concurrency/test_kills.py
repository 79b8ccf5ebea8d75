"""Workers that are killed in the middle of their work lose nothing, double nothing."""

import os
import random
from collections import Counter

import pytest

from tests.concurrency import day
from tests.concurrency.processes import next_word, start
from wagtail_referrals.events.models import Event
from wagtail_referrals.rewards.models import Reward, RewardState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NIGHTLY = os.environ.get("REFERRALS_NIGHTLY") == "1"
KILLS = 100 if NIGHTLY else 10
# A worker is killed this long after a word of it at the latest, in seconds.
LONGEST = 0.03


class Till:
    """Orders of one worker after the other: the next begins with what the last left open."""

    def __init__(self, first, work):
        self.work, self.open, self.done = work, first, set()
        self.start()

    def start(self):
        self.worker = start(self.work, range(self.open, 10**6, 2))

    def kill(self, words, moment):
        """End it so much later than it said so many words; what it was about."""
        said = [next_word(self.worker) for _ in range(words)]
        self.worker.process.join(moment)
        return self.note(said + self.worker.kill())

    def finish(self):
        """One more worker, which is left in peace."""
        self.note(start(self.work, range(self.open, self.open + 4, 2)).finish())

    def note(self, words):
        """What was said last."""
        if not words:
            return "nothing"
        self.done |= {number for what, number, _at in words if what == "done"}
        what, self.open, _at = words[-1]
        return what


def kill_again_and_again(work, kills, count=2, is_enough=lambda: False):
    """The workers, and what how many of them were about when they were killed."""
    chance, about = random.Random(kills), Counter()
    tills = [Till(first, work) for first in range(count)]
    for _ in range(kills):
        till = chance.choice(tills)
        about[till.kill(chance.randint(1, 12), chance.uniform(0, LONGEST))] += 1
        if is_enough():
            break
        till.start()
    for till in tills:
        till.note(till.worker.kill())
    return tills, about


def test_workers_killed_in_the_middle_lose_and_double_nothing(program):
    day.open_shop(program)
    tills, about = kill_again_and_again(day.work, KILLS)
    for till in tills:
        till.finish()
    day.give_what_is_left()
    done = set().union(*[till.done for till in tills])
    assert not day.damage(done)
    assert not Reward.objects.exclude(state__in=[RewardState.ISSUED, RewardState.REDEEMED]).exists()
    orders = Event.objects.filter(kind="purchase").count()
    assert orders >= len(done) > 0
    assert about.total() - about["done"] > KILLS / 2
    print(f"{orders} orders; killed when they were about: {dict(about)}")


def test_without_transactions_workers_that_are_killed_leave_work_half_done(program):
    day.open_shop(program, budget=None)
    # One at a time: what another one has in hand would look like damage, and is none.
    kill_again_and_again(day.without_transactions, 200, 1, lambda: day.damage([]))
    assert day.damage([])
