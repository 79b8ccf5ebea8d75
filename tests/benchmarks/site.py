"""What is measured on: a program with its pages, advocates with links, the yardsticks' pages."""

from dataclasses import dataclass
from datetime import timedelta

from django.test import RequestFactory
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import Page

from tests.fixtures import QUESTIONS, make_pages, make_program, make_root
from wagtail_referrals.coupons.codes import LINK_LENGTH, new_code
from wagtail_referrals.pages.models import FeedbackPage, ReferralPage
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate

from .models import PlainFormField, PlainFormPage, PlainLandingPage
from .requests import Site

WORDS = "<p>Coffee that was roasted this week, by people who <b>drink it themselves</b>.</p>"
# Our kinds of questions as Wagtail's own.
PLAIN_KINDS = {"score": "radio", "name": "singleline", "permission": "checkbox"}


@dataclass
class Bench:
    """Everything the paths need."""

    site: Site
    program: Program
    landing: ReferralPage
    feedback: FeedbackPage
    advocates: list[Advocate]
    plain_landing: PlainLandingPage
    plain_form: PlainFormPage


def build() -> Bench:
    """The site, on an empty database."""
    root = make_root()
    program = make_program(starts_at=timezone.now() - timedelta(days=1))
    landing, feedback = make_pages(program)
    for page in (landing, feedback):
        page.introduction = WORDS
        page.save()
    advocates = _advocates(program, 100)
    return Bench(
        site=Site(),
        program=program,
        landing=landing,
        feedback=feedback,
        advocates=advocates,
        plain_landing=_plain_landing(root, landing, advocates[0]),
        plain_form=_plain_form(root),
    )


def _advocates(program: Program, count: int) -> list[Advocate]:
    emails = [f"advocate{number}@example.org" for number in range(count)]
    people = Person.objects.bulk_create(
        Person(email=email, email_key=email_key(email), name="Ann Advocate") for email in emails
    )
    # Not every database tells the keys of rows made by the dozen.
    keys = dict(Person.objects.values_list("email", "pk"))
    Advocate.objects.bulk_create(
        Advocate(program=program, person_id=keys[person.email], code_key=new_code(LINK_LENGTH))
        for person in people
    )
    return list(Advocate.objects.select_related("person").order_by("pk"))


def _plain_landing(root: Page, landing: ReferralPage, advocate: Advocate) -> PlainLandingPage:
    request = RequestFactory().get(landing.url)
    values = landing.with_code(request, advocate.display_code).context_data
    own = ("page", "self", "request")
    PlainLandingPage.values = {key: value for key, value in values.items() if key not in own}
    PlainLandingPage.introduction = WORDS
    return root.add_child(instance=PlainLandingPage(title="Welcome", slug="plain-welcome"))


def _plain_form(root: Page) -> PlainFormPage:
    page = PlainFormPage(
        title="Your opinion",
        slug="plain-opinion",
        intro=WORDS,
        thank_you_text=f"<p>{escape('Thank you & see you soon')}</p>",
    )
    choices = {"score": "\n".join(map(str, range(11))), "radio": "a search\nsomebody told me"}
    page.form_fields = [
        PlainFormField(
            clean_name=name,
            label=label,
            field_type=PLAIN_KINDS.get(kind, kind),
            required=required,
            choices=choices.get(kind, ""),
        )
        for name, label, kind, required in QUESTIONS
    ]
    return root.add_child(instance=page)
