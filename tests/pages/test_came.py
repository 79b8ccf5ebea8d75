"""Would you have come without it? Asked with the coupon, one tap, and kept once."""

import pytest
from django.test import Client

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.pages.landing import TOKEN
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.tokens import make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def thanks(landing, advocate):
    """The page with the coupon of a friend who has just claimed."""
    claim = claim_offer(advocate, email="bo@example.org")
    return f"{landing.get_url()}thanks/{make_token(TOKEN, claim.referral.pk)}/"


def action(client: Client, thanks: str) -> str:
    return str(client.get(thanks).context["came_action"])


@pytest.mark.parametrize(("said", "kept"), [("yes", True), ("no", False)])
def test_one_tap_is_kept_and_leads_back_to_the_coupon(client, thanks, said, kept):
    response = client.post(action(client, thanks), {"came": said})
    assert (response.status_code, response.url) == (303, thanks)
    assert Referral.objects.get().would_have_come is kept
    page = client.get(thanks)
    assert "Thank you for your answer" in page.content.decode()
    assert page.context["came_action"] == ""
    assert page.context["coupon"]


def test_the_first_answer_stays(client, thanks):
    where = action(client, thanks)
    client.post(where, {"came": "no"})
    client.post(where, {"came": "yes"})
    assert Referral.objects.get().would_have_come is False


@pytest.mark.parametrize("data", [{}, {"came": "maybe"}, {"came": "\x00"}])
def test_what_is_no_answer_is_none(client, thanks, data):
    assert client.post(action(client, thanks), data).status_code == 303
    assert Referral.objects.get().would_have_come is None


def test_opening_the_form_s_address_changes_nothing(client, thanks):
    response = client.get(action(client, thanks))
    assert (response.status_code, response.url) == (302, thanks)
    assert Referral.objects.get().would_have_come is None


@pytest.mark.parametrize("token", ["", "x", "forged"])
def test_a_forged_address_changes_nothing(client, thanks, token):
    where = action(client, thanks).rpartition("came:")[0] + f"came:{token}/"
    assert client.post(where, {"came": "yes"}).status_code in (303, 404)
    assert Referral.objects.get().would_have_come is None


def test_too_many_answers_from_one_place_are_not_kept(client, landing, advocate, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_RATE": "1/m"}
    for name in ("bo", "cleo"):
        referral = claim_offer(advocate, email=f"{name}@example.org").referral
        page = f"{landing.get_url()}thanks/{make_token(TOKEN, referral.pk)}/"
        client.post(action(client, page), {"came": "yes"})
    answers = Referral.objects.order_by("pk").values_list("would_have_come", flat=True)
    assert list(answers) == [True, None]


def test_the_page_with_the_coupon_asks_without_another_question(
    client, thanks, django_assert_max_num_queries
):
    client.get(thanks)
    with django_assert_max_num_queries(14):
        client.get(thanks)
