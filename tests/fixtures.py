"""A program with its pages, as an editor would have set it up."""

from decimal import Decimal
from typing import Any

import pytest
from wagtail.models import Locale, Page, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.pages.models import FeedbackPage, FeedbackQuestion, ReferralPage
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.defaults import create_default_rules

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Its name begins like a test's.
Testimonial.__test__ = False  # type: ignore[attr-defined]
QUESTIONS = [
    ("score", "Would you recommend us?", "score", True),
    ("better", "What could be better?", "multiline", False),
    ("name", "Your name", "name", False),
    ("email", "Your e-mail", "email", True),
    ("publish", "You may publish my words with my first name", "permission", False),
    ("heard", "How did you hear of us?", "radio", False),
    ("told_by", "Who told you?", "singleline", False),
]


# Who refers to what costs Wagtail more than the rows themselves, and no test asks it of these.
@disable_reference_index_auto_update()
def make_program(slug: str = "friends", **values: Any) -> Program:
    """A running program with both offers and the default rules."""
    friend_offer = Offer.objects.create(
        name="Friend", kind="percent", amount=Decimal(10), first_order_only=True
    )
    advocate_offer = Offer.objects.create(
        name="Advocate", kind="fixed", amount=Decimal(10), currency="EUR"
    )
    values = {
        "site": Site.objects.get(is_default_site=True),
        "name": "Friends of Harbour Coffee",
        "terms": "<p>One coupon for each friend.</p>",
        # What a test sends goes out whatever time of day it is.
        "quiet_from": None,
        "quiet_to": None,
        "friend_offer": friend_offer,
        "advocate_offer": advocate_offer,
        **values,
    }
    program = Program.objects.create(slug=slug, **values)
    create_default_rules(program)
    return program


@disable_reference_index_auto_update()
def make_pages(program: Program) -> tuple[ReferralPage, FeedbackPage]:
    """A landing page and a feedback page, live."""
    root = Site.objects.get(is_default_site=True).root_page
    landing = root.add_child(
        instance=ReferralPage(title="Welcome", slug="welcome", program=program)
    )
    program.landing_page_id = landing.pk
    program.save()
    feedback = FeedbackPage(title="Your opinion", slug="opinion", program=program)
    feedback.form_fields = [
        FeedbackQuestion(
            clean_name=name,
            label=label,
            field_type=kind,
            required=required,
            choices="a search\nsomebody told me" if kind == "radio" else "",
        )
        for name, label, kind, required in QUESTIONS
    ]
    feedback.review_links = [("link", {"label": "Google", "url": "https://example.org/review"})]
    root.add_child(instance=feedback)
    return landing, feedback


def make_root() -> Page:
    """Wagtail's first pages and site, where a flush of the database took them away."""
    if not Site.objects.exists():
        Locale.objects.get_or_create(language_code="en")
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
        home = root.add_child(title="Home", slug="home")
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return Site.objects.get(is_default_site=True).root_page


@pytest.fixture
def program(db: None) -> Program:
    make_root()
    return make_program()


@pytest.fixture
def pages(program: Program) -> tuple[ReferralPage, FeedbackPage]:
    return make_pages(program)


@pytest.fixture
def landing(pages: tuple[ReferralPage, FeedbackPage]) -> ReferralPage:
    return pages[0]


@pytest.fixture
def feedback_page(pages: tuple[ReferralPage, FeedbackPage]) -> FeedbackPage:
    return pages[1]


@pytest.fixture
def advocate(program: Program) -> Advocate:
    return join_program(program, find_or_add_person("ann@example.org", name="Ann Advocate"))


@pytest.fixture
def no_time_trap(settings: Any) -> None:
    """Forms may be sent as soon as they are shown."""
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": None}
