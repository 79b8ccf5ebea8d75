"""A batch has the codes it was to have, whoever makes them at once."""

from decimal import Decimal
from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes
from wagtail_referrals.api import redeem_coupon
from wagtail_referrals.coupons import batches
from wagtail_referrals.coupons.batches import delete_batch, finish_batches, make_codes, void_batch
from wagtail_referrals.coupons.models import Coupon, CouponBatch, Redemption
from wagtail_referrals.coupons.upload import BadCodes, upload_codes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ORDER = {"order_total": Decimal(20), "currency": "EUR"}


def new_batch(program, **values):
    values = {"name": "Spring", "kind": "percent", "amount": Decimal(10), "wanted": 700, **values}
    return CouponBatch(program=program, **values)


@pytest.fixture
def batch(program):
    batch = new_batch(program)
    batch.save()
    return batch


def count(batch):
    made = CouponBatch.objects.get(pk=batch.pk).made
    assert Coupon.objects.filter(batch=batch).count() == made
    return made


def test_many_workers_make_exactly_the_codes_that_are_wanted(batch):
    results = race([*[partial(make_codes, batch, 64)] * 30, *[finish_batches] * 2])
    assert not refusals(results)
    assert sum(results) == count(batch) == 700
    assert CouponBatch.objects.get().state == "ready"


@pytest.mark.needs_database("postgresql")
def test_without_the_conditional_update_they_make_too_many(batch, monkeypatch):
    meeting = Meeting(8)

    def look_then_write(pk, most):
        left = CouponBatch.objects.filter(pk=pk).values_list("wanted", "made").first()
        meeting.wait()
        return min(most, left[0] - left[1])

    monkeypatch.setattr(batches, "_reserve", look_then_write)
    race([partial(make_codes, batch, 500)] * 8)
    assert Coupon.objects.count() > 700


def test_a_batch_that_is_voided_meanwhile_has_no_code_that_can_be_used(batch):
    makers = [partial(make_codes, batch, 50)] * 12
    results = race([*makers[:6], partial(void_batch, batch, reason="wrong"), *makers[6:]])
    assert not refusals(results)
    assert count(batch) <= 700
    assert not Coupon.objects.exclude(state="void").exists()


def test_a_batch_that_is_used_meanwhile_is_not_deleted(program):
    for _ in range(10):
        batch = new_batch(program, wanted=1)
        batch.save()
        make_codes(batch)
        code = batch.coupons.get().code_key
        use = partial(redeem_coupon, code, order_id="1", **ORDER)
        results = race([use, partial(delete_batch, batch)])
        assert set(refusals(results)) <= {"not_possible", "unknown"}
        assert len(successes(results)) == 1
        there = CouponBatch.objects.filter(pk=batch.pk).exists()
        assert there == Redemption.objects.filter(coupon__code_key=code).exists()


def test_a_file_that_is_uploaded_twice_at_once_is_one_batch(program):
    data = "\n".join(f"OLD-{number:04}" for number in range(300)).encode()
    results = race([partial(upload_codes, new_batch(program), data) for _ in range(6)])
    assert len(successes(results)) == 1
    assert all(len(error.errors) == 300 for error in results if isinstance(error, BadCodes))
    assert refusals(results) == {"invalid_codes": 5}
    assert (CouponBatch.objects.count(), Coupon.objects.count()) == (1, 300)
