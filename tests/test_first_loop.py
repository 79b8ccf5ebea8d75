"""The main job from end to end, over HTTP and through the shop's API."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from tests.fixtures import BROWSER
from wagtail_referrals.api import quote_coupon, record_event, redeem_coupon
from wagtail_referrals.due import run_due
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.referrals.models import Advocate, Click, Referral
from wagtail_referrals.rewards.models import Reward, RewardState

pytestmark = pytest.mark.usefixtures("no_time_trap")


def shown(response, name):
    """The form as a browser would send it back."""
    form = response.context[name]
    return {field: form[field].value() or "" for field in form.fields}


def answer(client, page, **answers):
    response = client.get(page.url)
    data = {**shown(response, "form"), "score": "9", "email": "ann@example.org", **answers}
    return client.post(response.context["form_action"], data, HTTP_USER_AGENT=BROWSER)


def test_feedback_to_reward(client, feedback_page, landing, django_capture_on_commit_callbacks):
    answered = answer(client, feedback_page, name="Ann Advocate", publish="on")
    assert answered.status_code == 303
    thanks = client.get(answered.url)
    coupon = thanks.context["coupon"]
    assert coupon.display_code in thanks.content.decode()
    assert thanks.context["reviews_url"]
    reviews = client.get(thanks.context["reviews_url"])
    assert "https://example.org/review" in reviews.content.decode()
    assert coupon.display_code not in reviews.content.decode()

    advocate = Advocate.objects.get()
    link = client.get(
        f"/refer/r/{advocate.display_code}/?via=whatsapp",
        HTTP_USER_AGENT=BROWSER,
        REMOTE_ADDR="10.0.0.9",
    )
    assert link.status_code == 302
    assert Click.objects.get().channel == "whatsapp"
    view = client.get(link.url)
    assert "Ann" in view.content.decode()
    claimed = client.post(
        view.context["form_action"],
        {**shown(view, "form"), "email": "bo@example.org", "terms": "on"},
        HTTP_USER_AGENT=BROWSER,
        REMOTE_ADDR="10.0.0.9",
    )
    assert claimed.status_code == 303
    friends_coupon = client.get(claimed.url).context["coupon"]
    referral = Referral.objects.get()
    assert referral.channel == "whatsapp"

    quote = quote_coupon(
        friends_coupon.display_code,
        email="bo@example.org",
        order_total=Decimal("49.90"),
        currency="EUR",
    )
    assert (quote.valid, quote.discount) == (True, Decimal("4.99"))
    redeem_coupon(
        friends_coupon.display_code,
        order_id="1001",
        email="bo@example.org",
        order_total=Decimal("49.90"),
        currency="EUR",
    )
    result = record_event(
        "friends",
        "purchase",
        external_id="order-1001",
        email="bo@example.org",
        amount=Decimal("49.90"),
        currency="EUR",
        coupon_code=friends_coupon.display_code,
    )
    (reward,) = result.rewards
    assert reward.state == RewardState.PENDING

    run_due(at=timezone.now() + timedelta(days=13))
    assert Reward.objects.get(pk=reward.pk).state == RewardState.PENDING
    run_due(at=timezone.now() + timedelta(days=15))
    reward = Reward.objects.get(pk=reward.pk)
    assert reward.state == RewardState.ISSUED
    assert reward.coupon.amount == Decimal("10.00")
    assert [m.to[0] for m in mail.outbox] == ["ann@example.org", "bo@example.org"] + [
        "ann@example.org"
    ] * 3
    assert FeedbackResponse.objects.get().score == 9

    record_event(
        "friends",
        "refund",
        external_id="refund-1",
        refund_of="order-1001",
        amount=Decimal("24.95"),
        currency="EUR",
    )
    reward = Reward.objects.get(pk=reward.pk)
    assert reward.balance == reward.coupon.amount == Decimal("5.00")
    record_event(
        "friends",
        "refund",
        external_id="refund-2",
        refund_of="order-1001",
        amount=Decimal("24.95"),
        currency="EUR",
    )
    reward = Reward.objects.get(pk=reward.pk)
    assert reward.state == RewardState.CLAWED_BACK
    assert sum(entry.amount for entry in reward.entries.all()) == reward.balance == 0
