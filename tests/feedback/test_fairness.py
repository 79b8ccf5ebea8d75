"""What is fair on a page and what is not: told with its source, and what breaks a rule refused."""

import pytest
from django.core.exceptions import ValidationError

from wagtail_referrals.blocks import ReviewLinkBlock
from wagtail_referrals.feedback.fairness import BROKEN, FAIR, RISKY, findings
from wagtail_referrals.feedback.review_sites import LEFT_OUT, SITES, review_address, site_at

GOOGLE = {"site": "google", "url": "https://g.page/r/abc/review"}


@pytest.mark.parametrize(
    ("site", "typed", "address"),
    [
        (
            "google",
            "ChIJN1t_tDeuEmsRUsoyG83frY4",
            "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4",
        ),
        ("google", " https://g.page/r/CQ/review ", "https://g.page/r/CQ/review"),
        ("google", "https://maps.app.goo.gl/x", "https://maps.app.goo.gl/x"),
        ("google", "https://www.google.co.uk/maps/x", "https://www.google.co.uk/maps/x"),
        ("facebook", "harbour.coffee", "https://www.facebook.com/harbour.coffee/reviews"),
        ("facebook", "https://m.facebook.com/x", "https://m.facebook.com/x"),
        ("trustpilot", "example.org", "https://www.trustpilot.com/evaluate/example.org"),
        ("trustpilot", "https://de.trustpilot.com/x", "https://de.trustpilot.com/x"),
        ("tripadvisor", "https://www.tripadvisor.de/X", "https://www.tripadvisor.de/X"),
        ("industry", "https://example.org/x?y=1", "https://example.org/x?y=1"),
        ("own", "https://example.org/", "https://example.org/"),
        ("gone", "https://example.org/", "https://example.org/"),
    ],
)
def test_what_an_editor_types_becomes_an_address(site, typed, address):
    assert review_address(site, typed) == address


@pytest.mark.parametrize(
    ("site", "typed"),
    [
        ("google", "short"),
        ("google", "https://google.com.example.org/"),
        ("google", "https://notgoogle.com/"),
        ("facebook", "https://example.org/"),
        ("facebook", "a b"),
        ("trustpilot", "nothing"),
        ("tripadvisor", "harbour"),
        ("own", "javascript:alert(1)"),
        ("own", "https://user@"),
        ("own", "https://[::1"),
        ("own", "https://exa mple.org"),
        ("own", "//example.org"),
        ("own", "\x00"),
        ("own", ""),
        ("own", "https://www.yelp.com/biz/x"),
        ("industry", "https://YELP.de./x"),
        ("own", "http://m.yelp.co.uk"),
    ],
)
def test_what_is_no_address_of_the_site_is_told_next_to_it(site, typed):
    with pytest.raises(ValidationError):
        review_address(site, typed)
    block = ReviewLinkBlock()
    if typed:
        with pytest.raises(ValidationError) as refused:
            block.clean(block.to_python({"site": site, "url": typed}))
        assert list(refused.value.as_json_data()["blockErrors"]) == ["url"]


def test_every_rule_has_its_source():
    for site in (*SITES.values(), *LEFT_OUT):
        forbids = site.forbids_asking or site.forbids_incentives or site.forbids_choosing
        assert bool(site.source) == forbids, site.key


def test_sites_that_forbid_asking_are_not_on_the_list():
    assert not [site.key for site in SITES.values() if site.forbids_asking]
    assert site_at("https://www.yelp.fr/x").forbids_asking


def test_a_button_has_words_of_its_own():
    block = ReviewLinkBlock()
    link = block.to_python(GOOGLE)
    assert (link.words, link.address) == ("Write a review on Google", GOOGLE["url"])
    assert block.to_python({**GOOGLE, "label": "Here"}).words == "Here"
    assert block.to_python({"url": "https://example.org"}).words == "Write a review"
    assert block.to_python({"url": "javascript:alert(1)"}).address == ""


def found(page, level=BROKEN):
    return [(one.field, one.quote) for one in findings(page) if one.level == level]


def test_a_page_as_it_should_be_is_said_to_be_fair(feedback_page):
    assert {one.level for one in findings(feedback_page)} == {FAIR}


@pytest.mark.parametrize(
    "text",
    [
        "Get a coupon for a good review.",
        "A 10% off coupon when you leave 5 stars!",
        "Leave a five-star review and get a free coffee.",
        "We give a discount for every positive rating",
        "Ein Gutschein für eine gute Bewertung.",
        "Gib uns fünf Sterne und du bekommst einen Gutschein",
        "Hello.\nVouchers for great reviews only.",
        "A voucher for a five-star review, no strings attached!",
        "Don't miss it: a discount for a good rating.",
        "Not only thanks: a gift for a great review.",
    ],
)
@pytest.mark.parametrize("field", ["introduction", "thanks_text", "reviews_text", "button_label"])
def test_nothing_may_be_promised_for_a_good_review(feedback_page, text, field):
    setattr(feedback_page, field, f"<p>{text}</p>" if field == "introduction" else text)
    assert [where for where, _quote in found(feedback_page)] == [field]


@pytest.mark.parametrize(
    "text",
    [
        "Tell us how it was. At the end there is a coupon for a friend.",
        "The coupon is for filling in the form, not for a good review.",
        "A coupon for a friend of yours, whatever stars you give.",
        "An honest review helps others.",
        "Thank you! Here is your coupon. If you like, write a review.",
        "We have free parking and a review of our menu.",
        "Your gift for a friend is below. Then there are review sites.",
        "Der Gutschein ist für das Ausfüllen, egal welche Bewertung.",
        "",
    ],
)
def test_honest_words_are_left_alone(feedback_page, text):
    feedback_page.review_links = [("link", GOOGLE)]
    feedback_page.introduction = feedback_page.thanks_text = text
    assert found(feedback_page) == []


def test_the_questions_the_terms_and_the_offer_are_looked_at_too(feedback_page):
    unfair = "A coupon for a good review."
    question = feedback_page.form_fields.first()
    question.help_text = unfair
    assert found(feedback_page) == []
    assert [one.field for one in findings(feedback_page, [question]) if one.level == BROKEN] == [
        "form_fields"
    ]
    question.help_text, question.step_title = "", unfair
    question.other_words = [("words", {"audience": "promoters", "words": unfair})]
    assert len([1 for one in findings(feedback_page, [question]) if one.level == BROKEN]) == 2
    feedback_page.program.terms = f"<p>{unfair}</p>"
    feedback_page.program.friend_offer.fine_print = unfair
    assert found(feedback_page) == [("program", unfair)] * 2


def test_something_for_any_review_breaks_the_rules_of_sites_that_forbid_it(feedback_page):
    feedback_page.thanks_text = "Write a review and get 10% off."
    assert found(feedback_page, RISKY) == [("thanks_text", "Write a review and get 10% off.")]
    feedback_page.review_links = [("link", GOOGLE)]
    assert found(feedback_page) == [("thanks_text", "Write a review and get 10% off.")]


def test_whose_rules_count_depends_on_where_a_link_leads(feedback_page):
    feedback_page.review_links = [("link", {"site": "own", "url": GOOGLE["url"]})]
    [risk] = [one for one in findings(feedback_page) if one.level == RISKY]
    assert "Google" in str(risk.words)
    assert risk.sources == (SITES["google"].source,)
    feedback_page.review_links = [("link", {"site": "own", "url": "https://yelp.com/x"})]
    assert found(feedback_page) == [("review_links", "")]


def test_sites_that_forbid_gifts_beside_a_coupon_are_explained(feedback_page):
    feedback_page.review_links = [("link", GOOGLE), ("link", {"url": "https://example.org/"})]
    [risk] = [one for one in findings(feedback_page) if one.level == RISKY]
    assert "screen of their own" in str(risk.words)
    feedback_page.program = None
    assert found(feedback_page, RISKY) == []


def test_the_review_screen_names_no_gift(feedback_page):
    feedback_page.reviews_text = "Your coupon is waiting."
    assert found(feedback_page) == [("reviews_text", "Your coupon is waiting.")]


@pytest.mark.parametrize(
    "text",
    ["If you loved it, leave us a review!", "Wenn Sie zufrieden waren: eine Bewertung, bitte"],
)
def test_asking_only_who_is_happy_is_not_fair(feedback_page, text):
    feedback_page.thanks_text = text
    assert found(feedback_page, RISKY) == [("thanks_text", text)]
    feedback_page.review_links = [("link", GOOGLE)]
    assert found(feedback_page) == [("thanks_text", text)]


@pytest.mark.parametrize("audience", ["promoters", "regulars"])
@pytest.mark.parametrize("usual", ["Thank you!", "Please leave us a review!"])
def test_words_for_the_happy_ask_for_no_review_that_others_are_not_asked_for(
    feedback_page, usual, audience
):
    text = "Please write an online review!"
    feedback_page.thanks_text = usual
    words = {"audience": audience, "text": "thanks_text", "words": text}
    feedback_page.other_words = [("words", words)]
    is_unfair = audience == "promoters" and usual == "Thank you!"
    assert found(feedback_page, RISKY) == [("other_words", text)] * is_unfair
    feedback_page.review_links = [("link", GOOGLE)]
    assert found(feedback_page) == [("other_words", text)] * is_unfair


def test_hostile_text_takes_no_time(feedback_page):
    feedback_page.thanks_text = ("coupon for " * 90)[:1000]
    feedback_page.introduction = "<p>" * 5000 + "write a good review and " * 5000
    findings(feedback_page)
