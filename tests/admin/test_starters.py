"""One button makes a form that can be published as it is."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import GroupPagePermission, Page, Site

from tests.admin.conftest import staff
from tests.fixtures import BROWSER
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.pages.models import FeedbackPage, ReviewRequestPage
from wagtail_referrals.pages.starters import STARTERS, start_page

pytestmark = pytest.mark.django_db
URL = "/admin/referrals/starters/"
# What comes before what, by type of question.
ORDER = {"score": 0, "stars": 0, "csat": 0, "ideas": 1, "multiline": 1, "publish_as": 2}


@pytest.fixture
def home(program):
    return Site.objects.get(is_default_site=True).root_page


@pytest.mark.parametrize("key", STARTERS)
def test_the_button_makes_a_draft_and_opens_it(owner, home, program, key):
    answer = owner.post(URL, {"starter": key, "parent": home.pk, "program": program.pk})
    page = Page.objects.get(title=str(STARTERS[key].title)).specific
    assert answer.url == f"/admin/pages/{page.pk}/edit/"
    assert (page.live, page.program, page.latest_revision is not None) == (False, program, True)
    assert owner.get(answer.url).status_code == 200


@pytest.mark.parametrize("key", STARTERS)
def test_it_asks_for_the_opinion_first_and_for_permission_last(home, program, key):
    page = start_page(STARTERS[key], home, program)
    kinds = [question.field_type for question in page.get_form_fields()]
    places = [ORDER[kind] for kind in kinds if kind in ORDER]
    assert places[0] == 0
    assert kinds[0] in ("score", "stars", "csat")
    assert kinds.index("multiline") < kinds.index("publish_as")
    assert "email" in kinds


@pytest.mark.parametrize("key", STARTERS)
def test_it_can_be_published_and_answered_as_it_is(home, program, no_time_trap, key):
    page = start_page(STARTERS[key], home, program)
    page.get_latest_revision().publish()
    shown = Client().get(page.full_url, HTTP_USER_AGENT=BROWSER)
    form = shown.context["form"]
    answers = {"email": "ann@example.org", "score": "9", "stars": "5", "csat": "5"}
    answers |= {"multiline": "Quick and friendly.", "ideas": "Come earlier.", "publish_as": "name"}
    data = {form.stamp_name: form[form.stamp_name].value()}
    for question in page.get_form_fields():
        if question.field_type in answers:
            data[question.clean_name] = answers[question.field_type]
    answer = Client().post(shown.context["form_action"], data, HTTP_USER_AGENT=BROWSER)
    assert answer.status_code == 303, answer.context["form"].errors
    response = FeedbackResponse.objects.get(page=page.pk)
    assert response.coupon
    # What could be better is no review.
    assert "Come earlier" not in response.testimonial.words


def test_a_call_is_offered_only_to_who_was_not_happy(home, program):
    page = start_page(STARTERS["service-visit"], home, program)
    form = page.get_form({"how_was_our_visit": "2"})
    assert "please_call_me_about_it" in form.asked
    assert "please_call_me_about_it" not in page.get_form({"how_was_our_visit": "5"}).asked


def test_a_review_request_is_one(home, program):
    assert isinstance(start_page(STARTERS["review-request"], home, program), ReviewRequestPage)
    assert isinstance(start_page(STARTERS["event"], home, program), FeedbackPage)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starter": "nothing"}, "Choose one of the forms."),
        ({"parent": ""}, "This field is required"),
        ({"parent": "x", "program": "99"}, "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said(owner, home, program, change, words):
    data = {"starter": "event", "parent": home.pk, "program": program.pk, **change}
    assert words in owner.post(URL, data).content.decode()
    assert not FeedbackPage.objects.exists()


def test_who_may_not_add_pages_there_is_told(django_user_model, home, program):
    client = staff(django_user_model, "clara", ("view",))
    data = {"starter": "event", "parent": home.pk, "program": program.pk}
    assert "You cannot make this kind of page there" in client.post(URL, data).content.decode()
    GroupPagePermission.objects.filter(group=Group.objects.get(name="clara")).delete()
    assert client.get(URL).status_code == 302
    assert not FeedbackPage.objects.exists()
