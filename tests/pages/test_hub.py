"""What stands on a hub: its blocks, its data for search engines, and what an editor begins with."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import RequestFactory
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from tests.partner_fixtures import list_partner, make_hub, make_image, make_topic
from tests.structured import structured_data, things_of
from wagtail_referrals.pages.hub_body import fill_in_body, hub_blocks
from wagtail_referrals.pages.models import PartnerHubPage
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.models import JointOffer
from wagtail_referrals.programs.models import Offer

KEY = "7d3c5d0e-6f5d-4f5e-9a53-6dd1a8a52a11"


@pytest.fixture
def hub(program):
    return make_hub(program)


def shown(client, hub, body) -> str:
    """The hub with that body, as a visitor gets it."""
    hub.body = body
    hub.save()
    response = client.get(hub.url)
    assert response.status_code == 200
    html = response.content.decode()
    structured_data(html)
    return html


def event(**values):
    starts = timezone.now() + timedelta(days=3)
    raw = {"title": "Open evening", "text": "", "starts": starts, "ends": None}
    return {**raw, "place": "Harbour 3, Husum", "url": "", **values}


def events(*found) -> list:
    items = [{"type": "item", "value": one, "id": KEY} for one in found]
    return [{"type": "events", "value": {"heading": "", "events": items}}]


def raw(found):
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in found.items()
    }


def test_a_new_hub_opens_with_a_useful_body(program):
    hub = PartnerHubPage(program=program)
    fill_in_body(hub)
    kinds = [block.block_type for block in hub.body]
    assert kinds == ["lead", "directory", "offers", "questions"]
    root = Site.objects.get(is_default_site=True).root_page
    hub.title = "Guide"
    root.add_child(instance=hub)
    hub.full_clean()


def test_the_filling_leaves_other_pages_alone(program, landing):
    fill_in_body(landing)
    assert not hasattr(landing, "body")


def test_a_site_takes_blocks_away_and_adds_its_own():
    from wagtail.blocks import CharBlock

    names = [name for name, _block in hub_blocks(without=("events",), more=[("map", CharBlock())])]
    assert "events" not in names
    assert names[-1] == "map"


def test_chosen_pages_stand_as_cards_in_that_order(client, hub, landing, feedback_page):
    html = shown(client, hub, [("cards", cards(landing, feedback_page))])
    assert html.index("Welcome") < html.index("Your opinion")


def cards(*pages, **values):
    return {"heading": "", "pages": list(pages), "section": None, "tag": "", "count": 3, **values}


def test_a_chosen_page_that_is_a_draft_private_or_gone_is_left_out(
    client, hub, landing, feedback_page
):
    root = landing.get_parent()
    gone = root.add_child(instance=Page(title="Gone", slug="gone"))
    hub.body = [("cards", cards(landing, feedback_page, gone))]
    hub.save()
    landing.unpublish()
    PageViewRestriction.objects.create(page=feedback_page, restriction_type="login")
    gone.delete()
    html = client.get(hub.url).content.decode()
    assert "referrals-card__title" not in html


def test_the_newest_of_a_section_follow_by_themselves(client, hub):
    root = hub.get_parent()
    section = root.add_child(instance=Page(title="News", slug="news"))
    for number in range(5):
        page = section.add_child(instance=Page(title=f"Story {number}", slug=f"story-{number}"))
        page.first_published_at = timezone.now() - timedelta(days=number)
        page.save()
    html = shown(client, hub, [("cards", cards(section=section, count=2))])
    assert "Story 0" in html
    assert "Story 1" in html
    assert "Story 2" not in html


def test_featured_partners_are_shown_while_they_are_active(client, hub):
    baker, lawyer = (list_partner(hub, name).partner for name in ("Baker", "Lawyer"))
    body = [("featured", {"heading": "", "partners": [lawyer, baker]})]
    html = shown(client, hub, body)
    assert html.index("Lawyer") < html.index("Baker")
    lawyer.state = "paused"
    lawyer.save()
    assert "Lawyer" not in client.get(hub.url).content.decode()


def test_joint_offers_are_shown_while_they_are_to_be_had(client, hub):
    baker = list_partner(hub, "Baker").partner
    today = timezone.localdate()
    offer = Offer.objects.create(name="Bread", kind="percent", amount=Decimal(10))
    terms = {"partner": baker, "offer": offer}
    day = timedelta(days=1)
    JointOffer.objects.create(title="Now", starts_on=today, ends_on=today, **terms)
    JointOffer.objects.create(title="Over", ends_on=today - day, **terms)
    JointOffer.objects.create(title="Not yet", starts_on=today + day, **terms)
    html = shown(client, hub, [("offers", {"heading": "", "count": 6})])
    [said] = things_of(html, "Offer")
    assert said["name"] == "Now"
    assert said["validThrough"] == today.isoformat()
    assert "10% off" in html
    assert "Over" not in html
    assert "Not yet" not in html


def test_the_public_shelf(client, hub):
    terms = {"program": hub.program, "kind": "brochure", "url": "https://example.org/film"}
    Collateral.objects.create(title="For all", **terms)
    Collateral.objects.create(title="For staff", audience="staff", **terms)
    html = shown(client, hub, [("shelf", {"heading": "", "kind": "", "count": 6})])
    assert "For all" in html
    assert "For staff" not in html


def test_an_event_stands_there_until_it_is_over(client, hub):
    html = shown(client, hub, events(raw(event())))
    [said] = things_of(html, "Event")
    assert said["location"]["name"] == "Harbour 3, Husum"
    past = timezone.now() - timedelta(days=1)
    html = shown(client, hub, events(raw(event(starts=past))))
    assert "Open evening" not in html


def test_an_event_without_a_place_is_online(client, hub):
    html = shown(client, hub, events(raw(event(place="", url="https://example.org/join"))))
    [said] = things_of(html, "Event")
    assert said["location"] == {"@type": "VirtualLocation", "url": "https://example.org/join"}


def test_an_event_goes_into_a_calendar(client, hub):
    starts = timezone.now().replace(microsecond=0) + timedelta(days=3)
    title = "Öffentlicher Abend, mit Brot; und mehr als nur einer sehr langen Zeile, die umbricht"
    html = shown(client, hub, events(raw(event(title=title, starts=starts))))
    address = f"{hub.url}event/{KEY}/"
    assert address in html
    response = client.get(address)
    assert response["Content-Type"].startswith("text/calendar")
    lines = response.content.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = response.content.decode().replace("\r\n ", "")
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}" in unfolded
    assert f"DTEND:{starts + timedelta(hours=1):%Y%m%dT%H%M%SZ}" in unfolded
    assert f"SUMMARY:{title.replace(',', chr(92) + ',').replace(';', chr(92) + ';')}" in unfolded


def test_an_event_that_is_not_there_is_not_found(client, hub):
    assert client.get(f"{hub.url}event/{KEY}/").status_code == 404
    assert client.get(f"{hub.url}event/nothing/").status_code == 404


def action(**values):
    return {
        "kind": "join",
        "heading": "",
        "text": "",
        "page": None,
        "url": "",
        "button_label": "",
        **values,
    }


def test_a_call_to_action_has_words_before_anybody_wrote_some(client, hub, landing):
    html = shown(client, hub, [("action", action(page=landing))])
    assert "Become a partner" in html
    assert f'href="{landing.url}"' in html


def test_to_introduce_somebody_leads_to_the_hub_s_own_form(client, hub):
    html = shown(client, hub, [("action", action(kind="introduce"))])
    assert f'href="{hub.url}introduce/"' in html


def test_a_call_to_action_whose_page_is_gone_is_not_shown(client, hub, landing):
    shown(client, hub, [("action", action(kind="refer", page=landing))])
    landing.delete()
    assert "Refer a friend" not in client.get(hub.url).content.decode()


def test_what_an_editor_writes_cannot_leave_the_structured_data(client, hub):
    evil = '</script><script>alert("1")</script>'
    list_partner(hub, "Baker")
    hub.title = evil
    html = shown(client, hub, [("directory", {"heading": "", "text": ""})])
    assert "<script>alert" not in html
    [items] = things_of(html, "ItemList")
    assert items["name"] == evil


def test_what_search_engines_are_told(client, hub):
    list_partner(hub, "Baker")
    html = client.get(hub.url).content.decode()
    [crumbs] = things_of(html, "BreadcrumbList")
    assert [one["name"] for one in crumbs["itemListElement"]][-1] == hub.title
    [items] = things_of(html, "ItemList")
    assert items["itemListElement"][0]["name"] == "Baker"
    assert f'<link rel="canonical" href="{hub.full_url}">' in html


def test_what_people_who_share_it_see(client, hub):
    hub.summary, hub.picture = "Whom we trust", make_image(size=(1400, 800))
    html = shown(client, hub, [])
    assert '<meta property="og:description" content="Whom we trust">' in html
    assert '<meta property="og:image" content="http://localhost/' in html


def test_it_is_in_the_sitemap(hub):
    entries = hub.get_sitemap_urls(RequestFactory().get("/"))
    assert entries[0]["location"] == hub.full_url


def test_pictures_say_how_large_they_are(client, hub):
    list_partner(hub, "Baker", logo=make_image(size=(400, 100)))
    hub.picture = make_image(size=(1400, 900))
    html = shown(client, hub, [("directory", {"heading": "", "text": ""})])
    pictures = [part.partition(">")[0] for part in html.split("<img")[1:]]
    assert len(pictures) == 2
    assert all("width=" in one and "height=" in one and "sizes=" in one for one in pictures)


def test_a_hub_without_a_program_or_a_body_is_no_error(client, program):
    hub = make_hub(program, body=[])
    hub.topics = [make_topic("Bread")]
    hub.save()
    PartnerHubPage.objects.update(program=None)
    assert client.get(hub.url).status_code == 200
    assert client.get(f"{hub.url}directory/?topic=bread").status_code == 200


def test_the_preview_of_a_hub_that_was_never_saved(program):
    hub = PartnerHubPage(title="New", slug="new", program=program)
    fill_in_body(hub)
    response = hub.make_preview_request()
    assert response.status_code == 200


def test_no_cookies(client, hub):
    assert not client.get(hub.url).cookies
