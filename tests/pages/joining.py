"""How a business fills in the form to become a partner, and an editor publishes it."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from tests.fixtures import BROWSER
from wagtail_referrals.pages.models import PartnerPage

ANSWERS = {
    "business": "Harbour Bicycles",
    "summary": "Your bicycle is back on the road within a day.",
    "serves": "People who cycle to work",
    "spot": "They come in wet",
    "phrases": "My brakes are screaming\nI could not cycle today",
    "works": "We fetch it and bring it back",
    "different": "A bicycle to borrow",
    "town": "Kiel",
    "links": "https://bicycles.example.org/prices",
    "takes_new_clients": "on",
    "offer": "The first check is free",
    "website": "bicycles.example.org",
    "contact": "Cem Cyclist",
    "email": "cem@example.org",
    "phone": "0431 555",
    "cooperation": ["article", "offer"],
}


def png(width=600, height=300, name="logo.png", kind="PNG"):
    data = io.BytesIO()
    Picture.new("RGB", (width, height), "navy").save(data, kind)
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/png")


def send(client, page, **data):
    """Send the form of a page that was got."""
    form = page.context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    values = {**shown, **{k: v for k, v in {**ANSWERS, **data}.items() if k in form.fields}}
    meta = {"HTTP_USER_AGENT": BROWSER}
    return client.post(page.context.get("form_action") or page.request["PATH_INFO"], values, **meta)


def apply(client, hub, **data):
    return send(client, client.get(f"{hub.url}join/"), **data)


def publish(page):
    PartnerPage.objects.get(pk=page.pk).get_latest_revision().publish()
    return PartnerPage.objects.get(pk=page.pk)


def text(response):
    return response.content.decode()
