"""Every decision is told in words: all of it to staff, the customer's part to the customer."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

import wagtail_referrals
from wagtail_referrals.events.models import Event
from wagtail_referrals.programs.models import Program
from wagtail_referrals.rewards.conditions import conditions
from wagtail_referrals.rewards.models import Decision
from wagtail_referrals.rewards.rule_models import RewardRule
from wagtail_referrals.rewards.words import FOR_CUSTOMER, FOR_STAFF, for_customer, for_staff

DETAILS: dict[str, dict[str, Any]] = {
    "condition": {
        "key": "order_amount",
        "options": {"at_least": "30.00", "currency": "EUR"},
        "found": "€5",
    },
    "limit": {"limit": "rule:3:advocate:17:amount:year:2026", "most": "200.00", "personal": True},
    "budget": {"limit": "program:1:amount", "most": "500.00", "personal": False},
    "exclusive": {"rule": "Summer"},
    "too_early": {"starts_at": "2026-05-01T00:00:00+00:00"},
    "too_late": {"ends_at": "2026-05-01T00:00:00+00:00"},
    "part_missing": {"part": "moon_phase"},
    "wrong_currency": {"limit": "program:1:amount", "currency": "CHF"},
}
SAID = {
    "condition": "Not met: the order is at least €30. Found: €5.",
    "limit": "At most €200 a year per advocate: used up.",
    "budget": "The program's budget of €500 was used up.",
    "exclusive": "Of its exclusive group, “Summer” granted instead.",
    "too_early": "The rule began later, on May 1, 2026, midnight.",
    "too_late": "The rule had ended on May 1, 2026, midnight.",
    "part_missing": "The rule uses “moon_phase”, which this site no longer has.",
    "not_triggered": "The rule waits for something else: a friend bought for the first time.",
    "wrong_currency": "It would be in CHF, and the program's budget counts EUR only.",
}


def codes() -> set[str]:
    """Every reason that the answers, the engine and the attribution can give."""
    package = Path(wagtail_referrals.__file__).parent
    files = [package / "rewards/answers.py", package / "rewards/engine.py"]
    files += [*(package / "events").glob("*.py"), package / "referrals/refer.py"]
    found = {"budget", "limit"}  # a limit names its own
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            found |= _codes_of(node)
    return found - {"not_possible"}  # what staff hear who repair


def _codes_of(node: ast.AST) -> set[str]:
    first: ast.expr | None = None
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        [first, *rest] = node.value.elts
        if not (rest and isinstance(rest[-1], ast.Dict)):
            # _attribute gives (None, "outside_window") at the end of a condition.
            first = None
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0] if name in ("refuse", "ClaimRefused") and node.args else None
    return {first.value} if isinstance(first, ast.Constant) else set()


@pytest.fixture
def decision(program: Program) -> Decision:
    """A refusal by the rule about first purchases."""
    rule = RewardRule.objects.select_related("program").get(trigger="first_purchase")
    event = Event(program=program, kind="purchase", external_id="1001")
    return Decision(rule=rule, event=event, beneficiary="advocate", granted=False)


def test_every_reason_there_is_has_words_for_both(decision: Decision) -> None:
    assert codes() >= {"closed", "blocked", "not_triggered", "exclusive", "self_referral"}
    for decision.reason in codes() | {"outside_window", "already_referred"}:
        decision.details = DETAILS.get(decision.reason, {})
        for decision.beneficiary in ("advocate", "friend", "hand_on"):
            for sentence in (for_staff(decision), for_customer(decision)):
                assert sentence.endswith(".") and decision.reason != sentence
                assert "%(" not in sentence


@pytest.mark.parametrize("reason", SAID)
def test_staff_read_what_was_asked_and_what_was_found(decision: Decision, reason: str) -> None:
    decision.reason, decision.details = reason, DETAILS.get(reason, {})
    assert for_staff(decision) == SAID[reason]


def test_a_customer_reads_nothing_of_checks_or_of_others(decision: Decision) -> None:
    suspicious = ("fraud", "abuse", "risk", "block", "suspic", "flag", "check")
    for sentence in map(str, FOR_CUSTOMER.values()):
        assert not [word for word in suspicious if word in sentence.lower()]
    decision.reason, decision.details = "condition", DETAILS["condition"]
    assert for_customer(decision) == "Not everything the offer asks for was met."
    decision.beneficiary = "friend"
    assert for_customer(decision) == "The order was not of the amount this offer is for."
    decision.reason = "already_customer"
    assert "new here" in for_customer(decision)
    decision.beneficiary = "advocate"
    assert "new here" not in for_customer(decision)


def test_a_limit_is_the_customer_s_only_when_it_is_theirs(decision: Decision) -> None:
    decision.reason, decision.details = "limit", DETAILS["limit"]
    assert "one person" in for_customer(decision)
    decision.details = {**decision.details, "limit": "rule:3:rule::count:month:2026-05"}
    assert "as often as it could be" in for_customer(decision)
    assert for_staff(decision) == "At most 200 rewards a month in all: used up."


def test_each_condition_s_refusal_can_be_told(decision: Decision) -> None:
    decision.reason = "condition"
    for key in conditions.all():
        # Options of an older version of the part are no reason for an error.
        decision.details = {"key": key, "options": {}, "found": ""}
        assert for_staff(decision).endswith(".") and for_customer(decision).endswith(".")


def test_details_of_any_age_are_survived(decision: Decision) -> None:
    for decision.reason in (*SAID, *FOR_STAFF, "a site's own"):
        decision.details = {}
        assert for_staff(decision) and for_customer(decision)


def test_what_was_granted_says_so(decision: Decision) -> None:
    decision.granted = True
    assert for_staff(decision) == "Granted."
    assert for_customer(decision) == "You got the reward for this."


def test_it_is_told_in_the_reader_s_formats(decision: Decision) -> None:
    decision.reason, decision.details = "limit", DETAILS["limit"]
    with translation.override("de"):
        assert "200" in for_staff(decision) and "€200" not in for_staff(decision)
