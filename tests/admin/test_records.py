"""Lists: search, filters, exports and their cost; what staff do to rewards and coupons."""

import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards.models import Reward

from .conftest import RECORDS, SETUP, Story, make_partner

LIST = "/admin/referrals/{}/"


def found(client: Client, part: str, query: str) -> list[Any]:
    response = client.get(LIST.format(part) + query)
    assert response.status_code == 200
    return list(response.context["object_list"])


def more(story: Story, number: int) -> None:
    """Somebody else who does all of it."""
    said = f"More of it, {number}"
    make_partner(story.program, f"p{number}@example.org", f"Partner {number}")
    answers = Answers(f"a{number}@example.org", {"better": said}, "Al", score=7, words=said)
    response = submit_feedback(story.feedback_page, story.program, answers).response
    advocate = join_program(story.program, response.person)
    claim_offer(advocate, email=f"f{number}@example.org")
    record_event(
        story.program,
        "purchase",
        external_id=f"order-{number}",
        email=f"f{number}@example.org",
        amount=Decimal("20"),
        currency="EUR",
    )


@pytest.mark.parametrize("part", [*SETUP, *RECORDS])
def test_a_list_costs_as_much_with_more_rows(part: str, story: Story, owner: Client) -> None:
    def count() -> int:
        owner.get(LIST.format(part))  # what is cached for good
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(LIST.format(part)).status_code == 200
        return len(queries)

    before = count()
    for number in range(4):
        more(story, number)
    assert count() == before


@pytest.mark.parametrize(
    ("part", "term", "hits"),
    [
        ("people", "ann@", 1),
        ("people", "ANN@EXAMPLE.ORG", 1),
        ("people", "ann", 1),
        ("people", "example", 0),
        ("advocates", "Ann", 1),
        ("advocates", "{advocate}", 1),
        ("advocates", "{advocate_beginning}", 1),
        ("referrals", "bo@example.org", 1),
        ("referrals", "ann@example.org", 1),
        ("referrals", "{advocate}", 1),
        ("referrals", "1001", 1),
        ("referrals", "1002", 0),
        ("coupons", "{coupon}", 1),
        ("coupons", "bo@", 1),
        ("coupons", "1001", 1),
        ("rewards", "1001", 1),
        ("rewards", "{coupon}", 1),
        ("rewards", "ann@example.org", 2),
        ("events", "1001", 1),
        ("events", "bo@example.org", 2),
        ("feedback", "ann", 1),
        ("messages", "bo@", 1),
    ],
)
def test_search_finds_by_what_staff_have_at_hand(
    part: str, term: str, hits: int, story: Story, owner: Client
) -> None:
    assert story.claim.coupon
    term = term.format(
        advocate=story.advocate.display_code.lower(),
        advocate_beginning=story.advocate.display_code[:6],
        coupon=story.claim.coupon.display_code.replace("-", " "),
    )
    assert len(found(owner, part, f"?q={term}")) == hits
    assert len(found(owner, part, f"results/?q={term}")) == hits


@pytest.mark.parametrize(
    ("part", "query", "hits"),
    [
        ("people", "?customer=true", 1),
        ("people", "?customer=false", 2),
        ("referrals", "?stage=claimed", 0),
        ("referrals", "?stage=converted", 1),
        ("referrals", "?program={program}", 1),
        ("referrals", "?claimed_at_from=2001-01-01&claimed_at_to=2001-01-02", 0),
        ("rewards", "?state=pending", 1),
        ("rewards", "?beneficiary=friend", 1),
        ("events", "?kind=purchase", 1),
        ("feedback", "?score_min=9", 1),
        ("feedback", "?score_max=8", 0),
        ("messages", "?state=queued", 4),
    ],
)
def test_filters(part: str, query: str, hits: int, story: Story, owner: Client) -> None:
    assert len(found(owner, part, query.format(program=story.program.pk))) == hits


def test_sorting_keeps_every_row_on_one_page(story: Story, owner: Client) -> None:
    names = [str(person) for person in found(owner, "people", "?ordering=email")]
    assert names == ["Ann Advocate", "bo@example.org", "Pia Partner"]
    assert [str(person) for person in found(owner, "people", "?ordering=-email")] == names[::-1]


# The list of mails is none of rows.
@pytest.mark.parametrize("part", sorted({*SETUP, *RECORDS} - {"mails"}))
def test_exports_hold_no_formula(part: str, story: Story, owner: Client) -> None:
    Person.objects.filter(email="ann@example.org").update(name='=HYPERLINK("x")\x07')
    story.program.name = "@SUM(1)"
    story.program.save()
    csv = b"".join(owner.get(LIST.format(part) + "?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    cells = [cell.strip('"') for line in csv.splitlines() for cell in line.split(",")]
    assert len(csv.splitlines()) > 1
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))], csv
    response = owner.get(LIST.format(part) + "?export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active  # type: ignore[attr-defined]
    rows = list(sheet.values)
    assert len(rows) == len(csv.splitlines())
    texts = [cell for row in rows for cell in row if isinstance(cell, str)]
    assert not [text for text in texts if text.startswith(("=", "+", "@"))]


def test_an_export_holds_what_the_filter_left(story: Story, owner: Client) -> None:
    response = owner.get(LIST.format("people") + "?export=csv&q=bo@")
    csv = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "bo@example.org" in csv and "ann@example.org" not in csv


def test_a_person_is_shown_in_every_role(story: Story, owner: Client) -> None:
    ann = Person.objects.get(email="ann@example.org")
    page = owner.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
    for heading in (
        "Advocate in",
        "Friends they brought",
        "Rewards",
        "Coupons",
        "Feedback",
        "Consents",
        "Messages",
    ):
        assert heading in page, heading
    assert "to hand on" in page and story.advocate.display_code in page


def test_a_person_s_coupons_are_for_who_may_see_coupons(
    story: Story, viewer: Client, django_user_model: Any
) -> None:
    group = django_user_model.objects.get(username="viewer").groups.get()
    group.permissions.remove(*group.permissions.filter(codename__endswith="_coupon"))
    ann = Person.objects.get(email="ann@example.org")
    page = viewer.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
    assert "Rewards" in page and "section-coupons" not in page
    assert "/admin/referrals/coupons/" not in page


def test_feedback_leads_to_wagtail_s_own_list(story: Story, owner: Client) -> None:
    submissions = f"/admin/forms/submissions/{story.feedback_page.pk}/"
    page = owner.get(LIST.format("feedback")).content.decode()
    assert submissions in page and "Longer opening hours, please" in page
    assert owner.get(submissions).status_code == 200
    detail = owner.get(f"/admin/referrals/feedback/inspect/{story.response.pk}/").content.decode()
    assert "What could be better?" in detail


def test_an_event_says_what_each_rule_decided(story: Story, owner: Client) -> None:
    event = record_event(
        story.program,
        "purchase",
        external_id="own",
        email="eve@example.org",
        amount=Decimal("5"),
        currency="EUR",
        referral_code="nonsense",
    ).event
    page = owner.get(f"/admin/referrals/events/inspect/{event.pk}/").content.decode()
    assert page.count("The code they gave is not known.") == 2
    assert "not granted" in page


def test_a_message_is_shown_as_its_reader_gets_it(story: Story, owner: Client) -> None:
    for message in Message.objects.all():
        page = owner.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
        assert "referrals-mail__body" in page
    message.person = None
    message.save()
    page = owner.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
    assert "no longer known" in page
    message.kind = "unheard_of"
    message.person = story.response.person
    message.save()
    page = owner.get(f"/admin/referrals/messages/inspect/{message.pk}/").content.decode()
    assert "There is no kind of mails “unheard_of” any more." in page


def test_a_reward_is_issued_at_once_with_a_reason(story: Story, clerk: Client) -> None:
    reward = story.reward
    screen = f"/admin/referrals/rewards/inspect/{reward.pk}/"
    issue = f"/admin/referrals/rewards/issue/{reward.pk}/"
    assert issue in clerk.get(screen).content.decode()
    assert clerk.get(issue).status_code == 200
    reward.refresh_from_db()
    assert reward.state == "pending"
    assert "required" in clerk.post(issue, {"reason": ""}).content.decode()
    assert clerk.post(issue, {"reason": "Loyal customer"}).url == screen  # type: ignore[attr-defined]
    reward.refresh_from_db()
    assert reward.state == "issued" and reward.coupon
    page = clerk.get(screen).content.decode()
    assert "Loyal customer" in page and issue not in page and "Take back" in page
    assert "cannot be done any more" in clerk.post(issue, {"reason": "Again"}).content.decode()
    assert reward.entries.filter(kind="issued").count() == 1


def test_a_reward_is_voided_or_taken_back_with_a_reason(story: Story, clerk: Client) -> None:
    for beneficiary, state in (("advocate", "voided"), ("hand_on", "clawed_back")):
        reward = Reward.objects.get(beneficiary=beneficiary)
        address = f"/admin/referrals/rewards/void/{reward.pk}/"
        assert clerk.post(address, {"reason": "A mistake"}).status_code == 302
        reward.refresh_from_db()
        assert reward.state == state
        entry = reward.entries.last()
        assert entry and entry.reason == "A mistake"
        assert entry.user and entry.user.username == "clerk"
        assert "cannot be done any more" in clerk.post(address, {"reason": "x"}).content.decode()


def test_the_coupon_of_a_reward_is_ended_with_its_reward(story: Story, clerk: Client) -> None:
    reward = Reward.objects.get(beneficiary="hand_on")
    assert reward.coupon
    page = clerk.get(f"/admin/referrals/coupons/inspect/{reward.coupon.pk}/").content.decode()
    assert f"/admin/referrals/rewards/void/{reward.pk}/" in page
    refused = clerk.post(f"/admin/referrals/coupons/void/{reward.coupon.pk}/", {"reason": "x"})
    assert "cannot be done any more" in refused.content.decode()


def test_another_coupon_is_voided_with_a_reason(story: Story, clerk: Client) -> None:
    offer = story.program.friend_offer
    coupon = issue_coupon(
        story.program, offer, amount=offer.amount, holder=find_or_add_person("z@example.org")
    )
    screen = f"/admin/referrals/coupons/inspect/{coupon.pk}/"
    address = f"/admin/referrals/coupons/void/{coupon.pk}/"
    assert address in clerk.get(screen).content.decode()
    assert clerk.post(address, {"reason": "Sent to the wrong one"}).status_code == 302
    assert Coupon.objects.get(pk=coupon.pk).state == "void"
    page = clerk.get(screen).content.decode()
    assert "Sent to the wrong one" in page and address not in page
