"""Words for one group of customers: seen by those of it, by nobody else, and kept by no cache."""

from typing import Any

import pytest
from django.template.response import TemplateResponse
from wagtail.blocks import StructBlockValidationError
from wagtail.models import Site

from tests.test_query_counts import at_most
from wagtail_referrals.blocks_groups import CustomerGroupBlock
from wagtail_referrals.blocks_share import keep_private
from wagtail_referrals.insights.champion_models import CustomerValue
from wagtail_referrals.pages.models import ReviewRequestPage

from .test_share_block import FromText

WORDS = "Come to our tasting"


@pytest.fixture
def show(rf, landing):
    """The block as a page of the host holds it: its HTML, and how it may be kept."""

    def show(user=None, *, cookie=True, is_preview=False, segment="champions"):
        block = CustomerGroupBlock()
        content = [
            {"type": "heading", "value": WORDS},
            {"type": "text", "value": "<p>On <b>Friday</b></p>"},
            {"type": "button", "value": {"label": "I will come", "page": landing.pk}},
        ]
        value = block.to_python({"segment": segment, "content": content})
        request = rf.get("/")
        request.user, request.is_preview = user, is_preview
        if cookie:
            request.COOKIES["sessionid"] = "x"

        def serve(page, request, args, kwargs):
            return TemplateResponse(request, FromText(block.render(value, {"request": request})))

        response = keep_private(serve)(landing, request, [], {}).render()
        return response.content.decode().strip(), response.get("Cache-Control", "")

    return show


@pytest.fixture
def ann(advocate, django_user_model):
    person = advocate.person
    person.user = django_user_model.objects.create_user("ann")
    person.save()
    CustomerValue.objects.create(
        program=advocate.program, person=person, currency="EUR", segment="champions"
    )
    return person.user


def test_who_is_of_the_group_sees_it_and_no_cache_keeps_it(show, ann):
    html, kept = show(ann)
    assert f"<h2>{WORDS}</h2>" in html and "<b>Friday</b>" in html and "I will come" in html
    assert "private" in kept


def test_who_is_of_another_group_sees_nothing_and_is_kept_apart_too(show, ann):
    CustomerValue.objects.update(segment="misers")
    html, kept = show(ann)
    assert html == ""
    assert "private" in kept


def test_who_is_not_signed_in_sees_nothing_and_the_page_can_be_cached(show, ann):
    assert show(cookie=False) == ("", "")


@pytest.mark.parametrize("column", ["erased_at", "blocked_at"])
def test_who_is_blocked_or_erased_is_nobody(show, ann, advocate, column):
    setattr(advocate.person, column, advocate.created_at)
    advocate.person.save()
    assert show(ann)[0] == ""


@pytest.mark.parametrize("segment", ["gone", "", None])
def test_a_group_that_is_gone_is_nobody_s(show, ann, segment):
    assert show(ann, segment=segment)[0] == ""


def test_an_editor_s_preview_shows_it_and_says_for_whom(show):
    html, _kept = show(is_preview=True, cookie=False)
    assert WORDS in html and "Only seen by: champions" in html


def test_it_costs_two_questions_and_the_page_s_address(show, ann):
    with at_most(5):
        show(ann)


# What may not be said to one group


def refused(kind: str, value: Any) -> str:
    """What the editor is told beside the wrong part; "" where all is right."""
    block = CustomerGroupBlock()
    content = [{"type": "heading", "value": WORDS}, {"type": kind, "value": value}]
    try:
        block.clean(block.to_python({"segment": "champions", "content": content}))
    except StructBlockValidationError as error:
        [(place, wrong)] = error.block_errors["content"].block_errors.items()
        assert place == 1
        return str(wrong.message)
    return ""


@pytest.fixture
def review_page(landing) -> ReviewRequestPage:
    root = Site.objects.get(is_default_site=True).root_page
    page = ReviewRequestPage(title="Review us", slug="review", program=landing.program)
    return root.add_child(instance=page)


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://search.google.com/local/writereview?placeid=x", "Google"),
        ("http://www.yelp.co.uk/biz/us", "Yelp"),
        ("https://de.trustpilot.com/evaluate/us.example", "Trustpilot"),
        ("https://share.google/x", "Google"),
        # As browsers read them.
        ("//g.page/r/x/review", "Google"),
        ("/\\g.page/r/x", "Google"),
        ("https:///g.page/r/x", "Google"),
        ("https:g.page/r/x", "Google"),
        ("https:\\\\g.page/r/x", "Google"),
        ("ht\ttps://g.pa\nge/r/x", "Google"),
        ("\x01 https://g.page./r/x", "Google"),
        ("https://you:me@g.page:443/r/x", "Google"),
        ("HTTPS://G%2EPAGE/r/x", "Google"),
        ("https://g\u3002page/r/x", "Google"),
        ("https://\uff47.page/r/x", "Google"),
        ("https://g.pa\u00adge/r/x", "Google"),
    ],
)
def test_a_link_to_a_review_site_is_for_everybody(db, address, site):
    assert site in refused("text", f'<p>Tell <a href="{address}">them</a></p>')


def test_a_page_that_asks_for_reviews_is_for_everybody(review_page):
    link = f'<p><a linktype="page" id="{review_page.pk}">Here</a></p>'
    button = {"label": "Here", "page": review_page.pk}
    assert "asks for a review" in refused("text", link)
    assert "asks for a review" in refused("button", button)


@pytest.mark.parametrize(
    "address",
    [
        "/review/",
        "/review",
        "/review/?from=a#b",
        "/review/thanks/",
        "/welcome/../%72eview/",
        "\\review/",
        "/de/review/",
        "http://localhost/review/",
        "//LOCALHOST:8000/review/",
    ],
)
def test_a_typed_address_of_such_a_page_is_one_too(review_page, address):
    assert "asks for a review" in refused("text", f'<a href="{address}">Here</a>')


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/welcome/",
        "/review-us/",
        "/welcome/review/",
        "https://example.org/review/",
        "mailto:g.page@example.org",
        "https://docs.google.com/forms/d/x",
        "https://",
        "#review",
        "/%00review/",
        "/" * 5000,
    ],
)
def test_any_other_typed_address_may_be_for_one_group(review_page, address):
    assert refused("text", f'<a href="{address}">Here</a>') == ""


def test_any_other_link_may_be_for_one_group(landing):
    links = f'<p><a href="https://example.org">A</a> <a linktype="page" id="{landing.pk}">B</a></p>'
    assert refused("text", links) == ""
    assert refused("button", {"label": "Here", "page": landing.pk}) == ""
