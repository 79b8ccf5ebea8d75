"""The map, its form, what it would have sent, and who was asked."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from wagtail_referrals.asks.defaults import USUAL
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.asks.send import send_due_asks
from wagtail_referrals.events.models import Event
from wagtail_referrals.programs.models import Program

from .conftest import Story

MAP = "/admin/referrals/touchpoints/"


def typed(story: Story, **values: object) -> dict[str, object]:
    return {
        "program": story.program.pk,
        "name": "After the visit",
        "stage": "buy",
        "position": "1",
        "is_active": "on",
        "event_kind": "visit",
        "expectation": "",
        "asks_for": "feedback",
        "delay_hours": "72",
        "whom": "",
        "every_days": "365",
        "page": "",
        **values,
    }


def text(response: object) -> str:
    """The page's words, without markup."""
    found = re.sub(r"<[^>]+>", " ", response.content.decode())  # type: ignore[attr-defined]
    return " ".join(found.split())


def test_the_map_goes_along_the_whole_way(story: Story, owner: Client) -> None:
    words = text(owner.get(MAP))
    places = [
        words.index(f" {name} ") for name in ("Know", "Like", "Trust", "Try", "Repeat", "Refer")
    ]
    assert places == sorted(places)
    assert "After the order" in words
    assert "Asks everybody for feedback, 1 day later." in words


def test_it_says_what_it_lacks_where_it_lacks(story: Story, owner: Client) -> None:
    page = owner.get(MAP)
    words = text(page)
    assert "Nothing after support: whoever was helped is gladly asked." in words
    assert "Nobody is asked for a review." in words
    buy = next(stop for stop in page.context["stops"] if stop.stage == "buy")
    assert len(buy.gaps) == 1


def test_it_counts_who_was_asked_and_who_answered(story: Story, owner: Client) -> None:
    Touchpoint.objects.update(is_active=True)
    at = story.purchase.occurred_at
    Ask.objects.update(due_at=at)
    Ask.objects.filter(person__isnull=False).update(state="asked", settled_at=at)
    words = text(owner.get(MAP))
    assert "asked 1 answered 0 not asked 0" in words
    from wagtail_referrals.feedback.invitation_models import Invitation

    invitation = Invitation.objects.get()
    Invitation.objects.update(answered_at=at)
    Ask.objects.update(invitation=invitation)
    assert "asked 1 answered 1 not asked 0" in text(owner.get(MAP))


def test_it_costs_as_many_questions_for_many_touchpoints(
    story: Story, owner: Client, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        owner.get(MAP)
        with CaptureQueriesContext(connection) as queries:
            owner.get(MAP)
        return len(queries)

    few = cost()
    for number in range(9):
        Touchpoint.objects.create(
            program=story.program,
            name=f"No. {number}",
            stage="like",
            event_kind="purchase",
            asks_for=("feedback", "referral")[number % 2],
        )
    assert cost() <= few


def test_what_keeps_a_touchpoint_from_asking_is_said_on_it(story: Story, owner: Client) -> None:
    Touchpoint.objects.update(event_kind="visit", whom="gone_segment", asks_for="review")
    words = text(owner.get(MAP))
    assert "Your shop has not reported any “visit” yet." in words
    assert "There is no published page where they could answer." in words
    assert "The group of people it asks does not exist any more." in words


def test_one_that_has_asked_is_switched_off_and_not_deleted(story: Story, owner: Client) -> None:
    """Whom it asked is counted: it would go untold."""
    touchpoint = Touchpoint.objects.get()
    address = f"/admin/referrals/touchpoints/delete/{touchpoint.pk}/"
    for page in (owner.get(address), owner.post(address)):
        assert "Take the tick from “in use” instead" in text(page)
        assert "1 ask" in text(page)
    assert Ask.objects.exists()


def test_an_empty_map_begins_with_the_usual_touchpoints(story: Story, owner: Client) -> None:
    Ask.objects.all().delete()
    Touchpoint.objects.all().delete()
    assert "Begin with the usual touchpoints" in text(owner.get(MAP))
    shown = owner.get(f"{MAP}usual/")
    assert text(shown).count("Nothing is asked here.") >= 1
    assert not Touchpoint.objects.exists()
    made = owner.post(f"{MAP}usual/", {"program": story.program.pk}, follow=True)
    assert f"{len(USUAL)} touchpoints are on the map." in text(made)
    again = owner.post(f"{MAP}usual/", {"program": story.program.pk}, follow=True)
    assert "They were all there already." in text(again)
    assert Touchpoint.objects.count() == len(USUAL)


@pytest.mark.parametrize("program", ["", "abc", "999999", "9" * 30])
def test_the_usual_ones_need_a_program_the_user_sees(
    program: str, story: Story, owner: Client
) -> None:
    before = Touchpoint.objects.count()
    assert owner.post(f"{MAP}usual/", {"program": program}).status_code == 302
    assert Touchpoint.objects.count() == before


def test_another_program_s_map_is_one_press_away(story: Story, owner: Client) -> None:
    from tests.fixtures import make_program

    other = make_program("others", name="Others")
    shown = owner.get(f"{MAP}?program={other.pk}")
    assert shown.context["program"] == other
    assert owner.get(MAP).context["program"] == story.program


# The form


def test_a_touchpoint_is_made(story: Story, owner: Client) -> None:
    answer = owner.post(f"{MAP}create/", typed(story))
    assert answer.status_code == 302
    made = Touchpoint.objects.get(name="After the visit")
    assert (made.asks_for, made.delay_hours, made.planned_until is not None) == (
        "feedback",
        72,
        True,
    )


def edit(owner: Client, story: Story, **values: object) -> int:
    """Change the story's touchpoint; how many asks are planned by it then."""
    touchpoint = Touchpoint.objects.get()
    Ask.objects.all().delete()
    old = story.purchase.recorded_at - timedelta(days=30)
    Touchpoint.objects.update(planned_until=old)
    sent = typed(story, event_kind="purchase", delay_hours="24", **values)
    assert owner.post(f"{MAP}edit/{touchpoint.pk}/", sent).status_code == 302
    Event.objects.update(recorded_at=story.purchase.recorded_at - timedelta(days=2))
    return plan_asks()


def test_taken_into_use_again_it_asks_nobody_about_what_happened_meanwhile(
    story: Story, owner: Client
) -> None:
    Touchpoint.objects.update(is_active=False)
    assert edit(owner, story) == 0


def test_with_another_name_it_goes_on_where_it_was(story: Story, owner: Client) -> None:
    assert edit(owner, story) == 1


def test_nothing_is_asked_at_the_till(story: Story, owner: Client) -> None:
    page = owner.post(f"{MAP}create/", typed(story, is_paying="on", delay_hours="0"))
    words = text(page)
    assert list(page.context["form"].errors) == ["delay_hours"]
    assert "The till is the worst moment to ask" in words
    assert "Ask three days later" in words
    assert not Touchpoint.objects.filter(name="After the visit").exists()


def test_one_press_asks_three_days_later(story: Story, owner: Client) -> None:
    sent = typed(story, is_paying="on", delay_hours="0")
    page = owner.post(f"{MAP}create/", {**sent, "_later": "1"})
    form = page.context["form"]
    assert (form["delay_hours"].value(), form["name"].value()) == ("72", "After the visit")
    assert not form.errors
    assert not Touchpoint.objects.filter(name="After the visit").exists()
    owner.post(f"{MAP}create/", {**sent, "delay_hours": form["delay_hours"].value()})
    assert Touchpoint.objects.get(name="After the visit").delay_hours == 72


def test_the_offer_is_there_only_when_it_helps(story: Story, owner: Client) -> None:
    assert "Ask three days later" not in text(owner.get(f"{MAP}create/"))
    page = owner.post(f"{MAP}create/", typed(story, name=""))
    assert "Ask three days later" not in text(page)


def test_at_the_till_one_may_tell_what_to_expect(story: Story, owner: Client) -> None:
    sent = typed(story, is_paying="on", delay_hours="0", asks_for="", expectation="A receipt.")
    assert owner.post(f"{MAP}create/", sent).status_code == 302


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"event_kind": ""}, "event_kind", "Say what happens"),
        ({"asks_for": "review"}, "page", "asks for reviews first"),
        ({"asks_for": "introduction"}, "page", "partner hub"),
        ({"delay_hours": "99999999"}, "delay_hours", "less than or equal"),
        ({"delay_hours": "-1"}, "delay_hours", "greater than or equal"),
        ({"delay_hours": "soon"}, "delay_hours", "whole number"),
        ({"whom": "no_such_segment"}, "whom", "Select a valid choice"),
        ({"stage": "hate"}, "stage", "Select a valid choice"),
        ({"every_days": "4000"}, "every_days", "less than or equal"),
        ({"event_kind": "x" * 51}, "event_kind", "at most 50"),
        ({"name": "x" * 81}, "name", "at most 80"),
        ({"page": "999999"}, "page", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    story: Story, owner: Client, values: dict[str, str], field: str, words: str
) -> None:
    page = owner.post(f"{MAP}create/", typed(story, **values))
    assert page.status_code == 200
    assert words in str(page.context["form"].errors[field])


def test_the_page_has_to_be_one_where_that_can_be_asked(story: Story, owner: Client) -> None:
    page = owner.post(f"{MAP}create/", typed(story, page=story.landing.pk))
    assert "Choose a published feedback page" in str(page.context["form"].errors["page"])
    chosen = typed(story, page=story.feedback_page.pk)
    assert owner.post(f"{MAP}create/", chosen).status_code == 302


def test_a_recommendation_can_be_asked_for_on_any_live_page(story: Story, owner: Client) -> None:
    sent = typed(story, asks_for="referral", page=story.landing.pk)
    assert owner.post(f"{MAP}create/", sent).status_code == 302


def test_a_button_of_the_map_fills_in_stage_and_program(story: Story, owner: Client) -> None:
    form = owner.get(f"{MAP}create/?program={story.program.pk}&stage=trust").context["form"]
    assert (form["stage"].value(), form["program"].value()) == ("trust", story.program.pk)


@pytest.mark.parametrize(
    "query", ["program=999999", "program=abc", "stage=hate", "program=" + "9" * 40]
)
def test_a_wrong_address_of_the_form_is_survived(query: str, story: Story, owner: Client) -> None:
    assert owner.get(f"{MAP}create/?{query}").status_code == 200


# Trying it


def test_what_is_typed_is_tried_before_it_is_saved(story: Story, owner: Client) -> None:
    sent = typed(story, event_kind="purchase", delay_hours="1")
    page = owner.post(f"{MAP}simulate/", sent)
    words = text(page)
    assert "It would have sent 1 mail in the last 30 days." in words
    assert "it is not saved" in words
    back = dict(page.context["carried"])
    assert (back["name"], back["delay_hours"]) == ("After the visit", "1")
    form = owner.post(f"{MAP}create/", {**back, "_back": "1"}).context["form"]
    assert form["name"].value() == "After the visit"
    assert not Touchpoint.objects.filter(name="After the visit").exists()


def test_a_stored_one_is_tried_from_the_map(story: Story, owner: Client) -> None:
    touchpoint = Touchpoint.objects.get()
    assert f"{MAP}simulate/?touchpoint={touchpoint.pk}" in owner.get(MAP).content.decode()
    words = text(owner.get(f"{MAP}simulate/?touchpoint={touchpoint.pk}"))
    assert "It would have sent 1 mail" in words


def test_changing_a_stored_one_and_trying_it_changes_nothing(story: Story, owner: Client) -> None:
    touchpoint = Touchpoint.objects.get()
    owner.post(f"{MAP}simulate/?touchpoint={touchpoint.pk}", typed(story, name="Other"))
    touchpoint.refresh_from_db()
    assert touchpoint.name == "After the order"


@pytest.mark.parametrize("key", ["", "0", "abc", "9" * 30, "%00"])
def test_trying_nothing_in_particular_lists_what_there_is(
    key: str, story: Story, owner: Client
) -> None:
    assert "Which touchpoint?" in text(owner.get(f"{MAP}simulate/?touchpoint={key}"))


def test_what_is_not_complete_cannot_be_tried(story: Story, owner: Client) -> None:
    page = owner.post(f"{MAP}simulate/", typed(story, name="", delay_hours="soon"))
    assert "not complete yet" in text(page)


# Who was asked


def test_the_list_of_asks_says_whom_and_why_not(story: Story, owner: Client) -> None:
    plan_asks()
    send_due_asks()
    Ask.objects.update(state="dropped", reason="open_complaint")
    words = text(owner.get("/admin/referrals/asks/"))
    assert "bo@example.org" in words
    assert "Something of theirs is still to be followed up." in words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=planned", 1),
        ("state=dropped", 0),
        ("reason=refunded", 0),
        ("asks_for=feedback", 1),
        ("asks_for=review", 0),
        ("q=bo", 1),
        ("q=ann", 0),
        ("touchpoint=999999", 0),
    ],
)
def test_asks_are_filtered(story: Story, owner: Client, query: str, found: int) -> None:
    shown = owner.get(f"/admin/referrals/asks/?{query}")
    rows = list(shown.context["object_list"])
    assert len(rows) == (1 if "999999" in query else found)


def test_asks_are_exported_with_their_reasons(story: Story, owner: Client) -> None:
    Ask.objects.update(state="dropped", reason="refunded")
    answer = owner.get("/admin/referrals/asks/?export=csv")
    sheet = b"".join(answer.streaming_content).decode()
    assert "bo@example.org" in sheet
    assert "All they bought was sent back." in sheet


def test_a_person_s_screens_say_why_they_were_asked_or_not(story: Story, owner: Client) -> None:
    ask = Ask.objects.get()
    Ask.objects.update(state="dropped", reason="asked_lately")
    for address in (
        f"/admin/referrals/people/inspect/{ask.person_id}/",
        f"/admin/referrals/why/?person={ask.person_id}",
        f"/admin/referrals/asks/inspect/{ask.pk}/",
    ):
        assert "They were asked for something lately." in text(owner.get(address)), address


def test_a_program_says_how_often_people_are_asked(story: Story, owner: Client) -> None:
    page = owner.get(f"/admin/referrals/programs/edit/{story.program.pk}/")
    assert page.context["form"]["days_between_asks"].value() == 90
    assert Program._meta.get_field("days_between_asks").default == 90


@pytest.mark.parametrize("part", ["touchpoints", "texts", "programs"])
def test_a_search_for_words_without_end_is_a_list(story: Story, owner: Client, part: str) -> None:
    assert owner.get(f"/admin/referrals/{part}/", {"q": "x" * 100_000}).status_code == 200
