"""Whatever is posted to a form, the answer is a page, and nothing is stored that was not asked.

A hundred posts in an ordinary run; HOSTILE_POSTS=10000 for a night's.
"""

import os
import random

import pytest
from django.core.cache import cache
from django.test import Client

from tests.fixtures import BROWSER
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.pages.models import FeedbackQuestion

pytestmark = pytest.mark.usefixtures("no_time_trap")

POSTS = int(os.environ.get("HOSTILE_POSTS", "120"))
WELCOME = {200, 303, 400, 413, 429}

NAUGHTY = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ufeff\u202e\u200b",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "الكل في المجمو عة",
    "😀" * 300,
    "Z̸̡̢͔a̷l̵g̴o̶" * 50,
    "a" * 100_000,
    "-1",
    "11",
    "1e309",
    "NaN",
    "9" * 400,
    "٣",
    "True",
    "null",
    "undefined",
    "[]",
    '{"$ne": null}',
    "' OR 1=1 --",
    "'; DROP TABLE wagtail_referrals_person; --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "${jndi:ldap://x.example/a}",
    "../../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "x@example.org\r\nBcc: y@example.org",
    "a@" + "b" * 300 + ".example",
    '"very.(),:;<>[]\\"@example.org',
    "ann@exämple.org",
    "https://spam.example",
    "\r\nSet-Cookie: x=1",
]
QUESTIONS = [
    {"clean_name": "score", "label": "Score", "field_type": "score"},
    {
        "clean_name": "why",
        "label": "Why?",
        "field_type": "multiline",
        "required": False,
        "conditions": [("condition", {"question": "Score", "test": "at_most", "value": "6"})],
    },
    {
        "clean_name": "heard",
        "label": "Heard of us",
        "field_type": "heard",
        "required": False,
        "step_title": "More",
    },
    {"clean_name": "stars", "label": "Stars", "field_type": "stars", "required": False},
    {"clean_name": "when", "label": "When", "field_type": "datetime", "required": False},
    {"clean_name": "many", "label": "Many", "field_type": "checkboxes", "required": False},
    {"clean_name": "number", "label": "Number", "field_type": "number", "required": False},
    {
        "clean_name": "name",
        "label": "Name",
        "field_type": "name",
        "required": False,
        "step_title": "You",
    },
    {"clean_name": "email", "label": "E-mail", "field_type": "email"},
]
NAMES = [question["clean_name"] for question in QUESTIONS]
OWN = ["referrals-step", "referrals-back", "referrals-asked", "referrals-shown", "told-by"]
PARTS = ["heard_told-by", "heard_reach-at", "when_0", "stars_0", "__proto__", "csrfmiddlewaretoken"]


@pytest.fixture
def page(feedback_page):
    feedback_page.form_fields = [
        FeedbackQuestion(sort_order=number, choices="a\nb" * (one["clean_name"] == "many"), **one)
        for number, one in enumerate(QUESTIONS)
    ]
    feedback_page.save()
    return feedback_page


def hostile(rng: random.Random, stamp: str) -> dict[str, object]:
    """A form with the right stamp half of the time, and in it whatever may be."""
    names = rng.sample([*NAMES, *OWN, *PARTS], k=rng.randint(0, 12))
    sent: dict[str, object] = {name: rng.choice(NAUGHTY) for name in names}
    if rng.random() < 0.2:
        sent[rng.choice(NAMES)] = [rng.choice(NAUGHTY) for _ in range(rng.randint(2, 40))]
    if rng.random() < 0.1:
        sent.update({rng.choice(NAUGHTY[3:]) + str(n): "x" for n in range(50)})
    if rng.random() < 0.5:
        sent["referrals-shown"] = stamp
    if rng.random() < 0.4:
        sent.update(
            {"score": rng.choice(["0", "9", "10"]), "email": f"x{rng.random()}@example.org"}
        )
    if rng.random() < 0.3:
        sent["referrals-step"] = rng.choice(["0", "1", "2", "3", "-1", "999", "٣", *NAUGHTY])
    return sent


@pytest.mark.slow
def test_hostile_forms_break_nothing(client, page):
    rng = random.Random(4)
    shown = client.get(page.url).context["form"]
    stamp = shown[shown.stamp_name].value()
    for number in range(POSTS):
        sent = hostile(rng, stamp)
        meta = {"HTTP_USER_AGENT": BROWSER, "REMOTE_ADDR": f"10.0.{number >> 8 & 255}.1"}
        try:
            response = client.post(page.form_action(), sent, **meta)
        except Exception as error:
            raise AssertionError(f"post {number}: {sent!r}"[:3000]) from error
        assert response.status_code in WELCOME, (number, sent)
        if response.status_code == 303:
            assert client.get(response.url).status_code == 200, (number, sent)
    nothing_unasked_is_stored()


def nothing_unasked_is_stored() -> None:
    for response in FeedbackResponse.objects.select_related("person"):
        assert response.form_data.keys() <= set(NAMES)
        assert response.score is not None
        assert 0 <= response.score <= 10
        assert "why" not in response.form_data or response.score <= 6
        assert "\x00" not in str(response.form_data)
        assert response.person.email.count("@") == 1
        assert "\n" not in response.person.email
    given = FeedbackResponse.objects.exclude(coupon=None).count()
    assert Coupon.objects.count() == given


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="email"'
BODIES = [
    (b"", "multipart/form-data"),
    (b"", "multipart/form-data; boundary="),
    (PART + b"\r\n\r\n9", MULTIPART),
    (PART + b'; filename="a"\r\n\r\n9\r\n--x--', MULTIPART),
    (b"--x\r\n" * 5000, MULTIPART),
    (b"%ff%fe=%ff&score=%&email=%ED%A0%80", URLENCODED),
    (b"score=9&email=\xff\xfe", URLENCODED + "; charset=utf-16"),
    (b"score=9&email=ann@example.org", URLENCODED + "; charset=nonsense"),
    (b'{"score": 9}', "application/json"),
    (b"\x1f\x8b\x08", "application/octet-stream"),
    (b"&".join(b"f%d=1" % n for n in range(10_000)), URLENCODED),
    (b"better=" + b"a" * 3_000_000, URLENCODED),
    (b"score=9&" * 900, URLENCODED),
]


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_a_body_that_is_no_form_is_answered_without_an_error(page, number):
    body, kind = BODIES[number]
    for action in (page.form_action(), page.form_action("x" * 40)):
        response = Client().generic("POST", action, body, content_type=kind)
        assert response.status_code in WELCOME
    assert not FeedbackResponse.objects.exists()


@pytest.mark.parametrize("token", ["x", ":" * 50, "1:2:3", "a" * 3000, "..%2f", "%00", "😀"])
def test_forged_tokens_lead_nowhere(client, page, token):
    cache.clear()
    for address in (f"{page.url}thanks/{token}/", f"{page.url}thanks/{token}/reviews/"):
        assert client.get(address).status_code in (200, 400, 404, 410)


@pytest.mark.parametrize("sent", [{"referrals-step": "2"}, {"referrals-back": "1"}, {}])
def test_steps_in_the_wrong_order_store_nothing(client, page, sent):
    response = client.post(page.form_action(), {"email": "ann@example.org", **sent})
    assert response.status_code == 200
    assert not FeedbackResponse.objects.exists()
