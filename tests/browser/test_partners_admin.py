"""Staff in Chromium: a partner is looked after, and material put on the shelf."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents import get_document_model

from tests.browser.conftest import _axe
from wagtail_referrals.partners.collateral import put_on_shelf
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.models import Partner, PartnerContact
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program

from .test_batches import LONG
from .test_inbox import look
from .test_rewards import ours
from .waiting import follow

PARTNERS = "/admin/referrals/partners/"
COLLATERAL = "/admin/referrals/collateral/"


@pytest.fixture(autouse=True)
def _by_itself(settings: Any) -> None:
    """Wagtail's home page asks nobody outside."""
    settings.WAGTAIL_ENABLE_UPDATE_CHECK = False
    settings.WAGTAIL_GRAVATAR_PROVIDER_URL = None


@pytest.fixture
def partner(program: Any, pages: Any) -> Partner:
    kinds = ("strategic", "content", "supplier")
    for number, kind in enumerate(kinds):
        person = find_or_add_person(f"p{number}@example.org", name=f"Pia {number}")
        partner = Partner.objects.create(
            program=program,
            advocate=join_program(program, person),
            name=("Mill", "Kiln & Sons", f"Bakery {LONG}")[number],
            kind=kind,
            state=("active", "invited", "paused")[number],
            website="https://example.org",
            next_contact_on=timezone.localdate() + timedelta(days=number - 1),
        )
        PartnerContact.objects.create(partner=partner, name="Quin Cupper", email="q@example.org")
    document = get_document_model().objects.create(
        title="Prices", file=ContentFile(b"%PDF", name="prices.pdf")
    )
    mill = Partner.objects.get(name="Mill")
    for title, audience in (("Prices", "partners"), (f"Leaflet {LONG}", "public")):
        piece = Collateral(
            program=program, partner=mill, kind="price_list", title=title, audience=audience
        )
        piece.document = document
        put_on_shelf(piece)
    Collateral.objects.filter(title="Prices").update(
        valid_until=timezone.localdate() - timedelta(days=1)
    )
    return mill


def test_a_partner_is_looked_after(staff: Any, partner: Partner) -> None:
    page, problems = staff()
    page.goto("/admin/")
    page.get_by_text("Due this week").wait_for()
    look(page, "partners-home")
    page.goto(PARTNERS)
    page.get_by_role("link", name="Mill").wait_for()
    look(page, "partners-list")
    assert not ours(_axe(page))
    follow(page.get_by_role("link", name="Mill", exact=True).first)
    page.get_by_role("link", name="We did something for them").wait_for()
    look(page, "partners-one")
    assert not ours(_axe(page))
    follow(page.get_by_role("link", name="Edit", exact=True).first)
    page.get_by_label("Telephone").first.fill("030 12 34")
    look(page, "partners-edit")
    follow(page.get_by_role("button", name="Save"))
    page.get_by_text("“Mill” is saved.").wait_for()
    assert Partner.objects.get(pk=partner.pk).phone == "030 12 34"
    follow(page.get_by_role("link", name="We did something for them"))
    page.get_by_label("What it was").fill("Lunch")
    look(page, "partners-favour")
    follow(page.get_by_role("button", name="We did something for them"))
    page.get_by_text("It is noted.").wait_for()
    page.goto(f"{PARTNERS}new/")
    look(page, "partners-invite")
    assert not ours(problems)


def test_material_is_put_on_the_shelf(staff: Any, partner: Partner) -> None:
    page, problems = staff()
    page.goto(COLLATERAL)
    page.get_by_role("link", name="Prices").wait_for()
    look(page, "collateral-list")
    assert not ours(_axe(page))
    page.goto(f"{COLLATERAL}new/")
    page.get_by_label("Title").fill("A film")
    page.get_by_label("Kind").select_option("video")
    page.get_by_label("Link", exact=True).fill("https://example.org/film")
    look(page, "collateral-new")
    follow(page.get_by_role("button", name="Create"))
    page.get_by_text("“A film” is on the shelf.").wait_for()
    look(page, "collateral-one")
    assert not ours(_axe(page))
    follow(page.get_by_role("link", name="New version"))
    page.get_by_label("Link", exact=True).fill("https://example.org/film-2")
    look(page, "collateral-version")
    follow(page.get_by_role("button", name="New version"))
    page.get_by_text("The new version is on the shelf.").wait_for()
    assert Collateral.objects.get(title="A film").version == 2
    assert not ours(problems)
