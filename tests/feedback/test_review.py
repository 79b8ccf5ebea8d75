"""Answers that are only links wait for staff, and nothing is lost by it."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django_ratelimit import core
from wagtail.models import ModelLogEntry

from wagtail_referrals.api import record_event, redeem_coupon
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.feedback.heard_field import Heard
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.review import mark_spam, release_response
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.feedback.suspicious import is_only_links
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.insights.tallies import counted_answers
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.take_back import void_reward

LINKS = [
    "https://spam.example/pills",
    "Visit http://spam.example now",
    '<a href="http://spam.example">cheap</a>',
    "[url=http://spam.example]click here[/url]",
    "www.spam.example",
    "cheap-pills.xyz/buy",
    "http://a.example http://b.example http://c.example",
]
OPINIONS = [
    "",
    "ok",
    "The coffee is good.Com on, roast more of it",
    "I found you at https://example.org/cafes and liked the cake very much",
    "Mail me: it was late, see www.example.org/order/17 for the order I made",
    "とても美味しいコーヒーでした https://example.org/",
]


@pytest.mark.parametrize("words", LINKS)
def test_words_that_are_hardly_more_than_a_link_look_like_spam(words):
    assert is_only_links(Answers(email="x@example.org", words=words))


@pytest.mark.parametrize("words", OPINIONS)
def test_an_opinion_with_a_link_in_it_does_not(words):
    assert not is_only_links(Answers(email="x@example.org", words=words))


def test_a_name_that_is_a_link_does():
    assert is_only_links(Answers(email="x@example.org", name="Win at https://spam.example"))


def test_it_is_looked_at_in_no_time():
    assert is_only_links(Answers(email="x@example.org", words="http://" * 100_000))
    assert not is_only_links(Answers(email="x@example.org", words="<" * 100_000))


@pytest.fixture
def send(feedback_page, program):
    def send(words, email="ann@example.org", **values):
        answers = Answers(email=email, data={"better": words}, words=words, **values)
        return submit_feedback(feedback_page, program, answers).response

    return send


def test_an_answer_of_links_gets_nothing_before_it_is_released(send):
    response = send(LINKS[0], score=9)
    assert (response.state, response.coupon, response.event) == ("held", None, None)
    assert not Coupon.objects.exists()
    assert not Message.objects.exists()
    assert not counted_answers().exists()


def test_released_it_gets_all_it_would_have_had(send, admin_user):
    heard = Heard("somebody told me", told=True, who="Bo", reach="bo@example.org")
    response = send(LINKS[0], score=9, publish="You may print it.", heard=heard)
    assert release_response(response, reason="knows us", user=admin_user)
    assert not release_response(response, reason="again")
    response.refresh_from_db()
    assert (response.state, response.kept_answers) == ("received", None)
    assert response.coupon.given_by == response.person
    assert Message.objects.filter(kind="coupon_to_hand_on").count() == 1
    assert Testimonial.objects.get().words == LINKS[0]
    assert response.mention.who == "Bo"
    assert counted_answers().get() == response


def test_sent_again_it_is_the_same_answer_still_held(send):
    assert send(LINKS[0]) == send("and now some words that are none")
    assert FeedbackResponse.objects.count() == 1
    assert not Event.objects.exists()


def test_spam_counts_nowhere_and_its_coupon_is_taken_back(send):
    response = send("A very good shop indeed", score=10, publish="You may print it.")
    assert counted_answers().exists()
    assert mark_spam(response, reason="sold pills")
    assert not mark_spam(response, reason="again")
    assert not counted_answers().exists()
    assert Coupon.objects.get().state == "void"


def good_coupons():
    return Coupon.objects.filter(state="active")


def test_spam_that_was_none_can_be_released_and_is_rewarded_once(send):
    held, counted = send(LINKS[1]), send("A very good shop indeed", email="bo@example.org")
    for response in (held, counted):
        mark_spam(response, reason="oops")
        assert release_response(response, reason="was none")
    assert Event.objects.count() == good_coupons().count() == 2


@pytest.fixture
def answer(send):
    return send("A very good shop indeed", score=10, publish="You may print it.")


def test_released_from_spam_there_is_one_good_coupon_again_and_a_mail_with_it(answer):
    old = answer.coupon
    for _time in range(2):
        mark_spam(answer, reason="oops")
        release_response(answer, reason="was none")
    answer.refresh_from_db()
    assert [answer.coupon] == list(good_coupons())
    assert answer.coupon != old
    assert answer.coupon.given_by == answer.person
    mails = Message.objects.filter(kind="coupon_to_hand_on")
    assert answer.coupon.display_code in [mail.context["code"] for mail in mails]


def test_what_staff_had_voided_before_is_not_given_again(answer):
    void_reward(Reward.objects.get(), reason="not theirs")
    mark_spam(answer, reason="oops")
    release_response(answer, reason="was none")
    assert not good_coupons().exists()


def test_a_coupon_that_was_used_is_not_given_twice(answer):
    Coupon.objects.update(first_order_only=False)
    code = answer.coupon.display_code
    order = {"email": "cleo@example.org", "order_total": Decimal(40), "currency": "EUR"}
    redeem_coupon(code, order_id="1", **order)
    mark_spam(answer, reason="oops")
    release_response(answer, reason="was none")
    assert not good_coupons().exists()


def test_what_waited_for_its_hold_waits_again(send, program):
    program.rules.update(hold_days=3)
    response = send("A very good shop indeed")
    mark_spam(response, reason="oops")
    release_response(response, reason="was none")
    assert list(Reward.objects.values_list("state", flat=True).order_by("pk")) == [
        "voided",
        "pending",
    ]


def test_the_words_wait_for_an_editor_again(answer):
    mark_spam(answer, reason="oops")
    assert not Testimonial.objects.get().has_unpublished_changes
    release_response(answer, reason="was none")
    assert Testimonial.objects.get().has_unpublished_changes


@pytest.fixture
def told(send, advocate):
    heard = Heard("somebody told me", told=True, who="Ann", reach="ann@example.org")
    return send("A very good shop indeed", email="bo@example.org", heard=heard)


def test_spam_brings_nobody_a_recommendation(told):
    assert mark_spam(told, reason="sold pills").kept_referral is None
    told.mention.refresh_from_db()
    assert (told.mention.referral, told.mention.not_credited) == (None, "spam")
    assert not Referral.objects.exists()


def test_released_it_brings_it_again(told, advocate):
    mark_spam(told, reason="oops")
    release_response(told, reason="was none")
    told.mention.refresh_from_db()
    assert told.mention.not_credited == ""
    assert told.mention.referral.advocate == advocate


def test_a_recommendation_of_which_something_came_stays(told, program):
    record_event(
        program.slug,
        "purchase",
        external_id="1",
        email="bo@example.org",
        amount=Decimal(40),
        currency="EUR",
    )
    marked = mark_spam(told, reason="sold pills")
    assert marked.kept_referral == Referral.objects.get()


def test_a_recommendation_by_link_is_not_the_answers_to_take(send, advocate):
    claim_offer(advocate, email="bo@example.org")
    heard = Heard("somebody told me", told=True, who="Ann", reach="ann@example.org")
    response = send("A very good shop indeed", email="bo@example.org", heard=heard)
    assert mark_spam(response, reason="sold pills").kept_referral is None
    assert Referral.objects.get().mentions.get() == response.mention


def test_erasing_the_person_empties_what_was_kept(send):
    response = send(LINKS[0], name="Ann", phone="0151 234")
    erase_person(response.person, reason="asked")
    response.refresh_from_db()
    assert response.kept_answers is None


def test_erasing_the_person_takes_them_out_of_what_staff_gave_as_a_reason(send):
    response = send(LINKS[0], name="Ann", phone="0151 234")
    email = response.person.email
    mark_spam(response, reason=f"{email} is a robot")
    erase_person(response.person, reason="asked")
    reasons = str(list(ModelLogEntry.objects.values_list("data", flat=True)))
    assert "is a robot" in reasons and email not in reasons


@pytest.fixture
def post(client, feedback_page):
    """Send the form as it was shown, with these answers."""
    shown = client.get(feedback_page.url).context["form"]
    stamp = {shown.stamp_name: shown[shown.stamp_name].value()}

    def post(number, better="", **meta):
        sent = {"email": f"p{number}@example.org", "score": "9", "better": better, **stamp}
        return client.post(feedback_page.form_action(), sent, **meta)

    return post


@pytest.mark.usefixtures("no_time_trap")
def test_the_visitor_reads_that_somebody_looks_first(client, post):
    assert "looks at your answer first" in client.get(post(1, LINKS[0]).url).content.decode()


def test_of_200_forms_in_ten_seconds_at_most_ten_are_stored(settings, post, monkeypatch):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0}
    cache.clear()
    now = core.time.time()
    for number in range(200):
        monkeypatch.setattr(core.time, "time", lambda number=number: now + number / 20)
        assert post(number).status_code in (303, 429)
    assert 1 <= FeedbackResponse.objects.count() <= 10


def test_a_shops_tablet_with_30_forms_in_an_hour_is_not_locked_out(settings, post, monkeypatch):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0}
    cache.clear()
    now = core.time.time()
    for number in range(30):
        monkeypatch.setattr(core.time, "time", lambda number=number: now + 120 * number)
        assert post(number).status_code == 303


def test_a_network_has_a_limit_of_its_own(settings, post):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_NETWORK_RATE": "3/h"}
    cache.clear()
    statuses = [post(n, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(5)]
    assert statuses == [303, 303, 303, 429, 429]
