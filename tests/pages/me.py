"""A customer's own page as tests open it."""

import re

from tests.fixtures import BROWSER
from wagtail_referrals.messages.models import Message
from wagtail_referrals.referrals.own_link import own_page_path

RENEW = "/refer/me/"


def text(response):
    """What a reader reads."""
    words = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(words.split())


def shown(client, advocate, query=""):
    return client.get(own_page_path(advocate) + query)


def post(client, advocate, change, **data):
    page = shown(client, advocate)
    form = page.context["form"]
    traps = {name: form[name].value() or "" for name in (form.stamp_name, form.trap_name)}
    sent = {"change": change, **traps, **data}
    return client.post(own_page_path(advocate), sent, HTTP_USER_AGENT=BROWSER)


def ask(client, email, **extra):
    """Ask for the link to the own page."""
    form = client.get(RENEW).context["form"]
    traps = {name: form[name].value() or "" for name in (form.stamp_name, form.trap_name)}
    return client.post(RENEW, {"email": email, **traps}, HTTP_USER_AGENT=BROWSER, **extra)


def link_in(kind):
    """The path a mail of a kind leads to."""
    mail = Message.objects.filter(kind=kind).latest("pk")
    return re.sub(r"^https?://[^/]+", "", mail.context["link"])
