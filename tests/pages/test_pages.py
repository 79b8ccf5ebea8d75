"""What visitors get, what caches may keep, and what a stranger must not see."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.fixtures import BROWSER
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.messages.models import Message
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.tokens import make_token

pytestmark = pytest.mark.usefixtures("no_time_trap")


def values(form):
    return {name: form[name].value() or "" for name in form.fields}


def send(client, page_response, **data):
    meta = {"HTTP_USER_AGENT": BROWSER, "REMOTE_ADDR": data.pop("ip", "192.0.2.1")}
    form = {**values(page_response.context["form"]), **data}
    return client.post(page_response.context["form_action"], form, **meta)


def answer(client, page, **data):
    return send(client, client.get(page.url), **{"score": "9", "email": "ann@example.org", **data})


def claim(client, landing, advocate, **data):
    view = client.get(f"{landing.url}with/{advocate.display_code}/")
    return send(client, view, **{"email": "bo@example.org", "terms": "on", **data})


def text(response):
    return response.content.decode()


# What a cache may keep


def test_anonymous_pages_set_no_cookie(client, landing, feedback_page, advocate):
    for url in (feedback_page.url, landing.url, f"{landing.url}with/{advocate.display_code}/"):
        response = client.get(url)
        assert response.status_code == 200
        assert not response.cookies
        assert "private" not in response.get("Cache-Control", "")


def test_a_second_visitor_can_use_a_page_from_a_shared_cache(settings, feedback_page):
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]
    ann, bo = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    first = ann.get(feedback_page.url)
    assert first.context is not None
    second = bo.get(feedback_page.url)
    assert second.context is None, "it did not come from the cache"
    form = {**values(first.context["form"]), "score": "9"}
    action = re.search(r'action="(/refer/post/[^"]+)"', text(second))[1]
    anns = ann.post(action, {**form, "email": "ann@example.org"}, REMOTE_ADDR="192.0.2.1")
    bos = bo.post(action, {**form, "email": "bo@example.org"}, REMOTE_ADDR="192.0.2.2")
    codes = [r.response.coupon.display_code for r in map(Thanks, (anns, bos))]
    assert len(set(codes)) == 2
    assert codes[0] not in text(bo.get(bos.url))


class Thanks:
    """The response a thank-you address leads to."""

    def __init__(self, redirect):
        assert redirect.status_code == 303
        page = Client().get(redirect.url)
        self.response = FeedbackResponse.objects.get(coupon=page.context["coupon"])


@pytest.mark.parametrize("part", ["", "reviews/"])
def test_personal_pages_are_private(client, feedback_page, part):
    response = client.get(answer(client, feedback_page).url + part)
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


# Once is once


def test_posting_twice_reloading_and_two_tabs_give_one_of_each(client, feedback_page):
    urls = [answer(client, feedback_page).url for _ in range(3)]
    pages = [client.get(url) for url in urls for _ in range(2)]
    assert len({page.context["coupon"].pk for page in pages}) == 1
    counts = [m.objects.count() for m in (FeedbackResponse, Coupon, Message)]
    assert counts == [1, 1, 1]


def test_another_answer_in_the_same_persons_name_does_not_get_to_the_coupon(client, feedback_page):
    answer(client, feedback_page)
    assert answer(client, feedback_page, better="Everything").url.endswith("/answered/")


def test_a_form_sent_again_later_does_not_get_to_the_coupon(client, feedback_page):
    answer(client, feedback_page)
    FeedbackResponse._base_manager.update(submit_time=timezone.now() - timedelta(minutes=11))
    assert answer(client, feedback_page).url.endswith("/answered/")


def test_a_stranger_who_knows_the_address_does_not_get_to_the_coupon(client, feedback_page):
    coupon = client.get(answer(client, feedback_page).url).context["coupon"]
    strangers = answer(Client(), feedback_page, ip="192.0.2.99")
    page = client.get(strangers.url)
    assert strangers.url == f"{feedback_page.url}answered/"
    assert coupon.display_code not in text(page)


def test_a_stranger_who_knows_a_friends_address_does_not_get_their_coupon(
    client, landing, advocate
):
    coupon = client.get(claim(client, landing, advocate).url).context["coupon"]
    page = client.get(claim(Client(), landing, advocate, ip="192.0.2.99").url)
    assert coupon.display_code not in text(page)
    assert "inbox" in text(page)


def test_claiming_twice_from_one_browser_shows_the_same_coupon(client, landing, advocate):
    coupons = {
        client.get(claim(client, landing, advocate).url).context["coupon"].pk for _ in range(2)
    }
    assert len(coupons) == 1


def test_a_friend_whose_coupon_waits_for_approval_is_not_told_that_it_is_there(
    client, landing, advocate, program
):
    program.rules.filter(trigger="referral.claimed").update(approval="always")
    landing.thanks_heading = landing.thanks_text = "Show this code at the till"
    landing.save_revision().publish()
    page = client.get(claim(client, landing, advocate).url)
    assert page.context["coupon"] is None
    assert "Show this code" not in text(page)
    assert "comes by e-mail as soon as it is ready" in text(page)


@pytest.mark.parametrize("approval", ["always", "never"])
def test_who_claims_again_elsewhere_is_told_the_same_whether_it_was_sent_or_waits(
    client, landing, advocate, program, approval
):
    program.rules.filter(trigger="referral.claimed").update(approval=approval)
    claim(client, landing, advocate)
    again = claim(Client(), landing, advocate, ip="192.0.2.99")
    page = text(client.get(again.url))
    assert "comes by e-mail as soon as it is ready" in page
    assert "was sent" not in page and "is in your inbox" not in page


def test_whose_coupon_for_feedback_waits_for_approval_is_not_told_that_it_is_there(
    client, feedback_page, program
):
    program.rules.filter(trigger="feedback.submitted").update(approval="always")
    feedback_page.thanks_heading = feedback_page.thanks_text = "Show this code at the till"
    feedback_page.save_revision().publish()
    page = client.get(answer(client, feedback_page).url)
    assert page.context["coupon"] is None
    assert "Show this code" not in text(page)
    assert "comes by e-mail as soon as it is ready" in text(page)


def test_who_gets_nothing_for_feedback_is_promised_nothing(client, feedback_page, program):
    program.rules.filter(trigger="feedback.submitted").update(ends_at=timezone.now())
    page = client.get(answer(client, feedback_page).url)
    assert "comes by e-mail" not in text(page)


# The friend's view


def test_the_friend_sees_who_recommends_and_what_they_get(client, landing, advocate):
    page = text(client.get(f"{landing.url}with/{advocate.display_code.lower()}/"))
    assert "Ann" in page
    assert "10% off" in page
    assert "One coupon for each friend." in page
    assert "ann@example.org" not in page
    assert "Advocate" not in page


def test_a_code_can_be_typed(client, landing, advocate):
    response = client.get(landing.url, {"code": f" {advocate.code_key.lower()} "})
    assert response.url == f"{landing.url}with/{advocate.display_code}/"
    wrong = client.get(landing.url, {"code": "АВЕК 1234"})
    assert wrong.context["code_form"].errors["code"]


@pytest.mark.parametrize(
    "email, heading",
    [("ann@example.org", "This is your own link"), ("cy@example.org", "Good to see you again")],
)
def test_each_refusal_has_its_friendly_page(client, landing, advocate, email, heading):
    from wagtail_referrals.api import record_event

    record_event(
        "friends", "purchase", external_id="1", email="cy@example.org", amount=1, currency="EUR"
    )
    refused = claim(client, landing, advocate, email=email)
    page = text(client.get(refused.url))
    assert heading in page
    assert email not in page


def test_a_friend_of_two_advocates_is_told_that_they_have_their_offer(
    client, landing, advocate, program
):
    from wagtail_referrals.people.register import find_or_add_person
    from wagtail_referrals.referrals.join import join_program

    claim_offer(advocate, email="bo@example.org")
    other = join_program(program, find_or_add_person("eve@example.org"))
    page = text(client.get(claim(client, landing, other).url))
    assert "You have your offer already" in page
    assert "Ann" not in page


def test_a_closed_program_says_so_in_the_editors_words(client, landing, program, advocate):
    program.is_active = False
    program.save()
    landing.closed_text = "The roastery is on holiday."
    landing.save()
    page = client.get(f"{landing.url}with/{advocate.display_code}/")
    assert "The roastery is on holiday." in text(page)
    assert claimless(client, landing, advocate).status_code == 303
    assert not Referral.objects.exists()


def claimless(client, landing, advocate):
    return client.post(landing.form_action(advocate.display_code), {"email": "bo@example.org"})


# Errors


def test_an_empty_form_keeps_what_was_typed_and_says_what_to_do(client, feedback_page):
    page = answer(client, feedback_page, email="nobody@", better="More beans")
    assert page.status_code == 200
    assert page.context["form"].errors["email"]
    assert "More beans" in text(page)
    assert not FeedbackResponse.objects.exists()


def test_the_terms_have_to_be_agreed_to(client, landing, advocate):
    page = claim(client, landing, advocate, terms="")
    assert page.context["form"].errors["terms"]
    assert "bo@example.org" in text(page)


@pytest.mark.parametrize("token", ["x", "x" * 900, "MQ", "АВЕ"])
def test_a_forged_token_gets_the_friendly_page(client, landing, feedback_page, token):
    for page in (landing, feedback_page):
        assert "This page has expired" in text(client.get(f"{page.url}thanks/{token}/"))


def test_a_token_of_another_kind_or_age_is_worth_nothing(client, landing, feedback_page, settings):
    url = answer(client, feedback_page).url
    other = make_token("claim", FeedbackResponse.objects.get().pk)
    assert client.get(f"{feedback_page.url}thanks/{other}/").context.get("coupon") is None
    settings.WAGTAIL_REFERRALS = {"TOKEN_DAYS": -1}
    assert client.get(url).context.get("coupon") is None


def test_a_machine_is_told_to_send_once_more_and_nothing_is_lost(client, settings, feedback_page):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 3600, "FORM_RATE": None}
    page = answer(client, feedback_page, better="More beans")
    assert "More beans" in text(page)
    assert page.context["form"].non_field_errors()
    trapped = answer(client, feedback_page, **{"referrals-website": "https://spam.example"})
    assert trapped.context["form"].non_field_errors()
    assert "spam.example" not in text(trapped)
    assert not FeedbackResponse.objects.exists()


def test_too_many_forms_from_one_client_are_refused_with_words(client, settings, feedback_page):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "2/h"}
    cache.clear()
    statuses = [
        answer(client, feedback_page, email=f"p{n}@example.org").status_code for n in range(4)
    ]
    assert statuses == [303, 303, 429, 429]
    assert answer(client, feedback_page, email="q@example.org", ip="192.0.2.9").status_code == 303


@pytest.mark.parametrize(
    "answers",
    [
        {"email": "a" * 300 + "@example.org"},
        {"email": "ann@example.org\nBcc: x@example.org"},
        {"email": "😀@example.org"},
        {"email": "ann\0@example.org"},
        {"better": "a\0b"},
        {"better": "x" * 5001},
        {"name": "x" * 121},
        {"score": "11"},
        {"score": "-1"},
        {"score": "АВ"},
        {"heard": "nowhere"},
    ],
)
def test_hostile_answers_are_errors_next_to_their_field(client, feedback_page, answers):
    page = answer(client, feedback_page, **answers)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == list(answers)


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_REFERER": "https://example.org/" + "x" * 2000},
        {"HTTP_USER_AGENT": "x" * 2000},
        {"HTTP_COOKIE": "sessionid=forged; referrals=' OR 1=1"},
        {"QUERY_STRING": "next=https://evil.example/"},
    ],
)
def test_hostile_headers_are_no_harm(client, feedback_page, meta):
    page = client.get(feedback_page.url)
    data = {**values(page.context["form"]), "score": "9", "email": "ann@example.org"}
    response = client.post(page.context["form_action"], data, **meta)
    assert response.status_code == 303
    assert response.url.startswith(feedback_page.url)


@pytest.mark.parametrize("charset", ["utf-7", "raw-unicode-escape", "hex", "idna", "nonsense"])
def test_a_character_set_of_the_clients_is_no_harm(client, feedback_page, charset):
    page = client.get(feedback_page.url)
    form = {**values(page.context["form"]), "score": "9", "email": "ann@example.org"}
    form["better"] = "good \\ud800 +2AA-"
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    )
    response = client.generic(
        "POST",
        page.context["form_action"],
        f"{body}--x--\r\n".encode(),
        content_type=f"multipart/form-data; boundary=x; charset={charset}",
    )
    assert response.status_code == 303
    assert "\ud800" not in FeedbackResponse.objects.get().form_data["better"]


def test_an_ipv6_client_is_counted_by_its_network(client, settings, feedback_page):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "1/h"}
    ips = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
    statuses = [
        answer(client, feedback_page, email=f"p{n}@example.org", ip=ip).status_code
        for n, ip in enumerate(ips)
    ]
    assert statuses == [303, 429, 303]


def test_the_export_of_a_pages_answers_runs_in_no_spreadsheet(admin_client, client, feedback_page):
    answer(client, feedback_page, better='=HYPERLINK("https://evil.example","x")')
    url = reverse("wagtailforms:list_submissions", args=[feedback_page.pk])
    exported = b"".join(admin_client.get(url, {"export": "csv"}).streaming_content).decode()
    assert "'=HYPERLINK" in exported


def test_a_form_sent_from_another_site_is_led_to_the_page(client, feedback_page):
    response = client.post(
        feedback_page.form_action(), {"score": "9"}, HTTP_SEC_FETCH_SITE="cross-site"
    )
    assert response.url == feedback_page.url


@pytest.mark.parametrize("path", ["post/1/1/", "post/99999/1/", "post/1/99999999999999999999999/"])
def test_a_form_for_no_page_of_ours_is_not_found(client, db, path):
    assert client.post(f"/refer/{path}").status_code == 404


def test_the_form_of_a_page_that_is_not_live_is_not_found(client, feedback_page):
    feedback_page.unpublish()
    assert client.post(feedback_page.form_action(), {}).status_code == 404


def test_a_page_whose_program_was_deleted_still_takes_feedback(client, landing, feedback_page):
    type(feedback_page).objects.update(program=None)
    type(landing).objects.update(program=None)
    thanks = client.get(answer(client, feedback_page).url)
    assert thanks.context["coupon"] is None
    assert "This offer has ended" in text(client.get(landing.url))


def test_a_form_without_an_email_question_is_closed(client, feedback_page):
    feedback_page.form_fields.filter(field_type="email").delete()
    assert client.get(feedback_page.url).status_code == 200
    assert client.post(feedback_page.form_action(), {}).status_code == 404


# Fair play


def test_coupon_and_review_links_are_the_same_for_every_score(client, feedback_page):
    seen = set()
    for score in range(11):
        thanks = client.get(
            answer(client, feedback_page, score=str(score), email=f"p{score}@example.org").url
        )
        reviews = client.get(thanks.context["reviews_url"])
        links = tuple(link.address for link in reviews.context["review_links"])
        coupon = thanks.context["coupon"]
        seen.add((coupon.headline, tuple(coupon.conditions), links))
    assert len(seen) == 1


def test_there_is_no_coupon_on_the_review_screen(client, feedback_page):
    thanks = client.get(answer(client, feedback_page).url)
    reviews = text(client.get(thanks.context["reviews_url"]))
    assert "https://example.org/review" in reviews
    assert thanks.context["coupon"].display_code not in reviews
    assert "10% off" not in reviews
    assert "https://example.org/review" not in text(thanks)
