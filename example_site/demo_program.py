"""The demo's programme and its pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.images import ImageFile
from wagtail.images import get_image_model
from wagtail.models import Site

from example_site import demo_people
from example_site.demo_feedback import REVIEW_LINKS
from example_site.home.models import HomePage
from example_site.shop import till
from wagtail_referrals.insights.champion_models import ValueSettings
from wagtail_referrals.pages.models import FeedbackPage, FeedbackQuestion, ReferralPage
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.rewards.defaults import create_default_rules

TERMS = """
<p>Whoever knows Harbour Coffee may recommend us to friends. Your friend gets something off the
first order, as your page says; you get €10 off one of yours.</p>
<ul>
<li>Your thank-you waits 14 days after your friend's first order, in case something comes
back.</li>
<li>One coupon per person and order. No cash, no trade.</li>
<li>You cannot recommend yourself. Friends have to be new to us.</li>
<li>We ask nobody for a friend's address: you pass your link on yourself.</li>
<li>If we end this programme, coupons that were handed out stay valid.</li>
</ul>
"""


def add_program(site: Site, start: datetime) -> Program:
    friend_offer = Offer.objects.create(
        name="Friend: 10%",
        kind="percent",
        amount=Decimal("10"),
        currency="EUR",
        wording="10% off your first order",
        minimum_order=Decimal("8.00"),
        first_order_only=True,
    )
    advocate_offer = Offer.objects.create(
        name="Thank-you: €10",
        kind="fixed",
        amount=Decimal("10.00"),
        currency="EUR",
        wording="€10 off your next order",
        fine_print="For beans, cups and everything from the bar.",
        valid_days=180,
    )
    program = Program.objects.create(
        site=site,
        name="Friends of Harbour Coffee",
        slug=till.PROGRAM,
        currency="EUR",
        starts_at=start,
        hold_days=14,
        attribution_window_days=60,
        terms=TERMS.strip(),
        friend_offer=friend_offer,
        advocate_offer=advocate_offer,
    )
    create_default_rules(program)
    ValueSettings.objects.create(
        program=program,
        margin_percent=Decimal("60.00"),
        marketing_cost=Decimal("1.50"),
        acquisition_cost=Decimal("12.00"),
    )
    return program


def add_picture() -> Any:
    data = (Path(__file__).parent / "demo_media" / "friends.webp").read_bytes()
    file = ImageFile(BytesIO(data), name="two-cups-on-the-quay.webp")
    return get_image_model().objects.create(title="Two cups on the quay", file=file)


def add_referral_page(home: HomePage, program: Program) -> ReferralPage:
    page = ReferralPage(
        title="Friends",
        seo_title="Bring a friend",
        slug="friends",
        show_in_menus=True,
        program=program,
        image=add_picture(),
        friend_heading="A welcome gift from the quay",
        introduction=(
            "<p>Somebody you know thinks you would like our coffee. Leave your e-mail, and the "
            "coupon for your first order is yours.</p>"
        ),
        thanks_heading="Welcome aboard",
        thanks_text="Show the code at the till, or read it out. We are open Tuesday to Saturday.",
        closed_text="This offer has sailed. The coffee is still here: come by for a cup.",
        search_description="Come on a friend's recommendation and save on your first order.",
    )
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


# Words, and the way to share they are for; "" is all.
SHARE_TEXTS = [
    ("The coffee from the quay I told you about: Harbour Coffee.", ""),
    ("If you want to know what a good morning tastes like, go to Harbour Coffee.", ""),
    ("Remember the coffee? Here it is.", "sms"),
]
DISCLOSURE = "You get a discount, and I get €10 off when you buy."


def add_share_texts(program: Program, picture: Any) -> None:
    for position, (text, channel) in enumerate(SHARE_TEXTS):
        ShareText.objects.create(
            program=program,
            channel=channel,
            text=text,
            disclosure=DISCLOSURE,
            picture=None if position else picture,
            position=position,
        )


# Our name for the answer, the words, the type, and what else belongs to the question.
QUESTIONS: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "score",
        "How likely are you to recommend us to a friend?",
        "score",
        {"required": True},
    ),
    ("liked", "What did you like?", "multiline", {}),
    ("better", "What could be better?", "multiline", {}),
    (
        "heard",
        "How did you hear of us?",
        "radio",
        {"choices": "\n".join(demo_people.HEARD)},
    ),
    (
        "who",
        "Who told you about us?",
        "singleline",
        {"help_text": "If it was a person: a first name is enough."},
    ),
    ("name", "Your name", "name", {"required": True}),
    (
        "email",
        "Your e-mail",
        "email",
        {"required": True, "help_text": "Your friend's coupon goes there too."},
    ),
    (
        "publish",
        "You may show my words, with my first name, on your site and in the shop",
        "permission",
        {},
    ),
]


def add_feedback_page(home: HomePage, program: Program) -> FeedbackPage:
    page = FeedbackPage(
        title="Feedback",
        slug="feedback",
        seo_title="Your opinion",
        show_in_menus=True,
        program=program,
        introduction=(
            "<p>Two minutes. Whatever you tell us, there is a coupon for a friend at the end.</p>"
        ),
        button_label="Send",
        thanks_heading="Thank you! This is for a friend of yours",
        thanks_text="Pass it on, or keep it until you meet somebody who likes coffee.",
        reviews_heading="Would you tell others, too?",
        reviews_text="Only if you like, and in your own words. There is no reward for it.",
        search_description="Tell Harbour Coffee what was good and what was not.",
        review_links=REVIEW_LINKS,
    )
    for order, (_name, label, kind, options) in enumerate(QUESTIONS):
        details = {"required": False, **options}
        page.form_fields.add(
            FeedbackQuestion(sort_order=order, label=label, field_type=kind, **details)
        )
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


def form_data(page: FeedbackPage, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers by the names that Wagtail gave to the questions."""
    names = {field.label: field.clean_name for field in page.get_form_fields()}
    return {names[label]: answers[name] for name, label, _kind, _options in QUESTIONS}
