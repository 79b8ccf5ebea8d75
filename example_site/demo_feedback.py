"""A year of answers before the programme began: 500 made-up customers, the starters as forms."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from example_site import demo_people
from wagtail_referrals.feedback.case_models import Case, CaseRule, CaseState, Occasion
from wagtail_referrals.feedback.cases import close_case
from wagtail_referrals.feedback.guests import Guest
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.submit import submit_feedback
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.pages.starters import STARTERS, start_page
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.programs.models import Program

CUSTOMERS = 500
# Which form somebody gets, and how often; everybody's second one is the yearly one.
FORMS = {"first-order": 8, "service-visit": 3, "yearly-nps": 5, "review-request": 2, "event": 2}
SOURCES = ["mail", "mail", "mail", "card", "card", "till", ""]
REVIEW_LINKS = [
    (
        "link",
        {
            "site": "own",
            "label": "Lindhaven city guide",
            "url": "https://guide.lindhaven.example/harbour-coffee",
        },
    ),
    (
        "link",
        {
            "site": "industry",
            "label": "The coffee map",
            "url": "https://coffee-map.example/harbour-coffee",
        },
    ),
]
REASONS = ["Called, and all is well.", "New bag sent.", "Apologised; they will come again."]


@dataclass(frozen=True)
class Played:
    """One answer as it was drawn, to check the report against."""

    form: str
    at: datetime
    email: str
    score: int | None
    source: str
    locale: str


def play_customers(
    rng: random.Random, program: Program, parent: Any, now: datetime, count: int = CUSTOMERS
) -> list[Played]:
    """Everybody answers once, every fourth once more; in the order of time."""
    pages = {key: publish(key, parent, program) for key in FORMS}
    forms = {key: page.get_form_class() for key, page in pages.items()}
    add_case_rules(program)
    drawn = sorted(draw(rng, now, count), key=lambda one: one.at)
    for one in drawn:
        answer(rng, pages[one.form], forms[one.form], program, one)
    close_old_cases(rng, now)
    publish_testimonials()
    guests = [Guest(f"guest{n}@example.org", email_key(f"guest{n}@example.org")) for n in range(12)]
    invite(pages["yearly-nps"], program, guests, at=now - timedelta(days=2))
    return drawn


def publish(key: str, parent: Any, program: Program) -> Any:
    """A page made from a starter, live as it is but for the review links, which it has none of."""
    page = start_page(STARTERS[key], parent, program)
    page.review_links = REVIEW_LINKS
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def add_case_rules(program: Program) -> None:
    CaseRule.objects.create(program=program, name="Unhappy", occasion=Occasion.DETRACTOR)
    CaseRule.objects.create(program=program, name="Call me", occasion=Occasion.CALL, hours=8)


def draw(rng: random.Random, now: datetime, count: int) -> list[Played]:
    """Who answers which form when, and with what number."""
    firsts = [name.split()[0] for name in demo_people.names()]
    lasts = [name.split()[-1] for name in demo_people.names()]
    pairs = rng.sample([(first, last) for first in firsts for last in lasts], count)
    found = []
    for number, (first, last) in enumerate(pairs):
        email = f"customer{number}.{demo_people.email_of(f'{first} {last}')}"
        (form,) = rng.choices(list(FORMS), weights=list(FORMS.values()))
        at = now - timedelta(minutes=rng.randrange(50 * 1440, 400 * 1440))
        locale = rng.choice(["en", "en", "de"])
        found.append(draw_one(rng, form, at, email, locale))
        if number % 4 == 0:
            later = at + timedelta(days=rng.randrange(31, 300))
            if later < now - timedelta(days=50):
                found.append(draw_one(rng, "yearly-nps", later, email, locale))
    return found


def draw_one(rng: random.Random, form: str, at: datetime, email: str, locale: str) -> Played:
    asks_number = form != "review-request"
    score = rng.choice(demo_people.SCORES) if asks_number else None
    # There is no question for the source in a review request.
    source = rng.choice(SOURCES) if asks_number else ""
    return Played(form, at, email, score, source, locale)


def answer(rng: random.Random, page: Any, form_class: Any, program: Program, one: Played) -> None:
    """Fill in the form as it is shown, and send it."""
    form = form_class(fill_in(rng, page, one))
    # All is right but for the time it took: nobody waits two seconds for a demo.
    wrong = {name: words for name, words in form.errors.items() if name != "__all__"}
    assert not wrong, wrong
    submit_feedback(page, program, form.answers(), locale=one.locale, at=one.at)


def fill_in(rng: random.Random, page: Any, one: Played) -> dict[str, Any]:
    """What is typed, by the names of the questions; the happy say more often what they liked."""
    mood = 7 if one.score is None else one.score
    name = one.email.partition("@")[0].split(".", 1)[1].replace(".", " ").title()
    by_type = {
        "email": one.email,
        "name": name,
        "score": "" if one.score is None else str(one.score),
        "csat": str(max(1, min(5, mood // 2))),
        "stars": str(max(1, min(5, (mood + 1) // 2))),
        "hidden": one.source,
        "publish_as": rng.choice(["name", "town", "anonymous", ""]) if mood > 6 else "",
        "town": rng.choice(["Lindhaven", "Lindhaven", "Norrby", "Ost"]),
        "phone": "+45 20 12 34 56",
        "call_me": "on" if mood < 4 else "",
    }
    data: dict[str, Any] = {}
    for question in page.get_form_fields():
        value = by_type.get(question.field_type, "")
        if question.field_type in ("multiline", "ideas"):
            said = demo_people.BETTER if question.field_type == "ideas" else demo_people.LIKED
            # Nobody says the same twice.
            said = [words for words in said if words not in data.values()]
            value = rng.choice(said) if question.required or rng.random() < 0.7 else ""
        if value:
            data[question.clean_name] = value
    return data


def close_old_cases(rng: random.Random, now: datetime) -> None:
    """What is older than three months was followed up, mostly in time."""
    old = Case.objects.filter(opened_at__lt=now - timedelta(days=90))
    for case in old.exclude(state=CaseState.CLOSED):
        hours = rng.choice([2, 5, 20, 30, 50, 100])
        close_case(case, reason=rng.choice(REASONS), at=case.opened_at + timedelta(hours=hours))


def publish_testimonials(most: int = 8) -> None:
    """The newest words with permission; the rest waits for an editor."""
    for testimonial in Testimonial.objects.order_by("-created_at")[:most]:
        testimonial.save_revision().publish()
