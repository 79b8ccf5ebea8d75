"""Run inside the site that the README's steps made: open every page and every admin screen."""

import os
import re
from collections import deque

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings.dev")
django.setup()

from decimal import Decimal  # noqa: E402

from django.contrib.auth import get_user_model  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from wagtail.admin.menu import admin_menu  # noqa: E402
from wagtail.models import Site  # noqa: E402

from wagtail_referrals.api import record_event  # noqa: E402
from wagtail_referrals.events.claim import claim_offer  # noqa: E402
from wagtail_referrals.pages.models import FeedbackPage, FeedbackQuestion, ReferralPage  # noqa: E402
from wagtail_referrals.people.register import find_or_add_person  # noqa: E402
from wagtail_referrals.programs.models import Offer, Program  # noqa: E402
from wagtail_referrals.referrals.join import join_program  # noqa: E402
from wagtail_referrals.rewards.defaults import create_default_rules  # noqa: E402

setup_test_environment()

site = Site.objects.get(is_default_site=True)
offers = [
    Offer.objects.create(name="Friend", kind="percent", amount=Decimal("10")),
    Offer.objects.create(name="Advocate", kind="fixed", amount=Decimal("10"), currency="EUR"),
]
program = Program.objects.create(
    site=site,
    name="Friends",
    slug="friends",
    currency="EUR",
    terms="<p>One coupon each.</p>",
    friend_offer=offers[0],
    advocate_offer=offers[1],
)
create_default_rules(program)
landing = ReferralPage(title="A gift", program=program)
feedback = FeedbackPage(title="How was it?", program=program)
feedback.form_fields = [FeedbackQuestion(label="Your e-mail", field_type="email", sort_order=0)]
for page in (landing, feedback):
    site.root_page.add_child(instance=page)
    page.save_revision().publish()
advocate = join_program(program, find_or_add_person("ada@example.org", name="Ada Example"))
claim_offer(advocate, email="bo@example.org")
record_event(
    "friends",
    "purchase",
    external_id="order-1001",
    email="bo@example.org",
    amount=Decimal("49.90"),
    currency="EUR",
)

visitor = Client()
PUBLIC = [
    landing.url,
    f"{landing.url}with/{advocate.display_code}/",
    f"{landing.url}sorry/already-customer/",
    feedback.url,
]
for address in PUBLIC:
    response = visitor.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    assert b"referrals" in response.content and b"<html" in response.content, address
followed = visitor.get(f"/refer/r/{advocate.display_code}/")
assert followed.status_code == 302, followed.status_code
assert followed.headers["Location"].endswith(f"with/{followed.headers['Location'].split('/')[-2]}/")

editor = Client()
editor.force_login(get_user_model().objects.create_superuser("editor", "editor@example.org", "x"))


class Request:
    """What the menu asks of a request."""

    def __init__(self) -> None:
        self.user = get_user_model().objects.get(username="editor")
        self.path = "/admin/"


[group] = [
    item for item in admin_menu.registered_menu_items if str(item.label).lower() == "referrals"
]
screens: deque[str] = deque()
for item in group.menu.menu_items_for_request(Request()):
    inner = getattr(item, "menu", None)
    entries = inner.menu_items_for_request(Request()) if inner else [item]
    screens.extend(entry.url for entry in entries)
screens.extend(reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in (landing, feedback))
sections = tuple({"/".join(address.split("/")[:3]) + "/" for address in list(screens)[:-2]})
assert len(screens) > 40, f"only {list(screens)}"

seen: set[str] = set()
while screens:
    address = screens.popleft().replace("&amp;", "&")
    if address in seen or len(seen) > 300:
        continue
    seen.add(address)
    response = editor.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    if response.streaming or "text/html" not in response.headers["Content-Type"]:
        continue
    links = re.findall(r'href="(/admin/[^"#]+)"', response.content.decode())
    # Each screen once: sorting, paging and exports of a list are other tests' matter.
    screens.extend(link for link in links if link.startswith(sections) and "?" not in link)

print(f"{len(PUBLIC)} public addresses and {len(seen)} admin pages and screens opened")
