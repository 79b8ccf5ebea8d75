"""Erasing a person: nothing says who it was, everything adds up as before."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, models
from django.db.models import Sum
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Story, tell
from wagtail_referrals.api import record_event, roll_back_redemption
from wagtail_referrals.coupons.issue import extend_coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ClaimRefused, InvalidInput, ReferralsError
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.block import block_person, unblock_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person, find_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.links import find_advocate, find_link
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.referrals.tier import set_tier
from wagtail_referrals.rewards.ledger import OPEN_STATES
from wagtail_referrals.rewards.models import Reward, RewardEntry
from wagtail_referrals.rewards.take_back import void_reward

WHO = "Ann Advocate of ann@example.org"


@pytest.fixture
def story(db: None) -> Story:
    """Ann and Bo's story, and staff who wrote both names wherever they could."""
    story = tell()
    ann = story.advocate.person
    bo = story.referral.friend
    Person.objects.filter(pk=bo.pk).update(name="Bo Buyer", locale="en")
    record_event(
        story.program,
        "sign_up",
        external_id="signup-ann@example.org",
        email="ann@example.org",
        metadata={"name": "Ann Advocate", "to": ["ANN@example.org"]},
    )
    record_event(
        story.program,
        "purchase",
        external_id="2001",
        email="ann@example.org",
        amount=Decimal("12.50"),
        currency="EUR",
        metadata={"ship_to": "Ann Advocate, Quay 1"},
    )
    cleo = join_program(story.program, find_or_add_person("cleo@example.org", name="Cleo Other"))
    repair_attribution(story.referral, cleo, reason=f"{WHO} says it was Cleo")
    repair_attribution(story.referral, story.advocate, reason=f"{WHO} was right")
    set_tier(story.advocate, "gold", reason=f"{WHO} is nice")
    block_person(ann, reason=f"{WHO} is blocked")
    unblock_person(ann, reason=f"{WHO} is not")
    for reward in Reward.objects.filter(person=ann, beneficiary="hand_on"):
        if reward.coupon:
            extend_coupon(reward.coupon, None, reason=f"{WHO} asked")
    assert story.claim.coupon
    roll_back_redemption(
        story.claim.coupon.code_key, order_id="1001", reason="Bo Buyer of bo@example.org"
    )
    return story


def tables() -> list[type[models.Model]]:
    ours = list(apps.get_app_config("wagtail_referrals").get_models(include_auto_created=True))
    return [*ours, ModelLogEntry]


def mentions(*words: str) -> list[str]:
    """Every column of ours that holds one of the words, in whatever type."""
    found = []
    for model in tables():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [
                    f"{model.__name__}.{name}: {value}"
                    for name, value in zip(columns, row, strict=True)
                    if any(word.lower() in str(value).lower() for word in words)
                ]
    return found


def sums() -> dict[str, Any]:
    """What an accountant adds up."""
    return {
        "events": list(
            apps.get_model("wagtail_referrals.Event").objects.values_list(
                "kind", "amount", "refunded", "currency", "occurred_at"
            )
        ),
        "given": Reward.objects.exclude(state__in=[*OPEN_STATES, "voided"]).aggregate(
            Sum("balance")
        ),
        "discounts": apps.get_model("wagtail_referrals.Redemption").objects.aggregate(
            Sum("discount"), Sum("order_total")
        ),
        "scores": list(FeedbackResponse.objects.values_list("score", flat=True)),
        "friends": apps.get_model("wagtail_referrals.Advocate").objects.aggregate(
            Sum("friends_converted"), Sum("friends_value")
        ),
        "people": Person.objects.count(),
    }


@pytest.mark.parametrize("email, name", [("ann@", "Ann Advocate"), ("bo@", "Bo Buyer")])
def test_no_table_holds_the_address_or_the_name_any_more(
    story: Story, email: str, name: str
) -> None:
    person = Person.objects.get(email__startswith=email)
    assert mentions(f"{email}example.org") and mentions(name)
    erase_person(person, reason=f"{name} of {email}example.org wants it")
    assert mentions(f"{email}example.org", name) == []


def test_the_sums_stay(story: Story) -> None:
    before = sums()
    erase_person(story.advocate.person, reason="Asked for it")
    erase_person(story.referral.friend, reason="Asked for it, too")
    assert sums() == before
    for reward in Reward.objects.all():
        entries = RewardEntry.objects.filter(reward=reward).aggregate(sum=Sum("amount"))
        assert entries["sum"] == reward.balance


def test_what_waited_ends_and_no_mail_goes_out(story: Story) -> None:
    assert Message.objects.filter(person=story.advocate.person, state="queued").exists()
    erase_person(story.advocate.person, reason="Asked for it")
    assert not Reward.objects.filter(person=story.advocate.person, state__in=OPEN_STATES).exists()
    Message.objects.exclude(person=None).delete()
    deliver_due()
    assert mail.outbox == []


def test_the_link_is_dead(story: Story) -> None:
    code = story.advocate.display_code
    assert find_link(code)
    erase_person(story.advocate.person, reason="Asked for it")
    assert find_link(code) is None and find_advocate(code) is None
    assert not mentions(story.advocate.code_key)


def test_a_refund_of_an_erased_person_s_order_still_counts(story: Story) -> None:
    erase_person(story.referral.friend, reason="Asked for it")
    refund = record_event(
        story.program,
        "refund",
        external_id="refund-1",
        refund_of="1001",
        amount=Decimal("49.90"),
        currency="EUR",
    )
    assert refund.created
    again = record_event(
        story.program,
        "purchase",
        external_id="1001",
        email="bo@example.org",
        amount=Decimal("49.90"),
        currency="EUR",
    )
    assert not again.created


def test_who_comes_back_is_somebody_new(story: Story) -> None:
    erase_person(story.referral.friend, reason="Asked for it")
    assert find_person("bo@example.org") is None
    cleo = join_program(story.program, find_or_add_person("cleo@example.org"))
    assert claim_offer(cleo, email="bo@example.org").created


def test_the_erasure_itself_is_noted(story: Story, django_user_model: Any) -> None:
    user = django_user_model.objects.create_user("clerk")
    erase_person(story.advocate.person, reason="Asked by letter", user=user)
    entry = ModelLogEntry.objects.get(action="wagtail_referrals.erase")
    assert (entry.user, entry.data["reason"]) == (user, "Asked by letter")


def test_it_is_done_once_and_with_a_reason(story: Story) -> None:
    with pytest.raises(InvalidInput):
        erase_person(story.advocate.person, reason=" ")
    assert mentions("ann@example.org")
    erase_person(story.advocate.person, reason="Asked for it")
    with pytest.raises(ReferralsError):
        erase_person(story.advocate.person, reason="Asked for it")


def test_a_block_is_not_shaken_off_by_being_erased(story: Story) -> None:
    bo = block_person(story.referral.friend, reason="Returned ten orders")
    with pytest.raises(ReferralsError) as refused:
        erase_person(bo, reason="Asked for it")
    assert refused.value.code == "still_blocked"
    assert find_person("bo@example.org") == bo and not Person.objects.get(pk=bo.pk).erased_at
    unblock_person(bo, reason="Asked to be erased")
    erase_person(bo, reason="Asked for it")
    assert find_person("bo@example.org") is None


def test_the_host_s_user_account_is_not_ours_to_delete(
    story: Story, django_user_model: Any
) -> None:
    user = django_user_model.objects.create_user("ann", "ann@example.org")
    Person.objects.filter(pk=story.advocate.person_id).update(user=user)
    erase_person(story.advocate.person, reason="Asked for it")
    assert django_user_model.objects.filter(pk=user.pk).exists()
    assert Person.objects.get(pk=story.advocate.person_id).user is None


def test_a_short_name_takes_no_other_word_with_it(story: Story) -> None:
    cleo = find_or_add_person("cleo@example.org")
    Person.objects.filter(pk=cleo.pk).update(name="Al")
    reward = Reward.objects.filter(person=story.advocate.person, beneficiary="advocate").first()
    assert reward
    void_reward(reward, reason="Always the same with Al")
    Reward.objects.filter(pk=reward.pk).update(person=cleo)
    cleo.refresh_from_db()
    erase_person(cleo, reason="Asked for it")
    entry = reward.entries.last()
    assert entry and entry.reason == "Always the same with –"


def test_an_erased_advocate_brings_nobody(story: Story) -> None:
    erase_person(story.advocate.person, reason="Asked for it")
    with pytest.raises((ClaimRefused, AssertionError)):
        advocate = find_advocate(story.advocate.display_code)
        assert advocate
