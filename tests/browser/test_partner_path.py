"""From the invitation of a business to the commission for who introduced somebody to it."""

import re

import pytest

from tests.browser.test_partners import fill_in, send
from tests.pages.joining import png
from tests.partners.test_introductions import commission
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.rewards.models import Reward

from .waiting import follow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def hub(landing, settings):
    settings.WAGTAIL_ENABLE_UPDATE_CHECK = False
    settings.WAGTAIL_GRAVATAR_PROVIDER_URL = None
    body = [("directory", {"heading": "People we trust", "text": ""})]
    hub = PartnerHubPage(title="Good people", slug="hub", program=landing.program, body=body)
    return landing.get_parent().add_child(instance=hub)


def mailed(kind, pattern):
    """An address from the newest mail of a kind."""
    mail = compose(Message.objects.filter(kind=kind).latest("pk"))
    return re.search(pattern, mail.body)[0]


def test_invited_published_found_introduced_won_and_paid(visit, no_time_trap, staff, hub):
    commission(hub.program)
    owner, _problems = staff()

    # The owner invites a business.
    owner.goto("/admin/referrals/partners/new/")
    owner.get_by_label("Name of the business").fill("Bicycles")
    owner.get_by_label("E-mail of the main contact").fill("cem@example.org")
    follow(owner.locator("form [type=submit]").last)
    owner.get_by_text("is invited").wait_for()

    # It fills in the form on a phone.
    cem = visit("Cem", width=390)
    cem.open(mailed("partner_invitation", r"/refer/partner/join/\S+"))
    fill_in(cem, png().read())
    send(cem)
    cem.page.get_by_role("heading", name="Thank you, we have it").wait_for()

    # An editor publishes, as a list of drafts is published.
    draft = PartnerPage.objects.get()
    owner.goto(f"/admin/bulk/wagtailcore/page/publish/?id={draft.pk}&next=/admin/")
    follow(owner.get_by_role("button", name="Yes, publish"))
    assert PartnerPage.objects.get().live

    # It stands in the hub, and is found by words and by filter.
    carla = visit("Carla", width=390)
    carla.open(hub.url)
    carla.page.get_by_role("link", name="Bicycles").first.wait_for()
    for query in ("?q=road", "?kind=strategic"):
        carla.open(f"{hub.url}directory/{query}")
        carla.page.get_by_role("link", name="Bicycles").first.wait_for()
    carla.open(f"{hub.url}directory/?kind=content")
    assert carla.page.get_by_role("link", name="Bicycles").count() == 0

    # A customer introduces a friend.
    carla.open(PartnerPage.objects.get().url)
    follow(carla.page.get_by_role("link", name="Introduce somebody"))
    typed = {
        "giver_name": "Carla Customer",
        "giver_email": "carla@example.org",
        "name": "Dora Daily",
        "email": "dora@example.org",
        "need": "Her brakes are screaming.",
    }
    for name, value in typed.items():
        carla.page.locator(f"[name={name}]").fill(value)
    for name, value in {"known": "well", "way": "call", "agreed": "yes"}.items():
        carla.page.locator(f"[name={name}][value={value}]").check()
    send(carla)
    carla.page.wait_for_url("**/introduce/thanks/**")
    carla.check("path-introduced")

    # It goes through the stages on the board, and is won.
    owner.goto("/admin/referrals/introductions/board/")
    for stage in ("accepted", "contacted", "meeting", "offer made"):
        follow(owner.get_by_role("button", name=f"to “{stage}”"))
        owner.get_by_role("heading", name=re.compile(stage, re.IGNORECASE)).first.wait_for()
    introduction = Introduction.objects.get()
    assert introduction.stage == "offer"
    owner.goto(f"/admin/referrals/introductions/move/{introduction.pk}/")
    owner.locator("[name=stage][value=won]").check()
    owner.locator("[name=amount]").fill("200")
    follow(owner.locator("form [type=submit]").last)
    owner.get_by_text("won", exact=False).first.wait_for()

    # Both sides see it, and the commission waits.
    introduction.refresh_from_db()
    assert introduction.stage == "won"
    assert Message.objects.filter(kind="introduction_stage", person__email="carla@example.org")
    cem.open(mailed("partner_published", r"/refer/partner/\S+"))
    cem.page.get_by_text("Dora Daily").wait_for()
    assert cem.page.get_by_text("won").first.is_visible()
    cem.check("path-own")
    reward = Reward.objects.get(person__email="carla@example.org")
    assert (reward.state, reward.amount) == ("pending", 20)
