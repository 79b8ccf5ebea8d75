"""The directory of a hub: who stands in it, how it is filtered and searched, its addresses."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from wagtail.models import Locale, PageViewRestriction

from tests.partner_fixtures import (
    list_partner,
    make_hub,
    make_partner,
    make_partner_page,
    make_topic,
)
from tests.structured import things_of
from wagtail_referrals.pages.directory_wish import Wish
from wagtail_referrals.partners.models import Partner

# MariaDB's full-text index knows what is committed, and a test commits nothing.
finds_words = pytest.mark.needs_database("sqlite", "postgresql")


@pytest.fixture
def hub(program):
    return make_hub(program)


def names(html: str) -> list[str]:
    return re.findall(r'referrals-card__title"><a href="[^"]*">([^<]*)<', html)


def listed(client, hub, query: str = "") -> list[str]:
    response = client.get(f"{hub.url}directory/{query}")
    assert response.status_code == 200
    return names(response.content.decode())


def filters(html: str) -> dict[str, tuple[str, int]]:
    """Every link that filters: where it leads and the count beside it; 0 for one that is on."""
    found = re.findall(
        r'<li><a href="([^"#]*)#partners"( aria-current="true")?><span>([^<]*)</span> '
        r'<span class="referrals-filters__count">(\d+)<',
        html,
    )
    return {
        label: (unescape(address), 0 if is_on else int(count))
        for address, is_on, label, count in found
    }


def test_active_partners_with_a_live_public_page_stand_in_it(client, hub):
    list_partner(hub, "Baker")
    list_partner(hub, "Draft").unpublish()
    paused = list_partner(hub, "Paused")
    Partner.objects.filter(pk=paused.partner_id).update(state="paused")
    private = list_partner(hub, "Private")
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    assert listed(client, hub) == ["Baker"]


def test_partners_of_another_program_or_language_do_not(client, hub, program):
    from tests.fixtures import make_program

    other = make_program(slug="other")
    make_partner_page(hub, make_partner(other, "Stranger"))
    german = Locale.objects.create(language_code="de")
    list_partner(hub, "Bäcker", locale=german)
    list_partner(hub, "Baker")
    assert listed(client, hub) == ["Baker"]


def test_a_hub_on_a_topic_lists_only_partners_of_it(client, hub):
    list_partner(hub, "Baker", topics=["Bread"])
    list_partner(hub, "Lawyer", topics=["Law"])
    hub.topics = [make_topic("Bread")]
    hub.save()
    assert listed(client, hub) == ["Baker"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=supplier", ["Miller"]),
        ("?topic=bread", ["Baker", "Miller"]),
        ("?topic=bread&topic=delivery", ["Miller"]),
        ("?new=1", ["Baker"]),
        ("?letter=m", ["Miller"]),
        pytest.param("?q=sourdough", ["Baker"], marks=finds_words),
        pytest.param("?q=bread&kind=supplier", ["Miller"], marks=finds_words),
    ],
)
def test_filters(client, hub, query, expected):
    list_partner(hub, "Baker", topics=["Bread"], summary="Sourdough from the harbour")
    list_partner(
        hub, "Miller", kind="supplier", topics=["Bread", "Delivery"], takes_new_clients=False
    )
    assert listed(client, hub, query) == expected


def test_the_count_beside_a_filter_is_what_it_leads_to(client, hub):
    list_partner(hub, "Baker", topics=["Bread", "Delivery"])
    list_partner(hub, "Miller", kind="supplier", topics=["Bread"], takes_new_clients=False)
    list_partner(hub, "Lawyer", topics=["Law"])
    queue, seen = [f"{hub.url}directory/"], set()
    while queue:
        address = queue.pop()
        html = client.get(address).content.decode()
        for there, count in filters(html).values():
            if count and there not in seen:
                seen.add(there)
                queue.append(there)
                assert len(names(client.get(there).content.decode())) == count, there
    assert len(seen) > 8


def test_a_filter_that_is_on_is_taken_away_by_its_own_link(client, hub):
    list_partner(hub, "Baker", topics=["Bread"])
    html = client.get(f"{hub.url}directory/?topic=bread").content.decode()
    assert filters(html)["Bread"][0] == f"{hub.url}directory/"


@finds_words
def test_the_words_are_kept_by_filters_and_the_filters_by_the_words(client, hub):
    list_partner(hub, "Baker", topics=["Bread"], summary="Sourdough")
    html = client.get(f"{hub.url}directory/?q=sourdough&kind=strategic").content.decode()
    assert parse_qs(urlsplit(filters(html)["Bread"][0]).query)["q"] == ["sourdough"]
    assert '<input type="hidden" name="kind" value="strategic">' in html


def test_letters_with_marks_stand_under_the_plain_ones(client, hub):
    for name in ("Äpfel und Birnen", "Anker", "1000 Dinge", "Ölmühle"):
        list_partner(hub, name)
    assert sorted(listed(client, hub, "?letter=A")) == ["Anker", "Äpfel und Birnen"]
    assert listed(client, hub, "?letter=%23") == ["1000 Dinge"]


def test_twenty_four_a_page(client, hub):
    for number in range(30):
        list_partner(hub, f"Partner {number:02}")
    assert len(listed(client, hub)) == 24
    assert listed(client, hub, "?page=2")[-1] == "Partner 29"
    html = client.get(f"{hub.url}directory/?page=2").content.decode()
    [items] = things_of(html, "ItemList")
    assert items["itemListElement"][0]["position"] == 25


def test_a_page_after_the_last_one_is_the_last_one(client, hub):
    list_partner(hub, "Baker")
    response = client.get(f"{hub.url}directory/?page=7")
    assert names(response.content.decode()) == ["Baker"]
    assert f'rel="canonical" href="{hub.full_url}directory/"' in response.content.decode()


@finds_words
def test_a_beginning_of_a_word_is_found(client, hub):
    list_partner(hub, "Husum Bakery")
    assert listed(client, hub, "?q=bak") == ["Husum Bakery"]


@pytest.mark.needs_database("postgresql")
def test_a_word_with_a_slip_is_found(client, hub):
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    list_partner(hub, "Husum Bakery")
    response = client.get(f"{hub.url}directory/?q=bakrey")
    assert names(response.content.decode()) == ["Husum Bakery"]
    assert "These come close" in response.content.decode()


def test_where_nobody_fits_it_says_what_to_try(client, hub):
    list_partner(hub, "Baker", topics=["Gardening"])
    html = client.get(f"{hub.url}directory/?q=gardner&kind=strategic").content.decode()
    if names(html):
        return  # This database finds what is like it.
    assert "Nobody fits all of that" in html
    assert f'href="{hub.url}directory/?kind=strategic"' in html
    assert f'href="{hub.url}directory/?topic=gardening"' in html


def test_an_empty_directory_says_so(client, hub):
    assert "There are no partners here yet" in client.get(hub.url).content.decode()
    assert "There are no partners here yet" in client.get(f"{hub.url}directory/").content.decode()


@pytest.mark.parametrize("query", ["?topic=bread", "?kind=strategic", "?new=1", ""])
def test_simple_lists_are_for_search_engines(client, hub, query):
    list_partner(hub, "Baker", topics=["Bread"])
    response = client.get(f"{hub.url}directory/{query}")
    assert "X-Robots-Tag" not in response
    assert f'rel="canonical" href="{hub.full_url}directory/{query}"' in response.content.decode()


@pytest.mark.parametrize("query", ["?topic=bread&kind=strategic", "?q=bread", "?letter=B"])
def test_other_lists_are_not(client, hub, query):
    list_partner(hub, "Baker", topics=["Bread"])
    response = client.get(f"{hub.url}directory/{query}")
    assert response["X-Robots-Tag"] == "noindex, follow"
    assert '<meta name="robots" content="noindex, follow">' in response.content.decode()


def test_one_list_has_one_canonical_address(client, hub):
    list_partner(hub, "Baker", topics=["Bread", "Delivery"])
    same = ("?topic=delivery&topic=bread", "?topic=bread&topic=delivery&utm_source=x&page=1")
    pages = [client.get(f"{hub.url}directory/{query}").content.decode() for query in same]
    canonical = [re.search(r'rel="canonical" href="([^"]*)"', page)[1] for page in pages]
    assert canonical[0] == canonical[1]


def test_no_cookies(client, hub):
    list_partner(hub, "Baker")
    response = client.get(f"{hub.url}directory/?q=baker")
    assert not response.cookies


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=99999999999999999999",
        "?page=٣",
        "?page=one",
        "?topic=nowhere",
        "?topic=" + "x" * 3000,
        "?topic=%00",
        "?kind=%00",
        "?kind=nothing",
        "?letter=%00",
        "?letter=%F0%9F%98%80",
        "?q=" + "word " * 400,
        "?q=" + "x" * 2000,
        "?q=%00",
        "?q=%22%27%29%28*%3A%26%7C%21",
        "?q=AND+OR+NOT+NEAR",
        "?q=%E2%80%AE",
        "?q=a%00b",
        "?new=%00&new=2",
        "?" + "&".join(f"topic=t{number}" for number in range(100)),
    ],
)
def test_nonsense_is_no_error(client, hub, query):
    list_partner(hub, "Baker")
    assert client.get(f"{hub.url}directory/{query}").status_code == 200


def test_a_wish_reads_what_it_writes():
    wish = Wish.read(QueryDict("q=fresh+bread&topic=b&topic=a&kind=supplier&new=1&letter=é&page=3"))
    again = Wish.read(QueryDict(urlsplit(wish.after("/")).query))
    assert again == wish
