"""A program is its group's own, also where Wagtail or an invitation leads to its people."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.fixtures import make_program
from wagtail_referrals.asks.models import Touchpoint
from wagtail_referrals.feedback.guests import read_guests
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback

from .conftest import Story, staff

PEOPLE = "/admin/referrals/people/"
INVITE = "/admin/referrals/invitations/new/"


@pytest.fixture
def outsider(story: Story, django_user_model: Any) -> Client:
    """Every permission on what is ours and on pages; the program is another group's."""
    story.program.groups.add(Group.objects.create(name="Harbour team"))
    return staff(django_user_model, "outsider", ("view", "add", "change", "delete"))


@pytest.fixture
def insider(outsider: Client, story: Story, django_user_model: Any) -> Client:
    client = staff(django_user_model, "insider", ("view", "add", "change", "delete"))
    story.program.groups.add(Group.objects.get(name="insider"))
    return client


def test_wagtail_s_own_list_of_answers_is_its_group_s(
    story: Story, outsider: Client, insider: Client
) -> None:
    answers = f"/admin/forms/submissions/{story.feedback_page.pk}/"
    deletion = f"{answers}delete/?selected-submissions={story.response.pk}"
    for address in (answers, f"{answers}?export=csv", deletion):
        assert outsider.get(address).status_code == 302, address
    outsider.post(deletion)
    assert FeedbackResponse.objects.filter(pk=story.response.pk).exists()
    assert "Your opinion" not in outsider.get("/admin/forms/").content.decode()
    assert "ann@example.org" in insider.get(answers).content.decode()


def test_what_was_said_in_it_before_the_page_changed_program_stays_hidden(
    story: Story, outsider: Client
) -> None:
    """The page has another program by now."""
    page = story.feedback_page
    page.program = make_program("others")
    page.save()
    answer = Answers("cy@example.org", {"email": "cy@example.org"})
    submit_feedback(page, page.program, answer)
    listed = outsider.get(f"/admin/forms/submissions/{page.pk}/").content.decode()
    assert "cy@example.org" in listed
    assert "ann@example.org" not in listed


def test_nobody_else_invites_in_its_name(
    story: Story, outsider: Client, insider: Client, owner: Client
) -> None:
    typed = {"page": story.feedback_page.pk, "days": 30, "people": "zoe@example.org"}
    assert "Your opinion" not in outsider.get(INVITE).content.decode()
    assert outsider.post(INVITE, {**typed, "send": "on"}).status_code == 200
    assert Invitation.objects.count() == 1
    assert insider.post(INVITE, typed).status_code == 302
    assert "Your opinion" in owner.get(INVITE).content.decode()


def test_nobody_else_has_its_customers_asked(
    story: Story, outsider: Client, insider: Client
) -> None:
    """Not by the address of the form, either."""
    create = f"/admin/referrals/touchpoints/create/?program={story.program.pk}"
    typed = {
        "program": story.program.pk,
        "name": "After the visit",
        "stage": "buy",
        "position": "1",
        "delay_hours": "72",
        "every_days": "365",
    }
    assert outsider.post(create, typed).status_code == 200
    assert not Touchpoint.objects.filter(name="After the visit").exists()
    assert insider.post(create, typed).status_code == 302


def test_who_is_only_invited_or_waits_for_review_is_the_group_s_too(
    story: Story, outsider: Client, insider: Client
) -> None:
    invite(story.feedback_page, story.program, read_guests(b"zoe@example.org,Zoe Guest"))
    held = Answers("kim@example.org", {}, "Kim Held", words="https://spam.example")
    assert submit_feedback(story.feedback_page, story.program, held).response.state == "held"
    for name in ("Zoe Guest", "Kim Held"):
        assert name not in outsider.get(PEOPLE).content.decode()
        assert name in insider.get(PEOPLE).content.decode()


def test_to_invite_somebody_opens_nothing_of_them(
    story: Story, outsider: Client, django_user_model: Any
) -> None:
    page = story.feedback_page
    invite(page, None, read_guests(b"bo@example.org"))
    bo = story.claim.referral.friend
    assert outsider.get(f"{PEOPLE}inspect/{bo.pk}/").status_code == 404
