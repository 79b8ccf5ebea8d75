"""Whatever is posted to a partner's forms, the answer is a page, and nothing is half done."""

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.fixtures import BROWSER
from tests.pages.joining import ANSWERS, png
from tests.pages.test_hostile import BODIES, NAUGHTY, WELCOME
from wagtail_referrals.pages.models import PartnerPage
from wagtail_referrals.partners.join import invite_partner
from wagtail_referrals.partners.mail import join_path, own_page_path
from wagtail_referrals.partners.models import JointOffer, Partner

pytestmark = pytest.mark.usefixtures("no_time_trap")

FILES = [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"RIFF\x00\x00\x00\x00WEBP", b"%PDF-1.4"]
NAMES = ["logo.png", "logo.svg", "x" * 300 + ".png", "../../logo.png", "logo.png\x00.html", ".gif"]


def hostile(rng):
    sent = {**ANSWERS, "email": f"x{rng.random()}@example.org"}
    for name in rng.sample(list(ANSWERS), k=rng.randint(1, 6)):
        sent[name] = rng.choice(NAUGHTY)
    if rng.random() < 0.5:
        logo = rng.choice([*FILES, png().read(), png().read()[:99]])
        sent["logo"] = SimpleUploadedFile(rng.choice(NAMES), logo)
    elif rng.random() < 0.3:
        sent["logo"] = rng.choice(NAUGHTY)
    return sent


@pytest.mark.slow
def test_hostile_applications_break_nothing(client, hub):
    rng = random.Random(5)
    stamp = client.get(f"{hub.url}join/").context["form"]["referrals-shown"].value()
    for number in range(80):
        sent = {**hostile(rng), "referrals-shown": stamp}
        try:
            answer = client.post(hub.form_action("join"), sent, HTTP_USER_AGENT=BROWSER)
        except Exception as error:
            raise AssertionError(f"post {number}: {sent!r}"[:3000]) from error
        assert answer.status_code in WELCOME, sent
    assert Partner.objects.count() == PartnerPage.objects.count()
    assert Partner.objects.exclude(website="").exclude(website__startswith="http").count() == 0
    assert JointOffer.objects.count() <= Partner.objects.count()


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_a_body_that_is_no_form_is_answered_without_an_error(partner, hub, number):
    body, kind = BODIES[number]
    invited = invite_partner(hub.program, email="i@example.org", name="I", kind="supplier")
    token = join_path(invited).rstrip("/").split("/")[-1]
    own = own_page_path(partner)
    for action in (
        hub.form_action("join"),
        hub.form_action(f"join:{token}"),
        hub.form_action("join:forged"),
        own,
        f"{own}edit/",
        reverse("wagtail_referrals:partner_renew"),
    ):
        answer = Client().generic("POST", action, body, content_type=kind)
        assert answer.status_code in WELCOME, action
    assert Partner.objects.count() == 2


@pytest.mark.parametrize("token", ["x", ":" * 50, "1:2:3", "a" * 3000, "%00", "😀", "sent", "join"])
def test_forged_links_say_so(client, hub, token):
    for address in (f"/refer/partner/{token}/edit/", f"/refer/partner/join/{token}/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"change": "pause"}).status_code in (404, 405)


def test_a_get_of_where_a_form_is_sent_to_leads_to_the_form(client, hub):
    assert client.get(hub.form_action("join")).url == f"{hub.url}join/"
    assert client.get(hub.form_action("join:abc")).url == f"{hub.url}join/abc/"
    assert client.get(hub.form_action("nonsense")).url == hub.url
