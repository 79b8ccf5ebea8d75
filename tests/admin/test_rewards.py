"""Rewards by state, the queue of those to approve, and what staff decide about many."""

import html
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.rewards.buying import LATER, buy, issue_all, refund
from wagtail_referrals.api import redeem_coupon
from wagtail_referrals.rewards.models import Reward, RewardState

from .conftest import Story

LIST = "/admin/referrals/rewards/"
BULK = "/admin/bulk/wagtail_referrals/reward/{}/"


@pytest.fixture
def held(story: Story) -> list[Reward]:
    """Five rewards that somebody has to approve."""
    story.program.rules.update(approval="always")
    return [buy(story.advocate, f"h{number}") for number in range(5)]


def ticked(rewards: list[Reward], action: str = "approve") -> str:
    ids = "&".join(f"id={reward.pk}" for reward in rewards)
    return f"{BULK.format(action)}?{ids}&next={LIST}"


def states(rewards: list[Reward]) -> set[str]:
    keys = [reward.pk for reward in rewards]
    return set(Reward.objects.filter(pk__in=keys).values_list("state", flat=True))


def test_the_queue_shows_the_oldest_first_and_why_each_is_held(
    held: list[Reward], owner: Client
) -> None:
    Reward.objects.filter(pk=held[0].pk).update(flags=["disposable"])
    response = owner.get(f"{LIST}?state=held&ordering=created_at")
    assert [reward.pk for reward in response.context["object_list"]] == [r.pk for r in held]
    page = response.content.decode()
    assert "Rewards to approve" in page
    assert "hands out mailboxes to be thrown away" in page
    assert page.count("Its rule asks for approval.") == 4


def test_the_menu_leads_to_the_queue(held: list[Reward], viewer: Client) -> None:
    page = viewer.get("/admin/").content.decode()
    assert "/admin/referrals/rewards/?state=held" in page


def test_the_queue_costs_as_many_questions_for_five_as_for_one(
    held: list[Reward], owner: Client
) -> None:
    counts = []
    for _ in range(2):
        owner.get(f"{LIST}?state=held")
        with CaptureQueriesContext(connection) as queries:
            owner.get(f"{LIST}?state=held")
        counts.append(len(queries))
        Reward.objects.filter(pk__in=[reward.pk for reward in held[1:]]).update(state="approved")
    assert counts[0] == counts[1]


def test_ticked_rewards_are_approved_with_one_reason(held: list[Reward], clerk: Client) -> None:
    page = clerk.get(ticked(held[:2]))
    assert page.context["count"] == 2
    done = clerk.post(ticked(held[:2]), {"reason": "We know them"}, follow=True)
    assert "2 rewards are approved." in done.content.decode()
    assert states(held[:2]) == {"approved"}
    assert states(held[2:]) == {"held"}
    assert held[0].entries.last().reason == "We know them"


def test_a_reason_is_asked_for_by_the_field(held: list[Reward], clerk: Client) -> None:
    response = clerk.post(ticked(held), {"reason": " "})
    assert response.context["form"].errors["reason"]
    assert states(held) == {"held"}


def test_all_in_the_listing_is_what_its_filters_and_search_left(
    held: list[Reward], story: Story, clerk: Client
) -> None:
    before = story.reward.state
    url = BULK.format("approve") + f"?state=held&q=ann@example.org&id=all&next={LIST}"
    clerk.post(url, {"reason": "all of them"})
    assert states(held) == {"approved"}
    assert story.reward.state == before
    nobody = BULK.format("void") + f"?state=nonsense&id=all&next={LIST}"
    assert clerk.get(nobody).context["count"] == 0


def test_many_are_approved_in_slices_with_progress_and_without_javascript(
    held: list[Reward], clerk: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("wagtail_referrals.admin.rewards_bulk.ApproveRewards.slice_size", 2)
    url = BULK.format("approve") + f"?state=held&id=all&next={LIST}"
    values: dict[str, Any] = {"reason": "fine"}
    seen = []
    for _ in range(3):
        response = clerk.post(url, values)
        if response.status_code == 302:
            break
        page = response.content.decode()
        assert "data-referrals-continue" in page
        assert "<progress" in page
        values = {field.html_name: field.value() or "" for field in response.context["form"]}
        seen.append((values["done"], values["total"]))
    assert seen == [(2, 5), (4, 5)]
    assert response.status_code == 302
    assert states(held) == {"approved"}


def test_a_slice_posted_twice_does_no_harm(
    held: list[Reward], clerk: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("wagtail_referrals.admin.rewards_bulk.ApproveRewards.slice_size", 2)
    for _ in range(2):
        clerk.post(BULK.format("approve") + f"?state=held&id=all&next={LIST}", {"reason": "fine"})
    assert held[0].entries.filter(kind="approved").count() == 1


def test_what_somebody_else_was_faster_with_is_named(
    held: list[Reward], clerk: Client, monkeypatch: Any
) -> None:
    from wagtail_referrals.admin import rewards_bulk

    def overtaken(rewards: list[Reward], **why: Any) -> list[Reward]:
        return rewards[1:]

    monkeypatch.setattr(rewards_bulk.ApproveRewards, "verb", overtaken)
    page = clerk.post(ticked(held), {"reason": "fine"}).content.decode()
    assert "4 rewards are approved." in page
    assert f"/admin/referrals/rewards/inspect/{held[0].pk}/" in page


def test_many_are_held_and_voided(held: list[Reward], clerk: Client) -> None:
    clerk.post(ticked(held), {"reason": "fine"})
    clerk.post(ticked(held[:2], "hold"), {"reason": "once more"})
    assert states(held[:2]) == {"held"}
    clerk.post(ticked(held, "void"), {"reason": "a ring"})
    assert states(held) == {"voided"}
    page = clerk.get(ticked(held)).content.decode()
    assert "None of these can be changed in this way." in page


@pytest.mark.parametrize("action", ["approve", "hold", "void"])
def test_who_may_not_change_rewards_is_offered_nothing_and_does_nothing(
    action: str, held: list[Reward], viewer: Client, stranger: Client
) -> None:
    assert "bulk-actions.js" not in viewer.get(LIST).content.decode()
    for client in (viewer, stranger, Client()):
        assert client.get(ticked(held, action)).status_code == 302
        client.post(ticked(held, action), {"reason": "mischief"})
    assert states(held) == {"held"}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?id=",
        "?id=x&id=99999999999999999999999",
        "?id=%00",
        "?id=all&state=%00&q=%00",
        "?id=all&program=99999999999999999999",
        "?id=1&next=https://example.org/",
    ],
)
def test_strange_addresses_of_bulk_actions_do_nothing(
    query: str, held: list[Reward], clerk: Client
) -> None:
    for method in (clerk.get, clerk.post):
        response = method(BULK.format("approve") + query)
        assert response.status_code in (200, 302)
        assert "example.org/" not in response.get("Location", "")
    assert states(held) == {"held"}


def test_totals_are_by_state_and_currency_and_never_over_currencies(
    held: list[Reward], story: Story, owner: Client
) -> None:
    Reward.objects.filter(pk=held[0].pk).update(currency="USD", balance=Decimal("7.00"))
    totals = owner.get(f"{LIST}?state=held").context["totals"]
    assert {(total.currency, total.count, total.worth) for total in totals} == {
        ("EUR", 4, "€40"),
        ("USD", 1, "$7"),
    }


def test_a_list_of_very_many_is_counted_no_further_than_its_pages(
    held: list[Reward], owner: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr("wagtail_referrals.admin.bounded.MOST_COUNTED", 3)
    with CaptureQueriesContext(connection) as queries:
        response = owner.get(f"{LIST}?state=held")
    assert response.context["totals"] == []
    assert not [query for query in queries if "SUM(" in query["sql"]]
    page = response.content.decode()
    assert "More than 3 rewards" in page
    assert "Add them up all the same" in page
    asked = owner.get(f"{LIST}?state=held&totals=1").context["totals"]
    assert [total.count for total in asked] == [5]


def test_one_reward_tells_its_whole_story(story: Story, owner: Client) -> None:
    reward = buy(story.advocate, "s1")
    Reward.objects.filter(pk=reward.pk).update(flags=["fast"])
    issue_all()
    reward.refresh_from_db()
    at = timezone.now() + LATER
    redeem_coupon(
        reward.coupon.display_code,  # type: ignore[union-attr]
        order_id="own",
        order_total=Decimal(20),
        currency="EUR",
        at=at,
    )
    refund("s1")
    page = html.unescape(owner.get(f"{LIST}inspect/{reward.pk}/").content.decode())
    for words in (
        f"{reward.rule_name}, version 1",
        "What looked wrong",
        "within one hour",
        "order own",
        "To be recovered",
        "taken back",
        "a coupon",
    ):
        assert words in page


def test_a_held_reward_says_on_its_own_screen_why(held: list[Reward], clerk: Client) -> None:
    page = clerk.get(f"{LIST}inspect/{held[0].pk}/").content.decode()
    assert "Why it is held" in page and "Its rule asks for approval." in page


def test_single_rewards_are_approved_and_held_on_their_screen(
    held: list[Reward], clerk: Client
) -> None:
    url = f"{LIST}{{}}/{held[0].pk}/"
    clerk.post(url.format("approve"), {"reason": "fine"})
    assert states(held[:1]) == {"approved"}
    clerk.post(url.format("hold"), {"reason": "wait"})
    assert states(held[:1]) == {"held"}
    again = clerk.post(url.format("hold"), {"reason": "wait"})
    assert "cannot be done any more" in again.content.decode()


def test_issuing_from_an_empty_pool_says_so(story: Story, clerk: Client) -> None:
    reward = buy(story.advocate, "p1")
    Reward.objects.filter(pk=reward.pk).update(fulfilment="pool")
    page = clerk.post(f"{LIST}issue/{reward.pk}/", {"reason": "now"}).content.decode()
    assert "nothing to give now" in page
    assert states([reward]) == {RewardState.APPROVED}
    assert Reward.objects.get(pk=reward.pk).hold_until > timezone.now() + timedelta(minutes=50)


@pytest.mark.needs_database("sqlite")  # the others read a table as small as this one whole
def test_the_list_of_a_state_is_read_by_its_index(held: list[Reward]) -> None:
    listed = Reward.objects.filter(state="held").order_by("-created_at", "-pk")
    plan = listed[:50].explain()
    assert "referrals_reward_list" in plan
    assert "TEMP B-TREE" not in plan


def test_numbers_that_are_no_keys_break_nothing(story: Story, clerk: Client) -> None:
    sent = {"reason": "x", "refused": "9" * 30, "after": "9" * 30, "upto": "9" * 30}
    address = f"{BULK.format('hold')}?id={story.reward.pk}"
    assert clerk.post(address, sent).status_code == 200
