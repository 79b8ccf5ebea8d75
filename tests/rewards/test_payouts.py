"""What people pay or hand over: on one list each, paid once, and never forgotten."""

from decimal import Decimal

import pytest

from tests.rewards.buying import buy, give_by, issue_all, kinds, refund
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.payout_models import Payout, PayoutRun
from wagtail_referrals.rewards.payouts import BadAnswers, answer_payouts, export_payouts


@pytest.fixture
def due(program, advocate):
    """Three payouts of €10."""
    give_by(program, "", kind="cash")
    for number in range(3):
        buy(advocate, str(number))
    issue_all()
    return list(Payout.objects.order_by("pk"))


def export():
    return export_payouts(Payout.objects.all())


def answer(*lines):
    heads = ("number", "result", "reference", "problem", "list")
    return answer_payouts(
        (number, dict(zip(heads, line, strict=False))) for number, line in enumerate(lines, start=2)
    )


def wrong_lines(*lines):
    before = states()
    with pytest.raises(BadAnswers) as refused:
        answer(*lines)
    assert refused.value.code == "invalid_answers"
    assert states() == before
    return {error.line: error.message for error in refused.value.errors}


def states():
    return list(Payout.objects.order_by("pk").values_list("state", flat=True))


def test_cash_is_due_once_it_is_issued_and_its_mail_says_that_it_comes(due):
    assert {(p.state, p.amount, p.currency) for p in due} == {("due", Decimal("10.00"), "EUR")}
    mail = compose(Message.objects.filter(kind="reward_issued")[0])
    assert "We will send it to you" in mail.body
    assert "Code:" not in mail.body


def test_what_is_due_is_on_one_list_only(due):
    run = export()
    assert states() == ["exported"] * 3
    assert export() is None
    assert PayoutRun.objects.get() == run


def test_a_list_says_what_the_reward_is_worth_when_it_is_made(due):
    refund("0", "25.00")
    export()
    assert Payout.objects.get(pk=due[0].pk).amount == Decimal("5.00")


def test_what_is_paid_without_a_list_is_what_the_reward_is_worth_by_then(due):
    refund("0", "25.00")
    answer((due[0].number, "paid"))
    payout = Payout.objects.select_related("reward").get(pk=due[0].pk)
    assert (payout.amount, payout.reward.owed) == (Decimal("5.00"), 0)


def test_an_answer_marks_as_paid_and_puts_back_what_failed(due):
    export()
    first, second, third = due
    done = answer((first.number, "paid", "SEPA 1"), (second.number, "Failed", "", "no account"))
    assert [(line, payout.pk) for line, payout in done.paid] == [(2, first.pk)]
    assert [(line, payout.pk) for line, payout in done.failed] == [(3, second.pk)]
    assert states() == ["paid", "due", "exported"]
    second.refresh_from_db()
    assert second.problem == "no account"
    assert Reward.objects.get(payout=first).state == "redeemed"
    assert Reward.objects.get(payout=second).state == "issued"
    assert export() is not None
    assert states() == ["paid", "exported", "exported"]


def test_who_was_paid_hears_of_it_once_and_of_what_was_paid(due):
    refund("0", "25.00")
    export()
    for _again in range(2):
        answer((due[0].number, "paid", "SEPA 1"), (due[1].number, "failed"))
    mail = compose(Message.objects.get(kind="reward_paid"))
    assert mail.subject == "On its way: €5"
    assert "Your reward is on its way to you: €5." in mail.body


def test_who_lost_the_reward_meanwhile_does_not_hear_of_its_payment(due):
    export()
    refund("0")
    answer((due[0].number, "paid"))
    assert not Message.objects.filter(kind="reward_paid").exists()


def test_a_donation_is_not_on_its_way_to_anybody(program, advocate):
    give_by(program, "", kind="donation")
    buy(advocate)
    issue_all()
    answer((Payout.objects.get().number, "paid"))
    mail = compose(Message.objects.get(kind="reward_paid"))
    assert mail.subject == "The donation is made: €10"
    assert "on its way" not in mail.body


def test_the_same_answer_again_pays_nothing_twice(due):
    export()
    line = (due[0].number, "paid", "SEPA 1")
    answer(line)
    again = answer(line)
    assert (again.paid, len(again.known)) == ([], 1)
    assert kinds(due[0].reward).count("redeemed") == 1


def test_an_old_failure_takes_nothing_off_a_newer_list(due):
    first = export()
    failed = (due[0].number, "failed", "", "no account", str(first.pk))
    answer(failed)
    second = export()
    assert len(answer(failed).known) == 1
    assert Payout.objects.get(pk=due[0].pk).run == second
    # What was exported before it was on any list is older, too.
    assert answer((*failed[:4], "")).known
    assert answer((*failed[:4], str(second.pk))).failed
    assert list(wrong_lines((*failed[:4], "the first"))) == [2]


def test_numbers_are_read_as_people_type_them(due):
    export()
    typed = due[0].number.lower().replace("-", " ").removeprefix("p ")
    assert answer((typed, "PAID")).paid


def test_every_line_of_an_answer_that_has_to_be_mended_is_named_and_nothing_is_done(due):
    export()
    first, second, third = due
    unknown = Payout().number
    answer((third.number, "paid", "SEPA 1"))
    words = wrong_lines(
        (first.number, "paid"),
        ("P-1234", "paid"),
        (first.number, "failed"),
        (second.number, "perhaps"),
    )
    assert words == {
        3: "“P-1234” is no number of a payout.",
        4: "The same payout as on line 2.",
        5: "The result is “paid” or “failed”, not “perhaps”.",
    }
    words = wrong_lines(
        (first.number, "paid"),
        (unknown, "paid"),
        (third.number, "failed"),
    )
    assert words == {
        3: "There is no payout of this number.",
        4: "This payout was reported as paid before.",
    }
    assert wrong_lines((third.number, "paid", "SEPA 2")) == {
        2: "This payout was paid before, by “SEPA 1”."
    }


def test_an_answer_that_says_nothing_is_refused(due):
    export()
    assert list(wrong_lines()) == [0]
    assert list(wrong_lines((due[0].number, ""))) == [0]


def test_what_is_taken_back_before_the_list_is_never_paid(due):
    refund("0")
    assert states() == ["cancelled", "due", "due"]
    export()
    assert wrong_lines((due[0].number, "paid"))[2].startswith("This payout was cancelled")
    assert Reward.objects.get(payout=due[0]).owed == 0


def test_what_was_on_a_list_when_the_order_came_back_is_a_debt_if_it_was_paid(due):
    export()
    refund("0")
    refund("1")
    assert states() == ["exported"] * 3
    answer((due[0].number, "paid"), (due[1].number, "failed"))
    assert states() == ["paid", "cancelled", "exported"]
    paid, failed = (Reward.objects.get(payout=payout) for payout in due[:2])
    assert (paid.state, paid.owed) == ("clawed_back", Decimal("10.00"))
    assert (failed.state, failed.owed) == ("clawed_back", 0)


def test_refunds_around_a_payout_add_up_to_what_was_paid(due):
    refund("0", "10.00")
    export()
    refund("0", "15.00")
    answer((due[0].number, "paid"))
    reward = Reward.objects.get(payout=due[0])
    assert (reward.state, reward.balance, reward.owed) == (
        "redeemed",
        Decimal("5.00"),
        Decimal("3.00"),
    )
    refund("0", "25.00")
    reward.refresh_from_db()
    assert (reward.state, reward.owed) == ("clawed_back", Decimal("8.00"))
