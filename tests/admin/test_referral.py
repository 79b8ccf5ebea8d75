"""A referral's story, and the repair of its attribution."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from wagtail_referrals.admin.timeline import referral_timeline, short_date
from wagtail_referrals.api import record_event
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.rewards.issue import issue_due_rewards

from .conftest import Story


def told(story: Story) -> list[tuple[str, str]]:
    return [(entry.text, entry.detail) for entry in referral_timeline(story.referral)]


def test_the_story_from_the_click_to_the_reward_that_waits(story: Story) -> None:
    assert story.claim.coupon
    coupon = story.claim.coupon.display_code
    window = f"What they buy until {short_date(story.referral.counts_until)} counts for it"
    hold = f"Waits until {short_date(story.reward.hold_until)} because of the 14-day hold"
    assert told(story) == [
        ("bo@example.org opened the link of Ann Advocate", "By WhatsApp link"),
        ("bo@example.org claimed the offer", window),
        (f"bo@example.org got 10% off as coupon {coupon}", "Rule “The friend's coupon”"),
        ("bo@example.org bought order 1001 for €49.90", ""),
        (f"Coupon {coupon} took €4.99 off order 1001", ""),
        ("Reward €10 for Ann Advocate", hold),
    ]


def test_it_goes_on_with_the_hold_the_refund_and_the_next_order(story: Story) -> None:
    reward = story.reward
    issue_due_rewards(at=reward.hold_until)
    record_event(
        story.program,
        "refund",
        external_id="refund-1",
        refund_of="1001",
        amount=Decimal("24.95"),
        currency="EUR",
    )
    record_event(
        story.program,
        "purchase",
        external_id="1002",
        email="bo@example.org",
        amount=Decimal("5"),
        currency="EUR",
    )
    reward.refresh_from_db()
    story_now = told(story)
    for expected in [
        (f"Ann Advocate got €10 as coupon {reward.coupon}", "Hold is over (automatically)"),
        ("€24.95 of order 1001 was refunded", ""),
        ("The reward of Ann Advocate was lowered by €5", "refund refund-1 (automatically)"),
        (
            "bo@example.org bought order 1002 for €5",
            "No reward by “The advocate's thank-you”: The rule waits for something else: "
            "a friend bought for the first time.",
        ),
    ]:
        assert expected in story_now, story_now


def test_a_story_without_a_click_begins_with_the_code(story: Story) -> None:
    purchase = record_event(
        story.program,
        "purchase",
        external_id="1003",
        email="dee@example.org",
        amount=Decimal("30"),
        currency="EUR",
        referral_code=story.advocate.display_code,
    ).event
    assert purchase.referral
    first = referral_timeline(purchase.referral)[0]
    assert first.text == "dee@example.org gave the code of Ann Advocate"


def test_it_is_told_in_the_reader_s_language_and_formats(story: Story) -> None:
    with translation.override("de"):
        texts = [entry.text for entry in referral_timeline(story.referral)]
    assert any("49,90" in text for text in texts)


def test_its_length_costs_no_queries(
    story: Story, cleo: Advocate, django_assert_num_queries: Any
) -> None:
    def count() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        referral = story.referral
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for entry in referral_timeline(referral):
                str(entry)
        return len(queries)

    before = count()
    for number in range(5):
        record_event(
            story.program,
            "purchase",
            external_id=f"more-{number}",
            email="bo@example.org",
            amount=Decimal("5"),
            currency="EUR",
        )
    repair_attribution(story.referral, cleo, reason="first")
    repair_attribution(story.referral, story.advocate, reason="second")
    assert count() - before <= 1  # the advocate of the beginning, once it has changed


def repair(client: Client, story: Story, **data: str) -> Any:
    return client.post(f"/admin/referrals/referrals/inspect/{story.referral.pk}/", data)


@pytest.mark.parametrize("by", ["code", "email", "other spelling"])
def test_staff_repair_an_attribution(by: str, story: Story, cleo: Advocate, clerk: Client) -> None:
    said = {
        "code": f" {cleo.display_code.lower()} ",
        "email": "cleo@example.org",
        "other spelling": "CLEO@Example.org",
    }[by]
    response = repair(clerk, story, advocate=said, reason="Bo said that it was Cleo")
    assert response.status_code == 302
    assert story.referral.advocate == cleo
    change = story.referral.attribution_changes.get()
    assert change.changed_by and change.changed_by.username == "clerk"
    page = clerk.get(response.url).content.decode()
    assert "This referral counts for Cleo Other now." in page
    assert "Counts for Cleo Other now, no longer for Ann Advocate" in page
    assert "Bo said that it was Cleo (clerk)" in page
    assert "Reward €10 for Cleo Other" in page
    assert ("bo@example.org opened the link of Ann Advocate", "By WhatsApp link") in told(story)


def test_what_is_wrong_stands_next_to_its_field(
    story: Story, cleo: Advocate, clerk: Client
) -> None:
    elsewhere = Offer.objects.first()
    assert elsewhere
    bo = join_program(story.program, find_or_add_person("bo@example.org"))
    for data, field, message in [
        ({"advocate": "", "reason": "x"}, "advocate", "This field is required."),
        ({"advocate": cleo.code_key, "reason": " "}, "reason", "This field is required."),
        ({"advocate": "nobody", "reason": "x"}, "advocate", "No advocate of this program"),
        ({"advocate": "a@b", "reason": "x"}, "advocate", "No advocate of this program"),
        (
            {"advocate": "ann@example.org", "reason": "x"},
            "advocate",
            "It counts for this advocate already.",
        ),
        ({"advocate": bo.code_key, "reason": "x"}, "advocate", "come from somebody else"),
        ({"advocate": cleo.code_key, "reason": "x" * 501}, "reason", "at most 500 characters"),
    ]:
        response = repair(clerk, story, **data)
        assert response.status_code == 200
        assert message in str(response.context["form"].errors[field])
        assert message in response.content.decode()
    assert story.referral.advocate == story.advocate
    assert not story.referral.attribution_changes.exists()


def test_who_may_only_view_cannot_repair(story: Story, cleo: Advocate, viewer: Client) -> None:
    page = viewer.get(f"/admin/referrals/referrals/inspect/{story.referral.pk}/").content.decode()
    assert "What happened" in page and "Repair" not in page
    assert repair(viewer, story, advocate=cleo.code_key, reason="x").status_code == 302
    assert story.referral.advocate == story.advocate


def test_a_hold_of_another_year_is_told_with_the_year() -> None:
    later = timezone.now() + timedelta(days=800)
    assert str(later.year) in short_date(later)


def test_what_was_promised_is_shown_as_it_was(story: Story, owner: Client) -> None:
    Offer.objects.update(wording="Something else")
    page = owner.get(reverse("referrals_referrals:inspect", args=[story.referral.pk]))
    words = page.content.decode()
    assert "Something else" not in words
    assert "Promised to the friend" in words and "Promised to the advocate" in words
