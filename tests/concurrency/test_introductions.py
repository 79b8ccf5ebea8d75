"""Many at once: one introduction, one move, one win and one commission, one reminder."""

from copy import copy
from functools import partial

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from tests.partners.meeting import introduced, make_partner, told
from wagtail_referrals.messages import to_staff
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners import introductions
from wagtail_referrals.partners.introduction_models import Introduction, IntroductionEntry
from wagtail_referrals.partners.introduction_reminders import remind_of_steps
from wagtail_referrals.partners.introductions import introduce
from wagtail_referrals.partners.stages import change_introduction, move
from wagtail_referrals.people.models import Consent
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 16


@pytest.fixture
def partner(program):
    return make_partner(program)


@pytest.fixture
def commission(program):
    rule = RewardRule(program=program, name="Commission", trigger="introduction.won")
    effect = RuleEffect(
        beneficiary="advocate", formula="percent", formula_options={"percent": "10"}
    )
    return save_rule(rule, [effect])


def introduce_many(program, partner, monkeypatch):
    join_program(program, find_or_add_person("ann@example.org"))
    # With her name: noting it would make the others wait for the row.
    find_or_add_person("dora@example.org", name="Dora Keen")
    meeting = Meeting(TIMES)
    monkeypatch.setattr(introductions, "grade_of", meeting.before(introductions.grade_of))
    one = partial(introduce, program, told(), giver_email="ann@example.org", to=partner)
    return race([one] * TIMES)


def test_an_introduction_that_16_send_at_once_is_one(program, partner, monkeypatch):
    results = introduce_many(program, partner, monkeypatch)
    assert not refusals(results)
    assert sum(result.created for result in results) == 1
    assert len({result.introduction.pk for result in results}) == 1
    assert IntroductionEntry.objects.count() == Consent.objects.count() == 1
    assert Message.objects.filter(kind="introduction_received").count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_it_is_many(program, partner, monkeypatch):
    with without_unique(Introduction, "open_key"):
        introduce_many(program, partner, monkeypatch)
        assert Introduction.objects.count() > 1


def test_of_16_moves_at_once_one_is_made(program, partner):
    introduction = introduced(program, partner)
    stages = ["accepted", "contacted", "meeting", "offer"] * (TIMES // 4)
    results = race([partial(move, copy(introduction), stage) for stage in stages])
    assert refusals(results) == {"edited_meanwhile": TIMES - 1}
    (moved,) = successes(results)
    assert Introduction.objects.get().stage == moved.stage
    assert IntroductionEntry.objects.filter(kind="stage").count() == 2


def test_a_win_that_16_report_at_once_is_one_commission(program, partner, commission):
    introduction = introduced(program, partner)
    results = race([partial(move, copy(introduction), "won", amount="100")] * TIMES)
    assert refusals(results) == {"edited_meanwhile": TIMES - 1}
    assert Reward.objects.filter(rule=commission).count() == 1


def test_a_win_taken_back_16_times_at_once_ends_its_commission_once(program, partner, commission):
    won = move(introduced(program, partner), "won", amount="100")
    back = partial(move, copy(won), "offer", reason="Not signed")
    results = race([back] * TIMES)
    assert refusals(results) == {"edited_meanwhile": TIMES - 1}
    reward = Reward.objects.get(rule=commission)
    assert (reward.state, reward.entries.filter(kind="voided").count()) == ("voided", 1)


def test_16_who_open_one_of_two_again_leave_one_open(program, partner):
    first = move(introduced(program, partner), "lost", reason="x")
    second = move(introduced(program, partner), "lost", reason="x")
    results = race(
        [partial(move, copy(one), "accepted", reason="y") for one in (first, second)] * (TIMES // 2)
    )
    assert len(successes(results)) == 1
    assert set(refusals(results)) <= {"not_possible", "edited_meanwhile"}
    assert Introduction.objects.filter(stage="accepted").count() == 1


def test_16_due_jobs_at_once_remind_once(program, partner, monkeypatch, admin_user):
    introduction = introduced(program, partner)
    today = timezone.localdate()
    change_introduction(
        introduction, owner=admin_user, next_step="Call", next_step_on=today, grade="B"
    )
    meeting = Meeting(TIMES, inside_transaction=False)
    monkeypatch.setattr(to_staff, "_tell", meeting.before(to_staff._tell))
    results = race([remind_of_steps] * TIMES)
    assert not refusals(results)
    assert sum(results) == 1
    assert Message.objects.filter(kind="introductions_due").count() == 1
