from datetime import timedelta

import pytest
from django.utils import timezone

from tests.fixtures import BROWSER
from wagtail_referrals.due import run_due
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Click, DailySalt
from wagtail_referrals.referrals.visitors import visitor_hash

pytestmark = pytest.mark.usefixtures("landing")


def follow(client, code, method="get", **meta):
    meta = {"HTTP_USER_AGENT": BROWSER, "REMOTE_ADDR": "192.0.2.7", **meta}
    return getattr(client, method)(f"/refer/r/{code}/", **meta)


def test_a_click_is_counted_and_leads_to_the_code_in_the_path(client, advocate):
    response = follow(client, advocate.display_code)
    assert (response.status_code, response.url) == (302, f"/welcome/with/{advocate.display_code}/")
    assert Click.objects.count() == 1


def test_a_click_sets_no_cookie_and_is_never_cached(client, advocate):
    response = follow(client, advocate.display_code)
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"


def test_the_channel_is_kept_and_an_unknown_one_is_not(client, advocate):
    client.get(f"/refer/r/{advocate.display_code}/?via=whatsapp", HTTP_USER_AGENT=BROWSER)
    follow_unknown = f"/refer/r/{advocate.display_code}/?via={'x' * 3000}"
    client.get(follow_unknown, HTTP_USER_AGENT=BROWSER, REMOTE_ADDR="192.0.2.8")
    assert sorted(Click.objects.values_list("channel", flat=True)) == ["", "whatsapp"]


def test_one_visitor_of_a_day_counts_once(client, advocate):
    for _ in range(3):
        follow(client, advocate.display_code)
    follow(client, advocate.display_code, REMOTE_ADDR="192.0.2.8")
    assert Click.objects.count() == 2


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"HTTP_USER_AGENT": "WhatsApp/2.23.20.0"},
        {"HTTP_USER_AGENT": "curl/8.0"},
        {"HTTP_USER_AGENT": ""},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_PURPOSE": "prefetch"},
        {"HTTP_X_MOZ": "prefetch"},
        {"method": "head"},
        {"HTTP_REFERER": "http://testserver/opinion/thanks/abc/"},
    ],
)
def test_machines_and_the_advocates_own_page_are_led_on_but_not_counted(client, advocate, meta):
    assert follow(client, advocate.display_code, **meta).status_code == 302
    assert not Click.objects.exists()


def test_the_advocates_own_browser_is_not_counted(client, program, advocate, rf):
    meta = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": BROWSER}
    join_program(program, advocate.person, visitor=visitor_hash(meta))
    follow(client, advocate.display_code)
    assert not Click.objects.exists()


def test_the_advocate_signed_in_is_not_counted(client, advocate, django_user_model):
    user = django_user_model.objects.create_user("ann")
    advocate.person.user = user
    advocate.person.save()
    client.force_login(user)
    follow(client, advocate.display_code)
    assert not Click.objects.exists()


def test_a_click_of_tomorrow_counts_again_and_nothing_leads_back(client, advocate):
    meta = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": BROWSER}
    today, tomorrow = timezone.now(), timezone.now() + timedelta(days=1)
    first = visitor_hash(meta, today)
    assert visitor_hash(meta, tomorrow) != first
    run_due(at=tomorrow)
    assert list(DailySalt.objects.values_list("day", flat=True)) == [tomorrow.date()]
    assert visitor_hash(meta, today) != first


@pytest.mark.parametrize("code", ["x" * 2000, "АВЕКМНОР", "7K2M-Q4XW", "<script>", "%00", "a b"])
def test_an_unknown_code_has_a_friendly_page(client, code):
    response = client.get(f"/refer/r/{code}/")
    assert response.status_code == 404
    assert "We don&#x27;t know this code" in response.content.decode()


def test_a_code_is_followed_however_it_was_typed(client, advocate):
    typed = advocate.code_key.lower()
    assert follow(client, typed).status_code == 302


def test_a_link_without_a_live_page_says_the_offer_ended(client, advocate, landing):
    landing.unpublish()
    response = follow(client, advocate.display_code)
    assert response.status_code == 200
    assert "This offer has ended" in response.content.decode()


def test_an_endless_browser_name_is_no_harm(client, advocate):
    follow(client, advocate.display_code, HTTP_USER_AGENT=BROWSER + "x" * 2000)
    assert Click.objects.count() == 1


def test_a_link_is_for_reading_only(client, advocate):
    assert follow(client, advocate.display_code, method="post").status_code == 405
