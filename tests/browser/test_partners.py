"""A business is invited, fills in the form on a phone, is published, and sees what comes of it."""

import copy
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.pages.joining import ANSWERS, png, publish
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.join import invite_partner
from wagtail_referrals.partners.mail import own_page_path
from wagtail_referrals.partners.models import Partner

from .waiting import follow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
TYPED = ("summary", "serves", "spot", "phrases", "works", "different", "town", "offer", "website")


@pytest.fixture
def hub(landing):
    hub = PartnerHubPage(title="Kiel by bicycle", slug="hub", program=landing.program)
    return landing.get_parent().add_child(instance=hub)


@pytest.fixture(params=["ltr", "rtl"])
def direction(request, settings):
    if request.param == "rtl":
        templates = copy.deepcopy(django_settings.TEMPLATES)
        templates[0]["DIRS"].append(Path(__file__).parent / "templates")
        settings.TEMPLATES = templates
        base = {"BASE_TEMPLATE": "far.html"}
        settings.WAGTAIL_REFERRALS = {**django_settings.WAGTAIL_REFERRALS, **base}
    return request.param


def fill_in(visitor, logo):
    """By hand, as far as hands matter: the keyboard reaches every field."""
    for name in TYPED:
        visitor.page.locator(f"[name={name}]").fill(ANSWERS[name])
    visitor.page.locator("[name=contact]").fill(ANSWERS["contact"])
    visitor.page.locator("[name=cooperation][value=webinar]").check()
    visitor.page.locator("[name=logo]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": logo}
    )


def send(visitor):
    follow(visitor.page.locator("form[method=post] [type=submit]").first)


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_from_the_invitation_to_the_partners_own_page(visit, no_time_trap, hub, width, javascript):
    invite_partner(hub.program, email="cem@example.org", name="Bicycles", kind="supplier")
    mail = compose(Message.objects.get(kind="partner_invitation"))
    cem = visit("Cem", width=width, javascript=javascript)
    cem.open(re.search(r"/refer/partner/join/\S+", mail.body)[0])
    cem.check("join", axe=javascript)
    send(cem)
    cem.page.locator("[data-referrals-errors]").wait_for()
    cem.check("join-errors", axe=javascript)
    fill_in(cem, png().read())
    send(cem)
    cem.page.get_by_role("heading", name="Thank you, we have it").wait_for()
    page = publish(PartnerPage.objects.get())

    friend = visit("Friend", width=width, javascript=javascript)
    friend.open(page.url)
    friend.check("profile", axe=javascript)
    assert friend.page.get_by_text("My brakes are screaming").is_visible()
    partner = Partner.objects.get()
    friend.open(f"/refer/r/{partner.advocate.display_code}/")
    friend.check("partner-landing", axe=javascript)
    friend.page.locator("[name=email]").fill("bo@example.org")
    friend.page.locator("[name=terms]").check()
    send(friend)
    assert friend.coupon

    cem.open(own_page_path(partner))
    cem.check("own", axe=javascript)
    assert cem.page.locator(".referrals-numbers dd").all_inner_texts() == ["1", "1", "0"]
    follow(cem.page.get_by_role("link", name="Change what it says"))
    cem.check("own-edit", axe=javascript)
    cem.page.locator("[name=summary]").fill("New words")
    send(cem)
    cem.page.get_by_role("status").get_by_text("We look at what you changed").wait_for()
    follow(cem.page.get_by_role("button", name="Pause"))
    cem.page.get_by_role("heading", name="Go on").wait_for()
    partner.refresh_from_db()
    assert partner.state == "paused"


def test_nothing_is_wider_than_a_phone(visit, no_time_trap, direction, hub):
    partner = invite_partner(hub.program, email="cem@example.org", name=LONG, kind="supplier")
    texts = dict.fromkeys(("serves", "spot", "phrases", "works", "different"), LONG)
    page = PartnerPage(
        title=LONG, slug="long", partner=partner, summary=LONG, town=LONG[:80], **texts
    )
    page.body = [("link", {"label": "", "url": f"https://example.org/{LONG}"})]
    page.people = [("person", {"name": LONG, "role": LONG})]
    partner.joint_offers.create(title=LONG, text=LONG)
    hub.add_child(instance=page)
    publish_now(page)
    reader = visit("Reader", width=390)
    partner.refresh_from_db()
    own = own_page_path(partner)
    addresses = {
        "profile": page.url,
        "landing": f"{page.url}with/{partner.advocate.display_code}/",
        "join": f"{hub.url}join/",
        "own": own,
        "own-edit": f"{own}edit/",
        "own-renew": "/refer/partner/",
    }
    for name, address in addresses.items():
        reader.open(address)
        reader.check(f"long-{direction}-partner-{name}")


def publish_now(page):
    page.save_revision().publish()
