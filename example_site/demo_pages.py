"""The demo's page tree: home and shop. No word of referrals in here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wagtail.models import Page, Site

from example_site.home.models import HomePage
from example_site.shop.models import Product, ShopPage

# slug, name, kind, notes, price
PRODUCTS = [
    (
        "harbour-blend",
        "Harbour Blend",
        "House blend, espresso and filter",
        "Milk chocolate, hazelnut, a little orange. What we drink all day.",
        "8.90",
    ),
    (
        "trawler",
        "Trawler",
        "Dark blend, espresso",
        "Cocoa, molasses and smoke. For early starts and steel cups.",
        "8.40",
    ),
    (
        "gull-song",
        "Gull Song",
        "Ethiopia Yirgacheffe, filter",
        "Jasmine, bergamot, ripe apricot. Best without milk.",
        "11.50",
    ),
    (
        "slack-water",
        "Slack Water",
        "Colombia decaf, espresso and filter",
        "Caramel and red apple, all night long.",
        "9.80",
    ),
    (
        "night-watch",
        "Night Watch",
        "Sumatra Mandheling, dark",
        "Cedar, dark plum, black pepper.",
        "10.20",
    ),
    (
        "regatta",
        "Regatta",
        "Kenya Nyeri, this season only",
        "Blackcurrant, tomato leaf, brown sugar.",
        "13.90",
    ),
]


def build_site(hostname: str, port: int) -> tuple[Site, HomePage, ShopPage]:
    """A home page, a shop below it, and the site that serves them."""
    for position, (slug, name, kind, notes, price) in enumerate(PRODUCTS):
        Product.objects.update_or_create(
            slug=slug,
            defaults={
                "name": name,
                "kind": kind,
                "notes": notes,
                "price": Decimal(price),
                "position": position,
            },
        )
    home = _build_home()
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.site_name = hostname, port, "Harbour Coffee"
    site.root_page = home
    site.save()
    shop = ShopPage(
        title="Coffees",
        seo_title="Our coffees",
        slug="coffees",
        show_in_menus=True,
        search_description="Six coffees, roasted every Tuesday and Friday on the quay.",
        introduction=(
            "<p>Six coffees, roasted every Tuesday and Friday. Whole beans in 250 g bags; "
            "we grind them for you if you like.</p>"
        ),
    )
    home.add_child(instance=shop)
    shop.save_revision().publish()
    # Wagtail's own welcome page has done its duty.
    Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk).delete()
    return site, home, shop


def _build_home() -> HomePage:
    home = HomePage(
        title="Harbour Coffee",
        slug="harbour-coffee",
        seo_title="Coffee roasted on the quay",
        search_description="Small-batch coffee, roasted on the quay in Lindhaven since 2009.",
        hero_heading="Coffee from the end of the quay",
        hero_text=(
            "We roast in small batches, next to the boats. Come by for a cup, or take a bag home."
        ),
    )
    Page.objects.get(depth=1).add_child(instance=home)
    return home


def fill_home(home: HomePage, referral_page: Page | None, feedback_page: Page | None) -> None:
    """The home page's body; the two pages are for the blocks of our guest."""
    home.body = [block for block in _home_blocks(referral_page, feedback_page) if block]
    home.save_revision().publish()


def _home_blocks(referral_page: Page | None, feedback_page: Page | None) -> list[Any]:
    return [
        (
            "products",
            {
                "heading": "This week in the bags",
                "text": "Roasted on Tuesday, on the shelf on Wednesday.",
                "count": 3,
            },
        ),
        (
            "story",
            {
                "heading": "An old drum in an old net loft",
                "text": (
                    "<p>Ada and Jonte Holm bought a 1962 drum roaster from a bakery that was "
                    "closing, and put it where the fishermen used to mend their nets. It still "
                    "takes only twelve kilos at a time.</p><p>That is enough. Each batch gets "
                    "tasted the next morning, by whoever opens the door.</p>"
                ),
                "picture": "roaster",
                "anchor": "about",
            },
        ),
        feedback_page
        and (
            "referral_offer",
            {
                "page": feedback_page,
                "heading": "Bring a friend aboard",
                "text": "Tell us how you like your coffee, and get a coupon to hand on.",
                "button_label": "Get a coupon for a friend",
            },
        ),
        (
            "story",
            {
                "heading": "We know where it comes from",
                "text": (
                    "<p>We buy from five growers and two co-operatives, and pay them before the "
                    "ship leaves. The price we paid is on the back of every bag.</p>"
                    "<p>When a harvest is over, it is over. That is why the list is short.</p>"
                ),
                "picture": "sacks",
                "anchor": "",
            },
        ),
        feedback_page
        and (
            "feedback_link",
            {
                "page": feedback_page,
                "heading": "How was your coffee?",
                "text": "Two minutes, and a coupon to hand to a friend.",
            },
        ),
        feedback_page and ("average_stars", {"heading": "", "page": feedback_page}),
        feedback_page
        and (
            "testimonial_wall",
            {"heading": "What people say on the quay", "page": feedback_page, "count": 3},
        ),
        (
            "visit",
            {
                "heading": "Come by",
                "address": "7 Old Quay\nLindhaven",
                "hours": [
                    {"days": "Tuesday to Friday", "times": "8–18"},
                    {"days": "Saturday", "times": "9–16"},
                    {"days": "Sunday and Monday", "times": "closed, we roast"},
                ],
                "note": "Tram 4 to Fish Market, then follow your nose.",
                "anchor": "visit",
            },
        ),
    ]
