"""Codes of somebody else's: uploaded whole or not at all, each given once."""

from decimal import Decimal

import pytest

from tests.rewards.buying import LATER, buy, give_by, issue_all, refund
from wagtail_referrals.coupons.upload import BadCodes
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.rewards.fulfilment import fulfilments
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.pool_models import CodePool, PoolCode
from wagtail_referrals.rewards.pools import add_codes


@pytest.fixture
def pool(db):
    return CodePool.objects.create(name="Cinema", low_at=1)


def wrong_lines(pool, data):
    with pytest.raises(BadCodes) as refused:
        add_codes(pool, data if isinstance(data, bytes) else data.encode())
    assert refused.value.code == "invalid_codes"
    return {error.line: error.message for error in refused.value.errors}


def test_codes_are_uploaded_as_they_are_written(pool):
    assert add_codes(pool, "\ufeffAb-12\r\n  aB-12\r\nÄ/7\n\n".encode()) == 3
    assert set(pool.codes.values_list("code", flat=True)) == {"Ab-12", "aB-12", "Ä/7"}


def test_a_text_of_another_encoding_is_read(pool):
    assert add_codes(pool, "A1\nA2".encode("utf-16")) == 2


def test_every_line_that_has_to_be_mended_is_named_and_nothing_is_stored(pool):
    add_codes(pool, b"OLD-1")
    words = wrong_lines(pool, b"A1\n\nA2 B\nA1\n\xff\xfe\n" + b"x" * 121 + b"\nOK\nA\x001")
    assert words == {
        2: "The line is empty.",
        3: "There is a blank in the code.",
        4: "The same code as on line 1.",
        5: "This cannot be read: save the file as UTF-8.",
        6: "Longer than 120 characters.",
        8: "This cannot be read: save the file as UTF-8.",
    }
    assert wrong_lines(pool, "A1\nOLD-1\nA2") == {2: "The pool has this code already."}
    assert pool.codes.count() == 1


def test_100_000_lines_of_which_3_are_broken_leave_nothing_half_done(pool):
    lines = [f"CODE-{number:06}" for number in range(100_000)]
    lines[10], lines[50_000], lines[99_999] = "", "CODE-000001", "A B"
    assert sorted(wrong_lines(pool, "\n".join(lines))) == [11, 50_001, 100_000]
    assert not pool.codes.exists()


def test_100_000_codes_are_added_at_once(pool):
    assert add_codes(pool, "\n".join(f"CODE-{n:06}" for n in range(100_000)).encode()) == 100_000
    assert pool.codes.count() == 100_000


@pytest.mark.parametrize(("data", "line"), [("", 0), ("\n\n", 0), ("x\n" * 100_001, 0)])
def test_an_empty_file_or_one_that_is_too_long_is_refused(pool, data, line):
    assert list(wrong_lines(pool, data)) == [line]


def test_a_reward_brings_one_code_of_the_pool_by_mail(program, advocate, pool):
    add_codes(pool, b"A1\nA2\nA3")
    give_by(program, "pool", pool=pool.pk)
    buy(advocate)
    issue_all()
    reward = Reward.objects.get()
    code = PoolCode.objects.exclude(award_key=None).get()
    assert (reward.state, reward.given, reward.coupon) == ("issued", code.code, None)
    assert code.award_key == reward.award_key
    mail = compose(Message.objects.get(kind="reward_issued"))
    assert f"Code: {code.code}" in mail.body
    assert "Give the code when you pay" not in mail.body
    assert code.code in mail.alternatives[0][0]
    assert issue_all() == 0


def test_an_empty_pool_lets_rewards_wait_without_holding_others_up(program, advocate, pool):
    give_by(program, "pool", pool=pool.pk)
    waiting = buy(advocate, "1")
    give_by(program, "coupon")
    buy(advocate, "2")
    assert issue_all() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.given) == ("approved", "")
    add_codes(pool, b"A1\nA2")
    assert issue_all() == 0  # it has its turn again an hour later
    assert issue_all(LATER * 2) == 1
    waiting.refresh_from_db()
    assert waiting.given in ("A1", "A2")


def test_an_empty_pool_can_give_a_coupon_instead(program, advocate, pool):
    give_by(program, "pool", pool=pool.pk, when_empty="coupon")
    buy(advocate)
    issue_all()
    reward = Reward.objects.get()
    assert (reward.state, reward.given, reward.coupon.amount) == ("issued", "", Decimal("10.00"))


def test_a_pool_that_is_gone_lets_rewards_wait(program, advocate):
    give_by(program, "pool", pool=4711)
    buy(advocate)
    assert issue_all() == 0
    assert Reward.objects.get().state == "approved"


def test_the_owner_is_told_once_that_few_codes_are_left(program, advocate, pool):
    program.notify_email = "owner@example.org"
    program.save()
    add_codes(pool, b"A1\nA2\nA3")
    give_by(program, "pool", pool=pool.pk)
    told = Message.objects.filter(kind="pool_low")
    for order, mails in (("1", 0), ("2", 1), ("3", 1)):
        buy(advocate, order)
        issue_all()
        assert told.count() == mails
    mail = compose(told.get())
    assert (mail.to, mail.subject) == (["owner@example.org"], "Few codes are left: Cinema")
    add_codes(pool, b"B1\nB2\nB3")
    for order in "456":
        buy(advocate, order)
        issue_all()
    assert told.count() == 2


def test_a_code_that_was_handed_over_is_a_debt_once_the_order_comes_back(program, advocate, pool):
    add_codes(pool, b"A1\nA2")
    give_by(program, "pool", pool=pool.pk)
    buy(advocate)
    issue_all()
    refund()
    reward = Reward.objects.get()
    assert (reward.state, reward.balance, reward.owed) == ("clawed_back", 0, Decimal("10.00"))


def test_the_options_of_a_pool_are_checked(pool):
    way = fulfilments.get("pool")
    assert way.clean({"pool": str(pool.pk), "when_empty": "wait"}) == {
        "pool": pool.pk,
        "when_empty": "wait",
    }
    assert "Cinema" in way.describe({"pool": pool.pk})
    for wrong in ({}, {"pool": "4711", "when_empty": "wait"}):
        with pytest.raises(Exception, match="pool"):
            way.clean(wrong)
