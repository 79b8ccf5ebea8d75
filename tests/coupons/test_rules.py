"""Rules of use: who, on what, together with what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from wagtail_referrals.api import (
    CouponRefused,
    InvalidInput,
    hold_coupon,
    quote_coupon,
    redeem_coupon,
    roll_back_redemption,
)
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.programs.offers import Offer

EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}
BEANS = [
    {"sku": "bag-250", "amount": Decimal("20.00")},
    {"sku": "mug", "amount": Decimal("30.00")},
]


def make(program, *, max_uses=None, **terms):
    terms = Offer(**{"kind": "percent", "amount": Decimal(10), **terms})
    return issue_coupon(program, terms, amount=terms.amount, max_uses=max_uses)


def redeem(coupon, order_id="1001", **values):
    return redeem_coupon(coupon.display_code, order_id=order_id, **{**EUR, **values})


def answers(coupon, order_id="1001", **values):
    """What quoting and redeeming say; they say the same."""
    quote = quote_coupon(coupon.display_code, **{**EUR, **values})
    try:
        redeem(coupon, order_id, **values)
        said = ""
    except CouponRefused as refused:
        said = refused.code
    assert quote.reason == said
    return said


@pytest.mark.parametrize("limit", [1, 3])
def test_a_person_uses_a_coupon_as_often_as_one_may_however_they_spell_themselves(program, limit):
    coupon = make(program, max_uses_per_person=limit)
    for number in range(limit):
        assert not answers(coupon, str(number), email=f"a.nn+{number}@gmail.com")
    assert answers(coupon, "more", email="ANN@googlemail.com") == "limit_reached"
    assert not answers(coupon, "other", email="bo@example.org")


def test_a_use_that_was_given_back_is_the_person_s_again(program):
    coupon = make(program, max_uses_per_person=1)
    redeem(coupon, "1", email="ann@example.org")
    roll_back_redemption(coupon.display_code, order_id="1")
    assert not answers(coupon, "2", email="ann@example.org")


@pytest.mark.parametrize("rule", [{"max_uses_per_person": 1}, {"new_customers_only": True}])
def test_a_rule_about_people_is_not_slipped_past_without_an_address(program, rule):
    assert answers(make(program, **rule)) == "email_needed"


def test_a_coupon_for_new_customers_is_for_who_had_not_bought_before_it_was_issued(program):
    old, new = find_or_add_person("old@example.org"), find_or_add_person("new@example.org")
    became_customer(old, timezone.now() - timedelta(days=1))
    coupon = make(program, new_customers_only=True)
    became_customer(new, timezone.now())
    assert answers(coupon, "1", email="old@example.org") == "already_customer"
    assert not answers(coupon, "2", email="new@example.org")
    assert not answers(coupon, "3", email="unheard-of@example.org")


@pytest.mark.parametrize(
    ("terms", "items", "discount"),
    [
        ({}, BEANS, "5.00"),
        ({"products": ["bag-250"]}, BEANS, "2.00"),
        ({"products": ["mug", "bag-250"]}, BEANS, "5.00"),
        ({"products": ["mug"]}, BEANS * 3, "5.00"),
        (
            {"products": ["bag-250"], "kind": "fixed", "amount": Decimal(35), "currency": "EUR"},
            BEANS,
            "20.00",
        ),
        ({"products": ["bag-250"], "kind": "free_item", "item": "a mug"}, BEANS, "0.00"),
    ],
)
def test_a_discount_is_taken_off_the_products_it_is_for(program, terms, items, discount):
    coupon = make(program, **terms)
    quote = quote_coupon(coupon.display_code, **EUR, items=items)
    assert quote.valid
    assert quote.discount == redeem(coupon, items=items).discount == Decimal(discount)


def test_a_coupon_on_products_asks_what_the_order_holds(program):
    coupon = make(program, products=["tea"])
    assert answers(coupon) == "items_needed"
    assert answers(coupon, items=BEANS) == "wrong_products"


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([{"sku": "mug"}], "invalid_items"),
        ([{"amount": 1}], "invalid_items"),
        (["mug"], "invalid_items"),
        ([None], "invalid_items"),
        (5, "invalid_items"),
        ([{"sku": "mug", "amount": "much"}], "invalid_amount"),
        ([{"sku": "mug", "amount": Decimal(-1)}], "invalid_amount"),
    ],
)
def test_items_that_are_none_are_refused(program, items, code):
    coupon = make(program)
    assert quote_coupon(coupon.display_code, **EUR, items=items).reason == code
    with pytest.raises(InvalidInput) as refused:
        redeem(coupon, items=items)
    assert refused.value.code == code


def test_a_coupon_that_wants_to_be_alone_is_refused_beside_another(program):
    alone, sociable = make(program, combinable=False), make(program)
    assert answers(alone, other_codes=[sociable.display_code]) == "not_combinable"
    assert answers(sociable, other_codes=[alone.display_code]) == "not_combinable"
    assert not answers(alone, "2", other_codes=[alone.display_code.lower(), "", " "])
    assert not answers(sociable, "3", other_codes=["nonsense"])


def test_a_coupon_that_wants_to_be_alone_is_refused_where_another_was_used(program):
    alone = make(program, combinable=False)
    redeem(make(program), "A1")
    with pytest.raises(CouponRefused) as refused:
        redeem(alone, "A1")
    assert refused.value.code == "not_combinable"
    assert redeem(alone, "a1")


def test_nor_is_another_used_after_it(program):
    alone, sociable = make(program, combinable=False), make(program)
    redeem(alone, "A1")
    with pytest.raises(CouponRefused) as refused:
        redeem(sociable, "A1")
    assert refused.value.code == "not_combinable"
    assert redeem(sociable, "a1")
    roll_back_redemption(alone.display_code, order_id="A1")
    assert redeem(sociable, "A1")


def test_what_was_held_long_enough_keeps_no_other_coupon_away(program):
    alone, sociable = make(program, combinable=False), make(program)
    hold_coupon(alone.display_code, "A1", 10)
    with pytest.raises(CouponRefused):
        redeem(sociable, "A1")
    assert redeem(sociable, "A1", at=timezone.now() + timedelta(minutes=11))


def test_rules_are_said_as_conditions(program):
    coupon = make(
        program,
        new_customers_only=True,
        max_uses_per_person=2,
        products=["mug"],
        combinable=False,
    )
    assert coupon.conditions == [
        "For new customers",
        "2 times for each person",
        "On certain products",
        "Not together with other coupons",
    ]


def test_a_hold_asks_what_depends_on_the_order_when_it_is_known(program):
    coupon = make(program, products=["mug"], minimum_order=Decimal(60), currency="EUR")
    assert hold_coupon(coupon.display_code, "1")
    for order, reason in (
        ({}, "minimum_not_met"),
        ({"order_total": Decimal(60)}, "items_needed"),
        ({"order_total": Decimal(60), "currency": "USD"}, "wrong_currency"),
    ):
        with pytest.raises(CouponRefused) as refused:
            hold_coupon(coupon.display_code, "2", **{**EUR, **order})
        assert refused.value.code == reason
