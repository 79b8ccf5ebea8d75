"""A review request: questions to begin with, the same way as a form, and one's words at the end."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.pages.models import ReviewRequestPage
from wagtail_referrals.pages.review_request import fill_in_questions
from wagtail_referrals.people.models import Consent

pytestmark = pytest.mark.usefixtures("no_time_trap")

GOOGLE = "https://g.page/r/abc/review"
SAID = {
    "how_was_it": "4",
    "what_did_you_come_for_and_what_did_you_get": "Beans, and good advice.",
    "what_would_you_tell_somebody_who_thinks_of_coming": "Ask for the <b>harbour</b> blend.",
    "your_name": "Ann Advocate",
    "your_town": "Lindhaven",
    "your_e_mail": "ann@example.org",
    "may_we_publish_your_words": "town",
}


@pytest.fixture
def request_page(program):
    page = ReviewRequestPage(title="Would you recommend us?", slug="review", program=program)
    fill_in_questions(page)
    page.review_links = [("link", {"site": "google", "url": GOOGLE})]
    program.site.root_page.add_child(instance=page)
    return page


@pytest.fixture
def post(client, request_page):
    def post(**changed):
        stamp = {"referrals-shown": request_page.get_form()["referrals-shown"].value()}
        return client.post(request_page.form_action(), {**stamp, **SAID, **changed})

    return post


def test_a_new_page_opens_with_questions_that_are_saved_with_it(admin_client, program):
    root = program.site.root_page
    address = reverse(
        "wagtailadmin_pages:add", args=["wagtail_referrals_pages", "reviewrequestpage", root.pk]
    )
    form = admin_client.get(address).context["form"]
    formset = form.formsets["form_fields"]
    questions = [{**one.initial, "ORDER": n} for n, one in enumerate(formset.forms)]
    assert [one["field_type"] for one in questions] == [
        *("stars", "multiline", "multiline", "name", "town", "email", "publish_as")
    ]
    rows = [
        {
            **{name: one[name] for name in ("label", "help_text", "field_type", "choices")},
            "required": "on" if one["required"] else "",
            "conditions": streamfield([]),
            "conditions_match": "all",
            "other_words": streamfield([]),
            "id": "",
        }
        for one in questions
    ]
    data = {
        "title": "Would you recommend us?",
        "slug": "review",
        "program": program.pk,
        "introduction": rich_text(""),
        "again_after_days": 30,
        "review_links": streamfield([]),
        "other_words": streamfield([]),
        "form_fields": inline_formset(rows, initial=len(rows)),
        "comments": inline_formset([]),
        "action-publish": "1",
    }
    response = admin_client.post(address, nested_form_data(data))
    assert response.status_code == 302, response.context["form"].errors
    assert ReviewRequestPage.objects.get().form_fields.count() == 7


def test_rating_and_words_are_stored_and_wait_to_be_published(post, request_page):
    response = post()
    assert (response.status_code, "/thanks/" in response.url) == (303, True)
    stored = FeedbackResponse.objects.get()
    assert (stored.stars, stored.stars_of, stored.coupon is not None) == (4, 5, True)
    testimonial = Testimonial.objects.get()
    assert testimonial.words == "Beans, and good advice.\n\nAsk for the <b>harbour</b> blend."
    assert (testimonial.byline, testimonial.live) == ("Ann, Lindhaven", False)
    assert testimonial.stars == 4
    wording = Consent.objects.get().wording
    assert "May we publish your words?" in wording
    assert "my first name and my town" in wording
    assert "take it back" in wording


@pytest.mark.parametrize("answer", ["no", "", "everything", "<script>"])
def test_no_permission_no_testimonial(post, answer):
    post(may_we_publish_your_words=answer)
    assert not Testimonial.objects.exists()
    assert not Consent.objects.exists()


def test_the_words_come_back_beside_the_sites_and_apart_from_the_coupon(client, post):
    thanks = client.get(post().url)
    coupon = FeedbackResponse.objects.get().coupon.display_code
    assert coupon in thanks.content.decode()
    assert GOOGLE not in thanks.content.decode()
    reviews = client.get(thanks.context["reviews_url"])
    shown = reviews.content.decode()
    assert "Beans, and good advice." in shown
    assert "&lt;b&gt;harbour&lt;/b&gt;" in shown
    assert GOOGLE in shown
    assert coupon not in shown
    assert "ann@example.org" not in shown
    assert reviews["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("stars", range(1, 6))
def test_links_and_coupon_are_the_same_for_any_number_of_stars(client, post, stars):
    thanks = client.get(post(how_was_it=str(stars)).url)
    coupon = FeedbackResponse.objects.get().coupon
    assert (coupon.kind, coupon.amount) == ("percent", 10)
    links = client.get(thanks.context["reviews_url"]).context["review_links"]
    assert [link.address for link in links] == [GOOGLE]


def test_every_state_can_be_previewed_and_issues_nothing(request_page):
    for mode, _label in request_page.preview_modes:
        assert request_page.make_preview_request(preview_mode=mode).status_code == 200, mode
    assert not FeedbackResponse.objects.exists()


def test_the_preview_shows_words_that_might_come_back(request_page):
    shown = request_page.make_preview_request(preview_mode="reviews").content.decode()
    assert "worth the visit" in shown


@pytest.fixture
def edit(admin_client, request_page):
    def edit(publish=True, links=({"site": "google", "url": GOOGLE, "label": ""},), **values):
        questions = [{"label": "Your e-mail", "field_type": "email", "required": "on"}]
        shown = {"conditions": streamfield([]), "other_words": streamfield([])}
        data = {
            "title": "Would you recommend us?",
            "slug": "review",
            "program": request_page.program_id,
            "introduction": rich_text(""),
            "again_after_days": 30,
            "review_links": streamfield([("link", link) for link in links]),
            "other_words": streamfield([]),
            "form_fields": inline_formset(
                [{**one, **shown, "conditions_match": "all"} for one in questions]
            ),
            "comments": inline_formset([]),
            **values,
        }
        if publish:
            data["action-publish"] = "1"
        url = reverse("wagtailadmin_pages:edit", args=[request_page.pk])
        return admin_client.post(url, nested_form_data(data))

    return edit


def test_a_fair_page_is_published(edit):
    assert edit().status_code == 302


def test_what_breaks_a_rule_is_not_published_and_told_next_to_it(edit, admin_client, request_page):
    unfair = "A coupon for every 5 star review!"
    response = edit(thanks_text=unfair)
    assert unfair in str(response.context["form"].errors["thanks_text"])
    assert edit(thanks_text=unfair, publish=False).status_code == 302
    shown = admin_client.get(reverse("wagtailadmin_pages:edit", args=[request_page.pk]))
    page = shown.content.decode()
    assert "Not allowed" in page
    assert "https://www.ecfr.gov/current/title-16/section-465.4" in page


@pytest.mark.parametrize(("text", "goes_live"), [("A coupon for 5 stars!", False), ("Hi", True)])
@pytest.mark.parametrize("by_parent", [False, True])
def test_nor_by_publishing_many_at_once(
    edit, admin_client, request_page, text, goes_live, by_parent
):
    assert edit(thanks_text=text, publish=False).status_code == 302
    request_page.refresh_from_db()
    request_page.unpublish()
    chosen = request_page.get_parent() if by_parent else request_page
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    sent = {"include_descendants": "on"} if by_parent else {}
    response = admin_client.post(f"{url}?id={chosen.pk}&next=/admin/", sent, follow=True)
    request_page.refresh_from_db()
    assert request_page.live == goes_live
    assert ("Nothing was published" in response.content.decode()) != goes_live


def test_a_link_that_is_none_is_told_next_to_it(edit):
    response = edit(links=[{"site": "google", "url": "short", "label": ""}])
    assert "place id" in response.content.decode()


def test_the_panel_explains_the_risk_and_its_source(admin_client, request_page):
    page = admin_client.get(reverse("wagtailadmin_pages:edit", args=[request_page.pk]))
    shown = page.content.decode()
    assert "Risky" in shown
    assert "support.google.com/contributionpolicy" in shown
    assert "Everybody gets the same review links" in shown
