"""What a hub costs with a handful of partners and with thousands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from tests.fixtures import make_program, make_root
from tests.partner_fixtures import make_hub, make_image, make_topic
from wagtail_referrals.coupons.codes import LINK_LENGTH, new_code
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage, ReferralPage
from wagtail_referrals.partners.models import Partner, PartnerState, partner_kinds
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate

from .measure import compare, statements
from .models import PlainHubPage
from .paths import PAGE_CALLS, PAGE_ROUNDS, _expect
from .results import LeftOut, Result
from .site import Bench

FEW, MANY = 50, 5_000
CARDS = 30
TOPICS = [f"Topic {number:02}" for number in range(40)]
# As many of the partners as a page shows have a logo: the database holds no thousands of files.
LOGOS = 24


def _hub(size: int) -> PartnerHubPage:
    """A hub in a program with that many partners, made once."""
    slug = f"hub-{size}"
    if found := PartnerHubPage.objects.filter(slug=slug).first():
        return found
    program = make_program(slug=slug, starts_at=timezone.now() - timedelta(days=1))
    hub = make_hub(program, slug=slug, title=f"A hub over {size}")
    _fill(hub, size)
    return hub


def _fill(hub: PartnerHubPage, size: int) -> None:
    """Partners with live pages by the dozen; every one has two of forty topics, and one of both."""
    names = [f"{chr(65 + number % 26)}-partner {number:04} of {size}" for number in range(size)]
    emails = [f"{number}@{size}.partner.example" for number in range(size)]
    Person.objects.bulk_create(
        Person(email=email, email_key=email_key(email), name="Ann") for email in emails
    )
    people = dict(Person.objects.filter(email__in=emails).values_list("email", "pk"))
    Advocate.objects.bulk_create(
        Advocate(program=hub.program, person_id=people[email], code_key=new_code(LINK_LENGTH))
        for email in emails
    )
    advocates = dict(Advocate.objects.filter(program=hub.program).values_list("person", "pk"))
    kinds = [key for key, _label in partner_kinds()]
    Partner.objects.bulk_create(
        Partner(
            program=hub.program,
            advocate_id=advocates[people[email]],
            name=name,
            kind=kinds[number % len(kinds)],
            state=PartnerState.ACTIVE,
        )
        for number, (name, email) in enumerate(zip(names, emails, strict=True))
    )
    partners = dict(Partner.objects.filter(program=hub.program).values_list("name", "pk"))
    logos = _images("Logo", LOGOS, (320, 160))
    pages = [
        PartnerPage(
            title=name,
            slug=f"partner-{number}",
            partner_id=partners[name],
            summary=f"Sourdough and good advice, number {number}, since the harbour was built.",
            serves="Families, and offices that like to eat well.",
            town="Husum",
            takes_new_clients=number % 5 > 0,
            logo=logos[number % LOGOS],
        )
        for number, name in enumerate(names)
    ]
    _store(hub, pages)
    _on_topics(pages)
    for start in range(0, size, 500):
        get_search_backend().add_bulk(PartnerPage, pages[start : start + 500])
    if connection.vendor != "mysql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _store(hub: PartnerHubPage, pages: list[PartnerPage]) -> None:
    """The pages below the hub, without a walk through the tree for each."""
    content_type = ContentType.objects.get_for_model(PartnerPage)
    for number, page in enumerate(pages, start=1):
        page.path = PartnerPage._get_path(hub.path, hub.depth + 1, number)
        page.depth, page.url_path = hub.depth + 1, f"{hub.url_path}{page.slug}/"
        page.content_type, page.locale_id, page.live = content_type, hub.locale_id, True
    base = [field.name for field in Page._meta.concrete_fields if not field.primary_key]
    Page.objects.bulk_create(Page(**{name: getattr(page, name) for name in base}) for page in pages)
    keys = dict(Page.objects.child_of(hub).values_list("path", "pk"))
    for page in pages:
        page.pk = page.id = page.page_ptr_id = keys[page.path]
        page.save_base(raw=True, force_insert=(PartnerPage,))
    Page.objects.filter(pk=hub.pk).update(numchild=len(pages))


def _on_topics(pages: list[PartnerPage]) -> None:
    topics = [make_topic(name) for name in TOPICS]
    shared = make_topic("Bread")
    through = PartnerPage.topics.through
    rows = []
    for number, page in enumerate(pages):
        own = {topics[number % 40], topics[(number * 7 + 3) % 40]}
        rows += [through(partnerpage=page, partnertopic=topic) for topic in own]
        if number % 2 == 0:
            rows.append(through(partnerpage=page, partnertopic=shared))
    through.objects.bulk_create(rows, batch_size=1000)


def _images(title: str, count: int, size: tuple[int, int]) -> list[Any]:
    found = list(get_image_model().objects.filter(title__startswith=title).order_by("pk"))
    return found or [make_image(f"{title} {number}", size=size) for number in range(count)]


def _with_cards(hub: PartnerHubPage) -> None:
    """The hub with thirty pages as cards above its directory."""
    root = make_root()
    pages = list(ReferralPage.objects.filter(slug__startswith="card-"))
    for number, image in enumerate(_images("Card", CARDS, (800, 450)) if not pages else []):
        page = ReferralPage(title=f"Card {number}", slug=f"card-{number}", program=hub.program)
        page.image, page.search_description = image, "Worth reading on a quiet afternoon."
        pages.append(root.add_child(instance=page))
    chosen = {"pages": pages, "section": None, "tag": "", "count": 3}
    hub.body = [
        ("cards", {"heading": "Worth reading", **chosen}),
        ("directory", {"heading": "People we trust", "text": ""}),
    ]
    hub.save()


def hub(bench: Bench) -> Iterator[Result]:
    """Thirty cards and twenty-four partners, against the same templates on a bare page."""
    for size in (FEW, MANY):
        ours = _hub(size)
        _with_cards(ours)
        get = bench.site.get(ours.get_url())
        _expect(get(), 200, "24")
        plain = _plain(ours)
        plain_get = bench.site.get(plain.get_url())
        assert _cards_in(plain_get().body) == _cards_in(get().body) == CARDS + 24
        yield Result(
            f"hub page, {size} partners",
            compare(
                lambda count, get=get: [get] * count,
                lambda count, get=plain_get: [get] * count,
                calls=PAGE_CALLS,
                rounds=PAGE_ROUNDS,
            ),
            reach=1.8,
            queries=len(statements(get)),
            plain_queries=len(statements(plain_get)),
            reach_queries=14,
        )


def _cards_in(html: str) -> int:
    return html.count("referrals-card__title")


def _plain(ours: PartnerHubPage) -> PlainHubPage:
    """A bare page that shows what the hub has loaded, by the same templates."""
    hub = PartnerHubPage.objects.get(pk=ours.pk)
    directory = hub.directory
    _loaded = (directory.partners, directory.groups, directory.letters, directory.dropped)
    [block] = [block for block in hub.body if block.block_type == "cards"]
    cards = block.block.get_context(block.value)["cards"]
    PlainHubPage.values = {"directory": directory, "cards": cards, "value": block.value}
    found = PlainHubPage.objects.filter(slug="plain-hub").first()
    return found or make_root().add_child(instance=PlainHubPage(title="Hub", slug="plain-hub"))


def directory(bench: Bench) -> Iterator[Result]:
    """The list filtered and searched at five thousand partners, against the same at fifty."""
    if connection.vendor != "postgresql":
        raise LeftOut("the figure is for PostgreSQL: set DATABASE_URL")
    sides = [
        bench.site.get(f"{_hub(size).get_url()}directory/?q=sourdough&topic=bread")
        for size in (MANY, FEW)
    ]
    many, few = sides
    for get in sides:
        _expect(get(), 200, "referrals-card__title")
    yield Result(
        f"directory, {MANY} against {FEW}",
        compare(
            lambda count: [partial(many)] * count,
            lambda count: [partial(few)] * count,
            calls=PAGE_CALLS,
            rounds=PAGE_ROUNDS,
        ),
        reach=1.3,
        queries=len(statements(many)),
        plain_queries=len(statements(few)),
        reach_queries=14,
    )


PATHS = {"hub": hub, "directory": directory}
