"""Partners with live pages, and a hub over them."""

from io import BytesIO
from typing import Any

from django.core.files.images import ImageFile
from django.utils.text import slugify
from PIL import Image as Drawing
from wagtail.images import get_image_model
from wagtail.models import Page, Site
from wagtail.signals import page_published

from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.models import Partner, PartnerState, PartnerTopic
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program


def make_topic(name: str, group: str = "service") -> PartnerTopic:
    slug = name.lower().replace(" ", "-")
    return PartnerTopic.objects.get_or_create(slug=slug, defaults={"name": name, "group": group})[0]


def make_image(title: str = "A picture", size: tuple[int, int] = (320, 160)) -> Any:
    """A plain picture."""
    file = BytesIO()
    Drawing.new("RGB", size, "#7a5").save(file, "PNG")
    file.seek(0)
    return get_image_model().objects.create(title=title, file=ImageFile(file, f"{title}.png"))


def make_partner(program: Program, name: str, **values: Any) -> Partner:
    """An active partner."""
    address = slugify(name)
    advocate = join_program(program, find_or_add_person(f"{address}@partner.example", name=name))
    values = {"state": PartnerState.ACTIVE, **values}
    return Partner.objects.create(program=program, advocate=advocate, name=name, **values)


def make_hub(program: Program, **values: Any) -> PartnerHubPage:
    """A hub with a directory, live."""
    root = Site.objects.get(is_default_site=True).root_page
    body = [("directory", {"heading": "People we trust", "text": ""})]
    values = {"title": "Good people in Husum", "slug": "husum", "body": body, **values}
    hub = PartnerHubPage(program=program, **values)
    root.add_child(instance=hub)
    return PartnerHubPage.objects.get(pk=hub.pk)


def make_partner_page(
    hub: Page, partner: Partner, *, topics: list[str] | None = None, **values: Any
) -> PartnerPage:
    """The live page of a partner, below the hub."""
    page = PartnerPage(title=partner.name, partner=partner, **values)
    page.topics = [make_topic(name) for name in topics or []]
    hub.add_child(instance=page)
    # As publishing does it: Wagtail indexes a page before its topics are stored.
    page_published.send(PartnerPage, instance=page, revision=None)
    return page


def list_partner(hub: Any, name: str, *, kind: str = "strategic", **values: Any) -> PartnerPage:
    """A partner with a page, in the hub's directory."""
    return make_partner_page(hub, make_partner(hub.program, name, kind=kind), **values)
