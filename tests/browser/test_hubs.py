"""A hub and its directory on a phone and on a desk, read from left and from right."""

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from example_site import demo_pictures
from tests.partner_fixtures import list_partner, make_hub
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.models import JointOffer

from .waiting import follow

LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
PARTNERS = [
    ("Anchor Bakery", "strategic", ["Bread", "Catering"], "Sourdough and rolls before seven."),
    ("Bay Bicycles", "supplier", ["Repairs"], "Repairs while you wait, and honest advice."),
    ("Counting House", "content", ["Bookkeeping"], "Bookkeeping for people who dread it."),
    ("Dune Design", "co_marketing", ["Web sites"], "Web sites that small firms can run."),
    ("Étage", "introducer", ["Catering"], f"Rooms above the harbour. {LONG}"),
    ("Fjord Legal", "strategic", ["Contracts"], "Contracts in words you understand."),
]


@pytest.fixture
def hub(program: Any, landing: Any, feedback_page: Any) -> Any:
    """A guide with a bit of everything."""
    hub = make_hub(program, title="Good people around the harbour")
    palettes = ("moss", "plum", "brick")
    for number, (name, kind, topics, summary) in enumerate(PARTNERS):
        logo = demo_pictures.logo(palettes[number % 3], "loaf")
        page = list_partner(
            hub,
            name,
            kind=kind,
            topics=topics,
            summary=summary,
            town="Husum",
            takes_new_clients=number != 2,
            logo=demo_pictures.keep(logo, name) if number % 2 else None,
        )
        if number < 2:
            JointOffer.objects.create(
                partner=page.partner,
                title="A loaf with your first coffee",
                text="Say at the counter that we sent you.",
                ends_on=timezone.localdate() + timedelta(days=30),
            )
    Collateral.objects.create(
        program=program, kind="video", title="How we roast", url="https://example.org/film"
    )
    starts = timezone.now() + timedelta(days=9)
    event = {"title": "Open evening", "text": "Taste and talk.", "starts": starts, "ends": None}
    hub.picture = demo_pictures.keep(demo_pictures.scene("dawn", seed=3), "The quay")
    hub.summary = "Six businesses we send our own customers to, and why."
    chosen = {"pages": [landing, feedback_page], "section": None, "tag": "", "count": 3}
    words = {"heading": "", "text": "", "button_label": "", "page": None, "url": ""}
    hub.body = [
        (
            "lead",
            {
                "text": "<p>Whom do we ask when we need help ourselves? Here they are.</p>",
                "promise": "We only name people we have worked with.",
            },
        ),
        ("featured", {"heading": "", "partners": [page.partner]}),
        ("directory", {"heading": "People we trust", "text": ""}),
        ("offers", {"heading": "", "count": 6}),
        ("cards", {"heading": "Worth reading", **chosen}),
        ("events", {"heading": "", "events": [{**event, "place": "Quay 3", "url": ""}]}),
        ("shelf", {"heading": "", "kind": "", "count": 6}),
        (
            "questions",
            {"heading": "", "questions": [{"question": "Who pays?", "answer": "<p>Nobody.</p>"}]},
        ),
        ("action", {**words, "kind": "introduce"}),
    ]
    hub.save()
    return hub


@pytest.fixture(params=["ltr", "rtl"])
def direction(request: Any, settings: Any) -> str:
    if request.param == "rtl":
        templates = copy.deepcopy(django_settings.TEMPLATES)
        templates[0]["DIRS"].append(Path(__file__).parent / "templates")
        settings.TEMPLATES = templates
        settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "BASE_TEMPLATE": "far.html"}
    return str(request.param)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_hub_and_its_directory(visit, direction, hub, width):
    reader = visit("Reader", width=width)
    addresses = {
        "hub": hub.url,
        "directory": f"{hub.url}directory/",
        "filtered": f"{hub.url}directory/?kind=strategic&new=1",
        "nobody": f"{hub.url}directory/?kind=strategic&topic=repairs&topic=web-sites",
    }
    for name, address in addresses.items():
        reader.open(address)
        assert reader.page.locator("h1").count() == 1
        reader.check(f"hub-{direction}-{name}")


def test_filters_are_links_and_need_no_script(visit, hub):
    reader = visit("Reader", width=390, javascript=False)
    reader.open(hub.url)
    reader.page.locator(".referrals-filters summary", has_text="Service").click()
    follow(reader.page.get_by_role("link", name="Catering"))
    titles = reader.page.locator(".referrals-card__title")
    assert titles.all_inner_texts() == ["Anchor Bakery", "Étage"]
    follow(reader.page.get_by_role("link", name="Remove: Catering"))
    assert titles.count() == len(PARTNERS)


def test_nothing_moves_while_pictures_load(visit, hub):
    reader = visit("Reader", width=390)
    reader.page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => {"
        " for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    reader.open(hub.url)
    pictures = reader.page.locator("img").all()
    assert pictures
    for picture in pictures:
        # Further down they are loaded when they come into sight.
        picture.scroll_into_view_if_needed()
        picture.evaluate("picture => picture.decode()")
    assert reader.page.evaluate("window.moved") < 0.01
