"""How often a hub and its directory ask the database: as often for two partners as for many."""

import pytest
from wagtail.models import Page

from tests.partner_fixtures import list_partner, make_hub, make_image
from tests.test_query_counts import at_most


def cards(pages):
    return {"heading": "", "pages": pages, "section": None, "tag": "", "count": 3}


@pytest.mark.parametrize("size", [2, 30])
def test_a_hub_with_cards_and_a_directory(client, program, size):
    root = program.site.root_page
    pages = [
        root.add_child(instance=Page(title=f"Page {n}", slug=f"page-{n}")) for n in range(size)
    ]
    directory = ("directory", {"heading": "", "text": ""})
    hub = make_hub(program, picture=make_image(size=(1400, 800)))
    hub.body = [("cards", cards(pages)), directory]
    hub.save()
    for number in range(size):
        logo = make_image(f"Logo {number}")
        list_partner(hub, f"Partner {number:02}", topics=["Bread"], logo=logo)
    client.get(hub.url)
    with at_most(14):
        assert client.get(hub.url).status_code == 200


@pytest.mark.needs_database("postgresql")
@pytest.mark.parametrize("size", [2, 30])
def test_a_directory_that_is_searched_and_filtered(client, program, size):
    hub = make_hub(program)
    for number in range(size):
        logo = make_image(f"Logo {number}")
        list_partner(hub, f"Baker {number:02}", topics=["Bread"], logo=logo)
    url = f"{hub.url}directory/?q=baker&topic=bread&kind=strategic&new=1"
    client.get(url)
    with at_most(14):
        assert client.get(url).context["directory"].total == size
