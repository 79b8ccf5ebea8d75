"""Partners of Harbour Coffee: a hub, six businesses, who introduced whom, and what to hand out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.text import slugify
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.rich_text import RichText

from example_site import demo_pictures
from example_site.demo_partner_words import (
    BUSINESSES,
    GUIDE,
    INTRODUCTIONS,
    SHELF,
    TOPICS,
    Business,
)
from example_site.home.models import GuidePage, HomePage
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.introduction_models import Introduction, WantedContact
from wagtail_referrals.partners.introductions import Told, introduce
from wagtail_referrals.partners.join import Business as Said
from wagtail_referrals.partners.join import accept_invitation, apply, invite_partner
from wagtail_referrals.partners.mail import own_page_path
from wagtail_referrals.partners.models import (
    JointOffer,
    Partner,
    PartnerContact,
    PartnerState,
    PartnerTopic,
)
from wagtail_referrals.partners.stages import change_introduction, move
from wagtail_referrals.programs.models import Program
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

CONSENT = "I asked them, and they agree that their name and address are passed on for this."
KNOWN_DAYS = 200  # since the first of them was invited
STAGES = ["accepted", "contacted", "meeting", "offer", "won"]


def load_partners(home: HomePage, program: Program, now: datetime) -> PartnerHubPage:
    """The whole of it; what happened lies in the weeks before ``now``."""
    topics = {
        slug: PartnerTopic.objects.create(slug=slug, group=group, name=name)
        for slug, group, name in TOPICS
    }
    hub = add_hub(home, program)
    began = now - timedelta(days=KNOWN_DAYS)
    partners = {
        business.name: add_partner(hub, program, business, topics, began + timedelta(days=9 * n), n)
        for n, business in enumerate(BUSINESSES)
    }
    add_waiting(program, now)
    guide = add_guide(home)
    add_collateral(program, partners, now)
    add_commission(program)
    introduce_people(program, partners, now)
    add_wanted(program)
    fill_hub(hub, guide, partners, now)
    return hub


def add_hub(home: HomePage, program: Program) -> PartnerHubPage:
    hub = PartnerHubPage(
        title="Good things in Lindhaven",
        slug="lindhaven",
        show_in_menus=True,
        program=program,
        summary="Six businesses we send our own customers to, and why.",
        picture=demo_pictures.keep(demo_pictures.scene("dawn", seed=3), "The quay at dawn"),
        search_description="Bread, bicycles, bookkeeping: who Harbour Coffee works with.",
    )
    home.add_child(instance=hub)
    hub.save_revision().publish()
    return hub


def add_partner(
    hub: PartnerHubPage,
    program: Program,
    business: Business,
    topics: dict[str, PartnerTopic],
    at: datetime,
    number: int,
) -> Partner:
    """Invited, answered, published."""
    partner = invite_partner(
        program, email=business.email, name=business.name, kind=business.kind, at=at
    )
    said = Said(
        name=business.name,
        website=f"https://{slugify(business.name)}.example",
        cooperation=business.cooperation,
    )
    accept_invitation(partner, said, contact=business.contact)
    for name, role in business.people[1:]:
        PartnerContact.objects.create(partner=partner, name=name, role=role)
    if business.offer[0]:
        title, text = business.offer
        JointOffer.objects.create(
            partner=partner, title=title, text=text, ends_on=(at + timedelta(days=400)).date()
        )
    page = partner_page(business, partner, number)
    hub.add_child(instance=page)
    page.topics.set([topics[slug] for slug in business.topics])
    page.save_revision().publish()
    partner.refresh_from_db()
    return partner


def partner_page(business: Business, partner: Partner, number: int) -> PartnerPage:
    picture = demo_pictures.scene(business.palette, seed=number + 11)
    return PartnerPage(
        title=business.name,
        slug=slugify(business.name),
        partner=partner,
        summary=business.summary,
        logo=demo_pictures.keep(
            demo_pictures.logo(business.palette, business.sign), f"Sign of {business.name}"
        ),
        picture=demo_pictures.keep(picture, f"Where to find {business.name}"),
        serves=business.serves,
        spot=business.spot,
        phrases="\n".join(business.phrases),
        works=business.works,
        different=business.different,
        takes_new_clients=business.takes_new_clients,
        town=business.town,
        people=[
            ("person", {"name": name, "role": role, "photo": photo(business, name, place + number)})
            for place, (name, role) in enumerate(business.people)
        ],
        search_description=business.summary,
    )


def photo(business: Business, name: str, seed: int) -> Any:
    return demo_pictures.keep(demo_pictures.portrait(business.palette, seed=seed), name)


def add_waiting(program: Program, now: datetime) -> None:
    """One that was invited and has not answered, and one that asked by itself."""
    invite_partner(
        program,
        email="nils@slipway-records.example",
        name="Slipway Records",
        kind="co_marketing",
        at=now - timedelta(days=6),
    )
    apply(
        program,
        Said(name="Anchor Soap", website="https://anchor-soap.example"),
        email="vera@anchor-soap.example",
        contact="Vera Lund",
        at=now - timedelta(days=2),
    )


def add_guide(home: HomePage) -> GuidePage:
    """A topic guide of the host's own pages: the hub shows its newest as cards."""
    section = guide_page("Coffee at the office", "What ten people need, and what not.", "", "dawn")
    home.add_child(instance=section)
    section.save_revision().publish()
    for number, (title, introduction, text) in enumerate(GUIDE):
        page = guide_page(title, introduction, text, ["moss", "sea", "plum"][number % 3])
        section.add_child(instance=page)
        page.save_revision().publish()
    return section


def guide_page(title: str, introduction: str, text: str, palette: str) -> GuidePage:
    return GuidePage(
        title=title,
        slug=slugify(title),
        introduction=introduction,
        text=text,
        picture=demo_pictures.keep(demo_pictures.scene(palette, seed=len(title)), title),
        search_description=introduction,
    )


def add_collateral(program: Program, partners: dict[str, Partner], now: datetime) -> None:
    today = now.date()
    for kind, title, text, audience, palette, days, whose in SHELF:
        piece = Collateral(
            program=program,
            partner=partners.get(whose),
            kind=kind,
            title=title,
            text=text,
            audience=audience,
            language="en",
            document=get_document_model().objects.create(
                title=title,
                file=ContentFile(sheet(palette, len(title)), name=f"{slugify(title)}.pdf"),
            ),
            preview=demo_pictures.keep(demo_pictures.scene(palette, seed=len(title)), title),
            valid_until=today + timedelta(days=days) if days else None,
        )
        piece.full_clean()
        piece.save()


def sheet(palette: str, seed: int) -> bytes:
    """A page to download, of one picture."""
    page = Image.new("RGB", (827, 1169), "white")
    page.paste(demo_pictures.scene(palette, seed=seed, size=(667, 445)), (80, 120))
    stored = BytesIO()
    page.save(stored, "PDF", resolution=100)
    return stored.getvalue()


def add_commission(program: Program) -> None:
    rule = RewardRule(
        program=program,
        name="Commission for an introduction",
        trigger="introduction.won",
        hold_days=14,
        priority=20,
    )
    effect = RuleEffect(
        beneficiary="advocate",
        formula="percent",
        formula_options={"percent": "10", "currency": "EUR"},
        kind="cash",
    )
    save_rule(rule, [effect])


def introduce_people(program: Program, partners: dict[str, Partner], now: datetime) -> None:
    """Some won, some on their way, one lost; the oldest first."""
    contacts = {business.contact: business.email for business in BUSINESSES}
    for number, line in enumerate(INTRODUCTIONS):
        giver, who, direction, partner, way, stage, amount, days_ago = line
        at = now - timedelta(days=days_ago)
        told = Told(
            email=f"hello@{slugify(who)}.example",
            name=who,
            way=way,
            known="well" if number % 2 else "some",
            need="Would like to talk about coffee for about thirty people.",
            consent=CONSENT,
            best_time="Mornings",
        )
        email = contacts.get(giver, f"{giver.split()[0].lower()}@harbour-coffee.example")
        to = partners[partner] if direction == "given" else None
        result = introduce(program, told, giver_email=email, giver_name=giver, to=to, at=at)
        take_on(result.introduction, stage, amount, at, now.date() + timedelta(days=number - 4))


def take_on(
    introduction: Introduction, stage: str, amount: str, at: datetime, next_day: date
) -> None:
    """Through the stages up to this one, three days each."""
    reached = STAGES.index(stage) + 1 if stage in STAGES else 2 if stage == "lost" else 0
    for step in range(reached):
        name = STAGES[step]
        won = Decimal(amount) if name == "won" and amount else None
        introduction = move(introduction, name, amount=won, at=at + timedelta(days=3 * (step + 1)))
    if stage == "lost":
        lost_at = at + timedelta(days=9)
        move(introduction, "lost", reason="They stay with what they have.", at=lost_at)
    elif introduction.is_open and reached:
        change_introduction(
            introduction,
            owner=None,
            next_step="Ring once more",
            next_step_on=next_day,
            grade=introduction.grade,
        )


def add_wanted(program: Program) -> None:
    WantedContact.objects.create(
        program=program, name="Inga Sund", role="buys for the ferry company", why="Coffee on board."
    )
    WantedContact.objects.create(
        program=program, name="Lindhaven Hospital, canteen", why="Two machines, many night shifts."
    )


def fill_hub(
    hub: PartnerHubPage, guide: GuidePage, partners: dict[str, Partner], now: datetime
) -> None:
    """The guide's body, as an editor would put it together."""
    begins = (now + timedelta(days=12)).replace(hour=18, minute=0)
    hub.body = [
        (
            "lead",
            {
                "text": RichText(
                    "<p>People ask us for more than coffee: who bakes, who mends a bicycle, who "
                    "does the books. Here is whom we ask ourselves.</p>"
                ),
                "promise": "Nobody pays to stand here. We have worked with each of them for years.",
            },
        ),
        ("featured", {"heading": "This month", "partners": [partners["Brigg Bakery"]]}),
        ("directory", {"heading": "Whom we trust", "text": ""}),
        ("offers", {"heading": "For customers of ours", "count": 6}),
        (
            "cards",
            {
                "heading": "Coffee at the office",
                "pages": [],
                "section": guide,
                "tag": "",
                "count": 3,
            },
        ),
        (
            "events",
            {
                "heading": "Come along",
                "events": [
                    {
                        "title": "Bread and beans: an evening tasting",
                        "text": "Four coffees, four loaves, with Maren from Brigg Bakery.",
                        "starts": begins,
                        "ends": begins + timedelta(hours=2),
                        "place": "Harbour Coffee, 7 Old Quay, Lindhaven",
                        "url": "",
                    },
                    {
                        "title": "Your first year of books, in an hour",
                        "text": "Edith Marlow answers what you always wanted to ask.",
                        "starts": begins + timedelta(days=9),
                        "ends": begins + timedelta(days=9, hours=1),
                        "place": "",
                        "url": "https://marlow-ledgers.example/webinar",
                    },
                ],
            },
        ),
        ("shelf", {"heading": "To take along"}),
        (
            "questions",
            {
                "heading": "Questions",
                "questions": [
                    {
                        "question": "Do you get money when I go there?",
                        "answer": RichText(
                            "<p>From one of them, a bookkeeper, we may get a commission, and they "
                            "from us. Your price is the same. The others send us people, and we "
                            "send them people.</p>"
                        ),
                    },
                    {
                        "question": "How does one get on this list?",
                        "answer": RichText(
                            "<p>Ask us below. We try things ourselves first, for a year.</p>"
                        ),
                    },
                ],
            },
        ),
        ("action", {"kind": "introduce"}),
        ("action", {"kind": "join"}),
    ]
    hub.save_revision().publish()


def partners_to_try() -> list[tuple[str, str]]:
    """The hub, what a partner sees of it, and what the owner sees."""
    hub = PartnerHubPage.objects.live().first()
    partner = Partner.objects.filter(state=PartnerState.ACTIVE).order_by("pk").first()
    things: list[tuple[str, str]] = []
    if hub:
        things.append(("the hub of partners", hub.url))
    if partner:
        things.append((f"{partner.name}'s own page", own_page_path(partner)))
    things.append(("the introductions board", reverse("referrals_introductions:board")))
    return things
