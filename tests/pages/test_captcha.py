"""A captcha, where a site wants one: asked last, and nothing is lost when it is wrong."""

import pytest

from tests.captchas import StandInField
from tests.fixtures import BROWSER
from tests.pages.test_steps import Visitor, change, only_if, page  # noqa: F401 - a fixture
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.pages.models import FeedbackQuestion
from wagtail_referrals.referrals.models import Referral

SHOWN = 'class="stand-in"'


@pytest.fixture(autouse=True)
def asked(settings, monkeypatch, no_time_trap) -> list[str]:
    """What the stand-in was asked, on a site that has it."""
    monkeypatch.setattr(StandInField, "asked", [])
    own = {**settings.WAGTAIL_REFERRALS, "CAPTCHA_FIELD": "tests.captchas.StandInField"}
    settings.WAGTAIL_REFERRALS = own
    return StandInField.asked


class Friend:
    """Somebody who claims a friend's offer."""

    def __init__(self, client, landing, advocate) -> None:
        self.client = client
        self.response = client.get(f"{landing.url}with/{advocate.display_code}/")
        self.action = self.response.context["form_action"]
        self.stamp = self.response.context["form"]["referrals-shown"].value()

    def send(self, solution=None, email="bo@example.org"):
        data = {"email": email, "terms": "on", "referrals-shown": self.stamp}
        if solution is not None:
            data["stand-in-response"] = solution
        self.response = self.client.post(self.action, data, HTTP_USER_AGENT=BROWSER)
        return self

    @property
    def text(self) -> str:
        return self.response.content.decode()


@pytest.fixture
def friend(client, landing, advocate) -> Friend:
    return Friend(client, landing, advocate)


@pytest.fixture
def last_step(client, page):  # noqa: F811
    """Somebody who has only their address left to give."""
    return Visitor(client, page).send(score="9").send(better="Chairs")


def test_who_solves_it_gets_the_coupon(friend, asked):
    assert SHOWN in friend.text
    assert friend.send("solved").response.status_code == 303
    assert asked == ["solved"]
    assert Referral.objects.count() == 1


@pytest.mark.parametrize(
    ("solution", "words"),
    [(None, "Prove it."), ("guessed", "That was wrong."), ("down", "once more in a moment")],
)
def test_who_does_not_is_told_beside_it_and_loses_nothing(friend, solution, words):
    friend.send(solution)
    assert friend.response.status_code == 200
    assert 'value="bo@example.org"' in friend.text
    beside = friend.text.partition('id="div_id_referrals-captcha"')[2]
    assert words in beside.partition(SHOWN)[0]
    assert 'href="#id_referrals-captcha"' in friend.text
    assert not Referral.objects.exists()


def test_without_javascript_it_says_what_it_needs(friend):
    assert "<noscript>Please switch JavaScript on" in friend.text


def test_nobody_is_asked_before_the_rest_is_right(friend, asked):
    friend.send("solved", email="nobody")
    assert "email" in friend.response.context["form"].errors
    assert asked == []


def test_who_sends_too_many_costs_no_question(friend, asked, settings):
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "FORM_RATE": "0/h"}
    assert friend.send("solved").response.status_code == 429
    assert asked == []


def test_a_double_click_gets_the_same_coupon(friend):
    first = friend.send("solved").response
    again = friend.send("solved").response
    assert again.status_code == first.status_code == 303
    assert Coupon.objects.count() == 1


def test_a_solution_is_not_good_for_another_person(friend):
    friend.send("solved")
    friend.send("solved", email="cy@example.org")
    assert "That was wrong." in friend.text
    assert Referral.objects.count() == 1


def test_steps_ask_it_at_the_end_only(client, page, asked):  # noqa: F811
    visitor = Visitor(client, page)
    for answers in ({"score": "9"}, {"better": "Chairs"}):
        assert SHOWN not in visitor.text
        visitor.send(**answers)
    assert SHOWN in visitor.text
    assert asked == []
    visitor.send(**{"email": "bo@example.org", "stand-in-response": "solved"})
    assert visitor.response.status_code == 303
    response = FeedbackResponse.objects.get()
    assert response.form_data["better"] == "Chairs"
    assert not [name for name in response.form_data if "captcha" in name or "stand" in name]


def test_a_wrong_one_keeps_the_answers_of_all_steps(last_step):
    last_step.send(**{"email": "bo@example.org", "stand-in-response": "guessed"})
    assert "That was wrong." in last_step.text
    assert last_step.form.shown == 3
    last_step.send(**{"stand-in-response": "solved"})
    assert last_step.response.status_code == 303
    assert FeedbackResponse.objects.get().form_data["better"] == "Chairs"


def test_where_the_last_step_turns_out_not_to_be_asked_it_is_asked_then(client, page):  # noqa: F811
    change(page, "email", step_title="")
    FeedbackQuestion.objects.create(
        page=page,
        sort_order=99,
        clean_name="table",
        label="Which table?",
        field_type="singleline",
        step_title="More",
        conditions=only_if("Your name", "contains", "Bo"),
    )
    visitor = Visitor(client, page).send(score="9")
    assert SHOWN not in visitor.text
    visitor.send(name="Cy", email="cy@example.org")
    assert SHOWN in visitor.text
    assert "Prove it." in visitor.text
    visitor.send(**{"stand-in-response": "solved"})
    assert visitor.response.status_code == 303


@pytest.mark.parametrize("pack", ["bootstrap5", "tailwind"])
def test_other_packs_show_it_too(client, landing, advocate, settings, pack):
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "TEMPLATE_PACK": pack}
    friend = Friend(client, landing, advocate)
    assert SHOWN in friend.text
    assert "That was wrong." in friend.send("guessed").text


def test_a_site_without_one_shows_none(client, landing, advocate, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": None}
    friend = Friend(client, landing, advocate)
    assert "captcha" not in friend.text
    assert friend.send().response.status_code == 303
