"""The rule of the first paragraph: made in the admin by a browser, dry-run, then lived through."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.rewards.approve import approve_rewards
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.validation import check_rule
from wagtail_referrals.rewards.versions import save_rule

from .conftest import Visitor
from .two_years import Book, live
from .waiting import expect, follow

CREATE = "/admin/referrals/rules/create/"
SENTENCE = (
    "When a friend bought for the first time and the order is at least €30, the advocate gets "
    "€10 from friend number 1 on, €20 from friend number 4 on, as amount off and the friend "
    "gets 10% off; at most €200 a year per advocate; after 14 days; over €50 only with approval."
)


@pytest.fixture(autouse=True)
def for_any_order(program: Any) -> None:
    """What the friend gets after the purchase is for later ones."""
    Offer.objects.filter(pk=program.friend_offer_id).update(first_order_only=False)


class Maker:
    """Fills in the form; without JavaScript by the buttons that draw it anew."""

    def __init__(self, visitor: Visitor, javascript: bool) -> None:
        self.visitor, self.page, self.javascript = visitor, visitor.page, javascript

    def _field(self, name: str) -> Any:
        return self.page.locator(f"[data-referrals-rule] [name='{name}']:not([type=hidden])")

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self._field(name.replace("__", "-")).fill(value)

    def choose(self, then: str, **values: str) -> None:
        """Choose, and wait for the field that the choice brings."""
        for name, value in values.items():
            self._field(name.replace("__", "-")).select_option(value)
        if not self.javascript:
            follow(self.page.get_by_role("button", name="Update what is shown"))
        self._field(then).first.wait_for()

    def add(self, what: str, then: str) -> None:
        button = self.page.get_by_role("button", name=f"Add {what}")
        if not self.javascript:
            follow(button)
            return self._field(then).wait_for()
        button.click()
        expect(self._field(then)).to_be_focused()


def make_rule(visitor: Visitor, javascript: bool) -> None:
    """After a friend's first order over €30 the advocate gets €10, from the fourth friend on €20,
    at most €200 a year, after 14 days, over €50 only with approval; the friend gets 10 %."""
    visitor.open(CREATE)
    maker = Maker(visitor, javascript)
    maker.choose("advocate-what", trigger="first_purchase")
    maker.fill(name="Thank you for a friend")
    maker.add("condition", "conditions-0-part")
    maker.choose("conditions-0-options-at_least", conditions__0__part="order_amount")
    maker.fill(conditions__0__options__at_least="30", conditions__0__options__currency="EUR")
    maker.choose("advocate-options-steps", advocate__what="stepped")
    maker.fill(advocate__options__steps="1: 10\n4: 20")
    maker.choose("friend-offer", friend__what="offer")
    maker.add("limit", "limits-0-most")
    maker.fill(limits__0__most="200", hold_days="14")
    maker.choose("approval_above", approval="above")
    maker.fill(approval_above="50")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, True), (1280, False)])
def test_an_owner_makes_the_rule_and_sees_what_it_would_do(
    signed_in: Any, program: Any, width: int, javascript: bool
) -> None:
    owner = signed_in(width, javascript)
    page = owner.page
    name = "rule" if javascript else "rule-without-script"
    make_rule(owner, javascript)
    if not javascript:
        follow(page.get_by_role("button", name="Update what is shown"))
    page.get_by_text(SENTENCE).wait_for()
    owner.check(f"{name}-form", axe=javascript)
    follow(page.get_by_role("button", name="Dry run"))
    page.get_by_role("heading", name="Or think one up").wait_for()
    page.locator("[name=amount]").fill("45")
    page.locator("[name=friends_converted]").fill("4")
    follow(page.get_by_role("button", name="Ask the rules"))
    page.get_by_text("Would give €20 off to the advocate").wait_for()
    page.get_by_text("Would give 10% off to the friend").wait_for()
    owner.check(f"{name}-dry-run", axe=javascript)
    follow(page.get_by_role("button", name="Go on editing"))
    follow(page.get_by_role("button", name="Save and activate"))
    page.wait_for_url("**/rules/?program=*")
    assert page.get_by_text(SENTENCE).is_visible()
    owner.check(f"{name}-list", axe=javascript)
    assert RewardRule.objects.get(name="Thank you for a friend").state == "active"


def test_the_rule_made_in_the_browser_lives_two_years(signed_in: Any, program: Any) -> None:
    """Time is told, not slept; the sums are those of an independent book."""
    owner = signed_in(1280)
    make_rule(owner, javascript=True)
    follow(owner.page.get_by_role("button", name="Save and activate"))
    owner.page.wait_for_url("**/rules/?program=*")
    rule = RewardRule.objects.get(name="Thank you for a friend")
    RewardRule.objects.exclude(pk=rule.pk).update(state="archived")
    beside = make_rule_for_big_orders(program)
    start = timezone.now() - timedelta(days=2 * 366)
    Program.objects.update(starts_at=start)
    program.refresh_from_db()

    book = live(program, start)

    rewards = Reward.objects.filter(rule=rule)
    given = rewards.filter(beneficiary="advocate")
    worth = {reward.event.external_id: reward.balance for reward in given.select_related("event")}
    assert worth == {key: order["worth"] for key, order in book.orders.items() if order["granted"]}
    assert sum(worth.values()) > 500 and Decimal(20) in worth.values()
    per_year = given.values_list("person__email", "event__occurred_at__year")
    for email, year in set(per_year):
        total = given.filter(person__email=email, event__occurred_at__year=year)
        assert sum(reward.balance for reward in total) == book.used(email.split("@")[0], year)
        assert book.used(email.split("@")[0], year) <= 200
    assert any(book.used(who, year) == 200 for who in ("ann", "ben", "cleo") for year in years())
    for reward in given:
        assert sum(entry.amount for entry in reward.entries.all()) == reward.balance
    states = set(rewards.values_list("state", flat=True))
    assert states <= {"issued", "voided", "clawed_back", "pending"}
    coupons = rewards.filter(beneficiary="friend").exclude(state__in=["voided", "clawed_back"])
    assert coupons.count() == sum(order["gift"] for order in book.orders.values())
    check_that_much_is_approved(beside, book)


def make_rule_for_big_orders(program: Program) -> RewardRule:
    """The same by percentage, as the first rule never gives as much as needs approval."""
    rule = RewardRule(
        program=program,
        name="Thank you for a big order",
        trigger="purchase",
        conditions=[{"key": "order_amount", "options": {"at_least": "300", "currency": "EUR"}}],
        hold_days=14,
        approval="above",
        approval_above=Decimal(50),
    )
    effects = [
        RuleEffect(
            beneficiary="advocate",
            formula="percent",
            formula_options={"percent": "10", "cap": "80.00"},
            kind="fixed",
        )
    ]
    check_rule(rule, effects)
    return save_rule(rule, effects)


def check_that_much_is_approved(rule: RewardRule, book: Book) -> None:
    """Over €50 nothing was given, however long ago it was, until somebody approved it."""
    rewards = Reward.objects.filter(rule=rule).select_related("event")
    assert {reward.event.external_id: reward.balance for reward in rewards} == book.big
    held = rewards.filter(state="held")
    assert {reward.balance for reward in held} == {Decimal(60), Decimal(80)}
    assert {reward.balance for reward in rewards.exclude(state="held")} == {Decimal(40)}
    assert not held.filter(coupon__isnull=False).exists()

    approved = approve_rewards(held, reason="A big order, and paid.")
    assert {reward.state for reward in approved} == {"approved"}
    later = timezone.now() + timedelta(days=60)
    issue_due_rewards(at=later)
    assert set(rewards.values_list("state", flat=True)) == {"issued"}
    assert not rewards.filter(coupon__isnull=True).exists()
    for reward in approved:
        kinds = [entry.kind for entry in reward.entries.all()]
        assert kinds == ["granted", "held", "approved", "issued"]


def years() -> list[int]:
    this = timezone.now().year
    return [this - 2, this - 1, this]
