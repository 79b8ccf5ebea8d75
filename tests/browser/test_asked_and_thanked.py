"""A year of a customer: asked, answered, passed on, thanked; left alone when they say so.

Time is moved, not waited for; mails go through a real mail server and are opened as their reader
opens them.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from tests.smtp import server as server
from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Ask, AskFor, JourneyStage, Touchpoint
from wagtail_referrals.due import run_due
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.referrals.models import Referral, Share

from .waiting import follow, wait_until

pytestmark = [pytest.mark.usefixtures("no_time_trap"), pytest.mark.slow]

ANN, BO, OWNER = "ann@example.org", "bo@example.org", "owner@example.org"
SUBMIT = "form[method=post] [type=submit]"


class Post:
    """The mail server's letters, as they come in."""

    def __init__(self, server: Any, visit: Any) -> None:
        self.server, self.visit = server, visit
        self.read = 0

    def new(self) -> list[EmailMessage]:
        """What came since the last look, each one seen as text, as HTML and as a picture."""
        letters = [
            message_from_bytes(envelope.content, policy=policy.default)
            for envelope in self.server.envelopes[self.read :]
        ]
        self.read += len(letters)
        for letter in letters:
            self._open(letter)
        return letters

    def _open(self, letter: EmailMessage) -> None:
        text, html = text_of(letter), html_of(letter)
        assert letter["Subject"].strip()
        for part in (letter["Subject"], text, html):
            assert "{{" not in part
            assert "}}" not in part
        assert "<" not in text.replace("<https", "").replace("<http", "")
        name = re.sub(r"\W+", "-", letter["Subject"]).strip("-").lower()[:40]
        for width in (390, 1280):
            for scheme in ("light", "dark"):
                reader = self.visit("Reader", width=width)
                reader.page.emulate_media(color_scheme=scheme)
                reader.page.set_content(html)
                reader.check(f"mail-{name}-{scheme}", axe=width == 390)


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def to(letters: list[EmailMessage], address: str) -> list[EmailMessage]:
    return [letter for letter in letters if address in letter["To"]]


def path_of(letter: EmailMessage, pattern: str) -> str:
    """The first address in a letter's HTML that fits, without its host."""
    found = re.search(rf'href="([^"]*{pattern}[^"]*)"', html_of(letter))
    assert found, f"{letter['Subject']} leads nowhere like {pattern}"
    parts = urlsplit(found[1].replace("&amp;", "&"))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def buys(who: str, order: str, *, coupon: str = "") -> None:
    values = {"email": who, "amount": Decimal("40.00"), "currency": "EUR", "coupon_code": coupon}
    record_event("friends", "purchase", external_id=order, **values)


def test_a_year_of_a_customer(visit, feedback_page, landing, program, server):
    program.notify_email = OWNER
    program.days_between_asks = 30
    program.save()
    Touchpoint.objects.create(
        program=program,
        name="The parcel has come",
        stage=JourneyStage.TRY,
        event_kind="purchase",
        asks_for=AskFor.FEEDBACK,
        page=feedback_page,
        delay_hours=5 * 24,
        every_days=30,
        planned_until=timezone.now() - timedelta(minutes=5),
    )
    post, now = Post(server, visit), timezone.now()

    # Not at the till: five days later.
    buys(ANN, "order-1")
    run_due(at=now + timedelta(hours=1))
    assert not to(post.new(), ANN)
    run_due(at=now + timedelta(days=6))
    (ask,) = to(post.new(), ANN)
    assert Ask.objects.get().person.email == ANN

    # One click on 9 opens the form with it, and stores nothing.
    ann = visit("Ann")
    ann.open(path_of(ask, r"\?[a-z_]+=9(?!\d)"))
    assert ann.page.locator("[name=score]:checked").input_value() == "9"
    assert not FeedbackResponse.objects.exists()
    if ann.page.locator("[name=email]").count():
        ann.page.locator("[name=email]").fill(ANN)
    if ann.page.locator("[name=name]").count():
        ann.page.locator("[name=name]").fill("Ann Advocate")
    follow(ann.page.locator(SUBMIT).first)
    ann.page.wait_for_url("**/thanks/**")
    ann.check("asked-thanks")
    run_due(at=now + timedelta(days=6, minutes=5))
    letters = to(post.new(), ANN)
    assert any(ann.coupon in text_of(letter) for letter in letters), [m["Subject"] for m in letters]

    # The QR code on a telephone, and the friend who scans it.
    ann.page.get_by_text("QR code, and cards to print").click()
    picture = ann.page.locator(".referrals-qr")
    picture.scroll_into_view_if_needed()
    assert ann.page.evaluate("e => e.decode().then(() => true)", picture.element_handle())
    link = urlsplit(ann.page.locator("#referrals-link").input_value()).path
    wait_until(ann.page, Share.objects.exists)
    assert Share.objects.get().channel == "qr"
    bo = visit("Bo", cookies=False)
    bo.open(f"{link}?via=qr")
    bo.page.locator("[name=email]").fill(BO)
    bo.page.locator("[name=terms]").check()
    follow(bo.page.locator(SUBMIT))
    bo.page.wait_for_url("**/thanks/**")
    assert Referral.objects.get().channel == "qr"

    # The friend has a coupon, the advocate a thank-you.
    run_due(at=now + timedelta(days=6, minutes=10))
    letters = post.new()
    assert any(bo.coupon in text_of(letter) for letter in to(letters, BO))
    assert to(letters, ANN)

    # The friend buys: the reward waits, then comes.
    buys(BO, "order-2", coupon=bo.coupon)
    run_due(at=now + timedelta(days=6, minutes=15))
    assert len(to(post.new(), ANN)) == 1
    run_due(at=now + timedelta(days=30))
    assert any("10" in text_of(letter) for letter in to(post.new(), ANN))

    # The owner's Monday.
    monday = now + timedelta(days=37)
    monday = (monday - timedelta(days=monday.weekday())).replace(hour=11, minute=0)
    run_due(at=monday)
    (digest,) = to(post.new(), OWNER)
    assert "List-Unsubscribe" not in digest

    # A scanner's look at the address changes nothing; one click from the mailbox ends it all.
    off = ask["List-Unsubscribe"].strip("<>")
    assert ask["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert urlopen(off).status == 200  # noqa: S310 - our own server
    assert urlopen(Request(off, data=b"List-Unsubscribe=One-Click")).status < 300  # noqa: S310
    # What the shop records has today's time: for the touchpoint that was moved away.
    Touchpoint.objects.update(planned_until=now)
    buys(ANN, "order-3")
    buys(BO, "order-4")
    for days in (20, 140, 240):
        run_due(at=now + timedelta(days=days))
    assert not to(post.new(), ANN)
    assert Ask.objects.get(event__external_id="order-3").reason == "unsubscribed"
