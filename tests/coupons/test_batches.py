"""Batches: many codes at once, made here or brought along."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from wagtail_referrals.api import CouponRefused, quote_coupon, redeem_coupon
from wagtail_referrals.coupons.batches import (
    delete_batch,
    finish_batches,
    make_codes,
    void_batch,
)
from wagtail_referrals.coupons.issue import void_coupon
from wagtail_referrals.coupons.models import Coupon, CouponBatch, CouponEntry
from wagtail_referrals.coupons.patterns import pattern_of
from wagtail_referrals.coupons.upload import BadCodes, read_codes, upload_codes
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.programs.offers import TERMS_FIELDS

EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}


def make_batch(program, **values):
    values = {"name": "Spring", "kind": "percent", "amount": Decimal(10), "wanted": 25, **values}
    batch = CouponBatch(program=program, **values)
    batch.full_clean()
    batch.save()
    return batch


def test_slices_make_as_many_codes_as_are_wanted(program):
    batch = make_batch(program)
    assert [make_codes(batch, 10) for _ in range(4)] == [10, 10, 5, 0]
    batch.refresh_from_db()
    assert (batch.made, batch.state, batch.coupons.count()) == (25, "ready", 25)
    assert batch.progress == 100


def test_a_code_of_a_batch_has_the_batch_s_terms_and_can_be_used(program):
    batch = make_batch(
        program,
        kind="fixed",
        amount=Decimal("7.50"),
        currency="EUR",
        products=["mug"],
        max_uses_per_person=1,
        combinable=False,
        minimum_order=Decimal(20),
        wording="A spring greeting",
        pattern="spring-####-####-####",
        expires_at=timezone.now() + timedelta(days=9),
        max_uses=3,
        wanted=2,
    )
    make_codes(batch)
    coupon = batch.coupons.first()
    for name in (*TERMS_FIELDS, "program", "valid_from", "expires_at", "max_uses"):
        assert getattr(coupon, name) == getattr(batch, name), name
    assert (coupon.state, coupon.uses, coupon.holder) == ("active", 0, None)
    assert coupon.display_code.startswith("SPRING-") and len(coupon.display_code) == 21
    for typed in (coupon.display_code, coupon.display_code.lower().replace("-", " ")):
        quote = quote_coupon(
            typed, email="ann@example.org", items=[{"sku": "mug", "amount": 9}], **EUR
        )
        assert (quote.valid, quote.discount) == (True, Decimal("7.50"))


def test_what_was_begun_is_finished_the_oldest_first(program):
    first, second = make_batch(program), make_batch(program, name="Summer")
    make_codes(first, 20)
    assert finish_batches(most=10) == 10
    assert [batch.coupons.count() for batch in (first, second)] == [25, 5]
    assert finish_batches() == 20
    assert finish_batches() == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pattern": "SPRING-####-####"}, "pattern"),
        ({"pattern": "####-####-##"}, "pattern"),
        ({"pattern": "####-####-####-X"}, "pattern"),
        ({"pattern": "ÄPFEL-####-####-####"}, "pattern"),
        ({"pattern": "100%-####-####-####"}, "pattern"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "#" * 33}, "pattern"),
        ({"kind": "prize", "item": "a mug", "amount": None, "pattern": "####"}, "pattern"),
        ({"amount": Decimal(101)}, "amount"),
        ({"kind": "fixed", "currency": ""}, "currency"),
        ({"wanted": 0}, "wanted"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
        ({"max_uses_per_person": 0}, "max_uses_per_person"),
    ],
)
def test_what_makes_no_sense_is_said_by_its_field(program, values, field):
    with pytest.raises(ValidationError) as refused:
        make_batch(program, **values)
    assert list(refused.value.error_dict) == [field]


def test_codes_worth_no_money_may_be_shorter(program):
    values = {"kind": "prize", "item": "a mug", "amount": None, "wanted": 100}
    assert make_batch(program, pattern="####-###", **values)


def test_a_prefix_and_a_length_are_a_pattern():
    assert pattern_of("SPRING", 11) == "SPRING-####-####-###"
    assert pattern_of("", 12) == "####-####-####"


def test_a_void_batch_has_no_code_that_can_be_used_and_makes_no_more(program, admin_user):
    batch = make_batch(program)
    make_codes(batch, 10)
    assert void_batch(batch, reason="Printed wrong", user=admin_user) == 10
    assert make_codes(batch) == 0
    assert quote_coupon(batch.coupons.first().display_code, **EUR).reason == "void"
    entry = CouponEntry.objects.get()
    assert (entry.batch, entry.reason, entry.user) == (batch, "Printed wrong", admin_user)
    with pytest.raises(ReferralsError) as refused:
        void_batch(batch, reason="Again")
    assert refused.value.code == "not_possible"


def test_a_batch_is_deleted_as_long_as_nothing_happened_to_it(program):
    unused, used, touched = (make_batch(program, wanted=2) for _ in range(3))
    for batch in (unused, used, touched):
        make_codes(batch)
    redeem_coupon(used.coupons.first().display_code, order_id="1", **EUR)
    void_coupon(touched.coupons.first(), reason="lost")
    for batch in (used, touched):
        with pytest.raises(ReferralsError):
            delete_batch(batch)
    delete_batch(unused)
    assert Coupon.objects.count() == 4
    assert set(CouponBatch.objects.all()) == {used, touched}


def unsaved(program):
    return CouponBatch(program=program, name="Ours", kind="percent", amount=Decimal(10))


def test_codes_brought_along_keep_their_looks_and_are_found_in_any_spelling(program):
    data = "code;note\nSummer-25;poster\nÄPFEL_20%;radio\n7K2MQ4XW9T3C\n\n".encode("utf-8-sig")
    batch = upload_codes(unsaved(program), data)
    assert (batch.made, batch.state, batch.source) == (3, "ready", "uploaded")
    assert {str(coupon) for coupon in batch.coupons.all()} == {
        "Summer-25",
        "ÄPFEL_20%",
        "7K2MQ4XW9T3C",
    }
    for typed in ("SUMMER25", "summer 25", "äpfel_20%", "7k2m-q4xw-9t3c"):
        assert quote_coupon(typed, **EUR).valid, typed


def test_100_000_lines_of_which_3_are_broken_name_those_3_and_store_nothing(program):
    lines = [f"OLD-{number:06}" for number in range(100_000)]
    lines[17], lines[50_000], lines[99_999] = "", "old 000005", "X" * 65
    with pytest.raises(BadCodes) as refused:
        upload_codes(unsaved(program), "\n".join(lines).encode())
    assert [error.line for error in refused.value.errors] == [18, 50_001, 100_000]
    assert not CouponBatch.objects.exists() and not Coupon.objects.exists()


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (b"", [(0, "There is no code in it.")]),
        (b"code\n\n", [(0, "There is no code in it.")]),
        (b"A1\n\xff\xfe\x00\nA2", [(2, "This cannot be read: save the file as UTF-8.")]),
        (b"A1\nA\x002\n", [(2, "This cannot be read: save the file as UTF-8.")]),
        (b"A1\n\nB2", [(2, "The line is empty.")]),
        (b"A1\na-1\nAl", [(2, "The same code as on line 1."), (3, "The same code as on line 1.")]),
        (b"A 1", [(1, "There is a blank in the code.")]),
        (b"---", [(1, "This is no code.")]),
        (b"TAKEN", [(1, "There is a coupon with this code already.")]),
        (b"A\n" * 100_001, [(0, "At most 100,000 codes at once.")]),
    ],
)
def test_a_line_that_is_no_new_code_is_named(program, data, errors):
    upload_codes(unsaved(program), b"taken")
    with pytest.raises(BadCodes) as refused:
        upload_codes(unsaved(program), data)
    assert [(error.line, error.message) for error in refused.value.errors] == errors
    assert CouponBatch.objects.count() == 1


def test_a_file_of_a_spreadsheet_in_utf_16_is_read(db):
    assert [code for _line, _key, code in read_codes("Grüße-1\nGrüße-2".encode("utf-16"))] == [
        "Grüße-1",
        "Grüße-2",
    ]


def test_a_code_of_a_batch_that_was_voided_alone_stays_so(program):
    batch = make_batch(program, wanted=1)
    make_codes(batch)
    coupon = batch.coupons.get()
    void_coupon(coupon, reason="lost")
    with pytest.raises(CouponRefused) as refused:
        redeem_coupon(coupon.display_code, order_id="1", **EUR)
    assert refused.value.code == "void"
