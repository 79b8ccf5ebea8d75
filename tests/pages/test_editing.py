"""What an editor can see before visitors do, and what is said before a page goes live."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from wagtail_referrals.blocks import ReferralOfferBlock, ReviewLinkBlock
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.models import FeedbackPage, ReferralPage
from wagtail_referrals.programs.models import Program


def modes(page):
    return [mode for mode, label in page.preview_modes]


@pytest.mark.parametrize("page_type", [ReferralPage, FeedbackPage])
@pytest.mark.parametrize("with_program", [True, False])
def test_every_state_can_be_previewed_and_issues_nothing(rf, pages, page_type, with_program):
    page = next(page for page in pages if isinstance(page, page_type))
    if not with_program:
        page.program = None
    for mode in modes(page):
        response = page.make_preview_request(preview_mode=mode)
        assert response.status_code == 200, mode
    assert not Coupon.objects.exists()
    assert not Message.objects.exists()


def test_a_new_page_can_be_previewed(program):
    for page in (ReferralPage(title="New", program=program), FeedbackPage(title="New")):
        for mode in modes(page):
            assert page.make_preview_request(preview_mode=mode).status_code == 200


def test_the_preview_of_the_thanks_shows_the_coupon_and_the_link(feedback_page):
    page = feedback_page.make_preview_request(preview_mode="thanks").content.decode()
    assert "7K2M-Q4XW-9T3C" in page
    assert "/refer/r/7K2M-Q4XW/" in page


@pytest.fixture
def edit(admin_client, feedback_page):
    """Send the editor's form of the feedback page; returns the page it leads to."""

    def edit(questions=("email",), links=(), publish=True, choices=(), **values):
        data = {
            "title": "Your opinion",
            "slug": "opinion",
            "program": feedback_page.program_id,
            "introduction": rich_text("<p>Hello</p>"),
            "again_after_days": 30,
            "review_links": streamfield([("link", link) for link in links]),
            "form_fields": inline_formset(
                [
                    {
                        "label": f"Question {n}",
                        "field_type": kind,
                        "choices": dict(choices).get(kind, ""),
                        "required": "on",
                        "conditions": streamfield([]),
                        "conditions_match": "all",
                        "other_words": streamfield([]),
                    }
                    for n, kind in enumerate(questions)
                ]
            ),
            "other_words": streamfield([]),
            "comments": inline_formset([]),
            **values,
        }
        if publish:
            data["action-publish"] = "1"
        url = reverse("wagtailadmin_pages:edit", args=[feedback_page.pk])
        return admin_client.post(url, nested_form_data(data))

    return edit


def errors(response):
    return response.context["form"].errors


def test_a_complete_page_is_published(edit):
    assert edit().status_code == 302


def test_what_a_program_lacks_is_said_next_to_it_and_where_to_add_it(edit):
    Program.objects.update(terms="", friend_offer=None)
    assert errors(edit())["program"] == [
        "The program has no terms.",
        "The program has no offer for the friend.",
        "Add it under Referrals, Setup, Programs, or ask whoever may.",
    ]


def test_a_page_without_a_program_is_not_published(edit):
    assert "program" in errors(edit(program=""))


def test_a_form_without_an_email_question_is_not_published(edit):
    assert "type “Email”" in str(errors(edit(questions=["score"])))


@pytest.mark.parametrize(
    ("kind", "choices", "words"),
    [
        ("stars", "6", "3, 4, 5, 7 or 10"),
        ("csat", "good, bad", "five words"),
        ("radio", "", "one per line"),
    ],
)
def test_what_a_question_lacks_is_said_next_to_it(edit, kind, choices, words):
    response = edit(("email", kind), choices=[(kind, choices)])
    question = response.context["form"].formsets["form_fields"].forms[1]
    assert words in str(question.errors["choices"])
    assert words in response.content.decode()
    assert edit(("email", kind), choices=[(kind, choices)], publish=False).status_code == 302


def test_a_draft_may_lack_everything(edit):
    Program.objects.update(terms="")
    assert edit(questions=[], publish=False, program="").status_code == 302


def test_saving_and_publishing_issues_nothing(edit):
    edit()
    assert not Coupon.objects.exists()


@pytest.mark.parametrize(
    "url, words",
    [
        ("https://www.yelp.com/biz/harbour", "forbids asking"),
        ("javascript:alert(1)", "https://"),
        ("ftp://example.org/", "https://"),
    ],
)
def test_a_link_that_must_not_be_asked_for_is_refused(url, words):
    block = ReviewLinkBlock()
    with pytest.raises(Exception) as refused:
        block.clean(block.to_python({"label": "Here", "url": url}))
    assert words in str(refused.value.as_json_data())


def test_publishing_the_first_landing_page_makes_links_lead_there(program):
    root = program.site.root_page
    page = root.add_child(instance=ReferralPage(title="Hi", program=program, live=False))
    page.save_revision().publish()
    program.refresh_from_db()
    assert program.landing_page_id == page.pk


def test_the_offer_block_shows_the_offer_of_its_pages_program(landing):
    block = ReferralOfferBlock()
    shown = block.render(block.to_python({"page": landing.pk, "heading": "Bring a friend"}))
    assert "10% off" in shown
    assert landing.url in shown


def test_a_block_whose_page_was_deleted_shows_no_broken_link(db):
    block = ReferralOfferBlock()
    shown = block.render(block.to_python({"page": 999999, "heading": "Bring a friend"}))
    assert "Bring a friend" in shown
    assert "<a " not in shown
