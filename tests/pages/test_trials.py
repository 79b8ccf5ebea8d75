"""What is put to the test is the same in page, mail, kit, card, till and reward."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.template import engines
from django.template.response import TemplateResponse
from django.utils import translation
from wagtail.models import PageViewRestriction

from tests.fixtures import BROWSER
from tests.trials import end_trial, make_big_offer, run_trial
from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.pages.landing import kept_shortly
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.experiment_models import Subject
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.friend_mail import _context as mail_context
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.links import link_path
from wagtail_referrals.referrals.models import Advocate, Click, Referral
from wagtail_referrals.referrals.own_link import own_page_path
from wagtail_referrals.referrals.share import share_in_mail, share_kit
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule


@pytest.fixture
def big_offer(db) -> Offer:
    return make_big_offer()


@pytest.fixture
def friends_url(landing, advocate) -> str:
    return f"{landing.url}with/{advocate.display_code}/"


def read(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def claim(client, friends_url: str, email: str = "bo@example.org", page=None) -> Coupon:
    """Claims on the page as it was shown, and reads the coupon."""
    page = page or client.get(friends_url)
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"email": email}
    data |= {"terms": "on"}
    answer = client.post(page.context["form_action"], data, HTTP_USER_AGENT=BROWSER)
    assert answer.status_code == 303
    return client.get(answer.url).context["coupon"]


def test_page_kit_mail_and_card_promise_what_the_code_has_drawn(
    client, friends_url, advocate, big_offer
):
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    mail = FriendMail(advocate=advocate, program=advocate.program)
    kit = share_kit(advocate)
    promises = [
        read(client, friends_url),
        kit.text,
        share_in_mail(advocate)["share_text"],
        mail_context(FriendMail(pk=1, advocate=advocate, program=mail.program))["offer_headline"],
        read(client, kit.files["cards"]),
        read(client, own_page_path(advocate)),
    ]
    assert all("20%" in promise for promise in promises)
    assert not any("10%" in promise for promise in promises)


def test_the_coupon_is_what_the_page_promised(
    client, landing, friends_url, advocate, big_offer, no_time_trap
):
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    assert claim(client, friends_url).amount == 20
    referral = Referral.objects.get()
    assert (referral.offer, referral.page_id) == (big_offer, landing.pk)


def test_a_test_that_ends_between_page_and_form_takes_nothing_back(
    client, friends_url, advocate, big_offer, no_time_trap
):
    experiment = run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    shown = client.get(friends_url)
    end_trial(experiment)
    assert claim(client, friends_url, page=shown).amount == 20
    assert claim(client, friends_url, "cy@example.org").amount == 10


def test_a_page_kept_from_before_the_test_keeps_its_word(
    client, friends_url, advocate, big_offer, no_time_trap
):
    shown = client.get(friends_url)
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    assert claim(client, friends_url, page=shown).amount == 10


def test_one_codes_promise_is_not_anothers(
    client, landing, friends_url, program, big_offer, no_time_trap
):
    other = join_program(program, find_or_add_person("pa@example.org"))
    Advocate.objects.filter(pk=other.pk).update(friend_offer=big_offer)
    theirs = client.get(f"{landing.url}with/{other.display_code}/")
    shown = client.get(friends_url)
    name = shown.context["form"].stamp_name
    shown.context["form"].initial[name] = theirs.context["form"][name].value()
    assert claim(client, friends_url, page=shown).amount == 10


def test_the_click_notes_what_the_link_promised(client, landing, advocate, big_offer):
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    client.get(link_path(advocate), HTTP_USER_AGENT=BROWSER)
    assert Click.objects.get().offer_id == big_offer.pk


def test_a_code_said_at_the_till_is_promised_the_same(advocate, big_offer):
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    record_event(
        advocate.program,
        "purchase",
        external_id="1",
        email="bo@example.org",
        amount=50,
        currency="EUR",
        referral_code=advocate.display_code,
    )
    assert Referral.objects.get().offer == big_offer


def test_an_advocate_is_granted_what_their_own_page_promised(client, advocate):
    program = advocate.program
    more = Offer.objects.create(name="More", kind="fixed", amount=15, currency="EUR")
    run_trial(program, Subject.ADVOCATE_OFFER, offer=more)
    page = read(client, own_page_path(advocate))
    assert more.headline in page
    assert program.advocate_offer.headline not in page
    claim_offer(advocate, email="bo@example.org")
    record_event(
        program, "purchase", external_id="1", email="bo@example.org", amount=50, currency="EUR"
    )
    assert Reward.objects.get(beneficiary="advocate").amount == 15


def test_what_an_advocate_was_promised_for_a_friend_outlives_the_test(advocate):
    program = advocate.program
    more = Offer.objects.create(name="More", kind="fixed", amount=15, currency="EUR")
    trial = run_trial(program, Subject.ADVOCATE_OFFER, offer=more)
    claim_offer(advocate, email="bo@example.org")
    end_trial(trial)
    claim_offer(advocate, email="cy@example.org")
    for number, email in enumerate(("bo@example.org", "cy@example.org")):
        order = {"external_id": str(number), "email": email, "amount": 50, "currency": "EUR"}
        record_event(program, "purchase", **order)
    granted = Reward.objects.filter(beneficiary="advocate").order_by("pk")
    assert [one.amount for one in granted] == [15, program.advocate_offer.amount]


@pytest.mark.parametrize("ended", [False, True], ids=["it runs", "its variant is kept"])
def test_what_an_advocate_was_promised_before_a_test_outlives_it(advocate, ended):
    program, before = advocate.program, advocate.program.advocate_offer
    claim_offer(advocate, email="bo@example.org")
    more = Offer.objects.create(name="More", kind="fixed", amount=15, currency="EUR")
    trial = run_trial(program, Subject.ADVOCATE_OFFER, offer=more)
    trial.variants.filter(is_control=True).update(offer=before)
    if ended:
        program.advocate_offer = more
        program.save()
        end_trial(trial)
    claim_offer(advocate, email="cy@example.org")
    for number, email in enumerate(("bo@example.org", "cy@example.org")):
        order = {"external_id": str(number), "email": email, "amount": 50, "currency": "EUR"}
        record_event(program, "purchase", **order)
    granted = Reward.objects.filter(beneficiary="advocate").order_by("pk")
    assert [one.amount for one in granted] == [before.amount, 15]


def test_what_a_friend_was_promised_before_a_test_outlives_it(advocate, big_offer):
    program = advocate.program
    rule = RewardRule.objects.create(program=program, name="Friend", trigger="first_purchase")
    effect = rule.effects.create(beneficiary="friend")
    claim_offer(advocate, email="bo@example.org")
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    claim_offer(advocate, email="cy@example.org")
    promised = [referral.offer.amount for referral in Referral.objects.order_by("pk")]
    given = [effect.effective_offer(advocate, one) for one in Referral.objects.order_by("pk")]
    assert [offer.amount for offer in given] == promised == [10, 20]


def test_a_friend_whose_promise_was_not_noted_gets_what_the_program_promised(advocate, big_offer):
    claim_offer(advocate, email="bo@example.org")
    Referral.objects.update(offer=None)
    run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    rule = RewardRule.objects.create(
        program=advocate.program, name="Friend", trigger="first_purchase"
    )
    effect = rule.effects.create(beneficiary="friend")
    offer = effect.effective_offer(advocate, Referral.objects.get())
    assert offer == advocate.program.friend_offer


def test_a_coupon_for_feedback_is_the_same_for_all(client, feedback_page, big_offer, no_time_trap):
    program = feedback_page.program
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    page = client.get(feedback_page.url)
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"score": "9", "email": "ann@example.org", "name": "Ann"}
    answer = client.post(page.context["form_action"], data, HTTP_USER_AGENT=BROWSER)
    assert client.get(answer.url).context["coupon"].amount == 10


def test_the_words_on_the_page_are_those_the_code_has_drawn(client, landing, friends_url, advocate):
    landing.friend_heading, landing.button_label = "Welcome", "Get it"
    landing.save_revision().publish()
    words = {"heading": "Come in", "introduction": "A cup <for> you."}
    run_trial(advocate.program, Subject.LANDING, **words)
    page = read(client, friends_url)
    assert "Come in" in page
    assert "<p>A cup &lt;for&gt; you.</p>" in page
    assert "Get it" in page, "what the variant does not say stays"
    assert "Welcome</h1>" in read(client, landing.url), "without a code it is as it was"


def test_the_text_to_test_comes_first_and_says_what_one_gets(advocate):
    ShareText.objects.create(program=advocate.program, text="Old.", disclosure="I get some, too.")
    run_trial(advocate.program, Subject.SHARE_TEXT, text="New.", disclosure="I get a thank-you.")
    kit = share_kit(advocate)
    assert kit.text.startswith("New. I get a thank-you.")
    assert [other.words for other in kit.others] == ["Old. I get some, too."]
    assert share_in_mail(advocate)["share_text"].startswith("New. I get a thank-you.")


def test_who_reads_another_language_gets_the_texts_in_it(advocate):
    values = {"text": "Probier es.", "disclosure": "Ich bekomme etwas.", "locale": "de"}
    ShareText.objects.create(program=advocate.program, **values)
    run_trial(advocate.program, Subject.SHARE_TEXT, text="New.", disclosure="I get a thank-you.")
    with translation.override("de"):
        assert share_kit(advocate).text.startswith("Probier es.")


def test_no_code_no_promise(client, landing, program, big_offer):
    offers = program.friend_offer.headline, big_offer.headline
    assert offers[0] in read(client, landing.url)
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    page = read(client, landing.url)
    assert not any(offer in page for offer in offers)


def test_a_preview_shows_what_is_as_it_is_now(client, landing, rf, big_offer):
    run_trial(landing.program, Subject.FRIEND_OFFER, offer=big_offer)
    request = rf.get("/")
    shown = landing.make_preview_request(request, "")
    assert "10%" in shown.rendered_content


def test_a_preview_shows_each_variant(landing, rf, big_offer):
    run_trial(landing.program, Subject.FRIEND_OFFER, offer=big_offer)
    run_trial(landing.program, Subject.LANDING, heading="Come in")
    for mode, words in zip(landing.preview_modes[-2:], ("20%", "Come in"), strict=True):
        shown = landing.make_preview_request(rf.get("/"), mode[0])
        assert words in shown.rendered_content


def test_a_shared_cache_keeps_the_page_for_minutes_only(client, friends_url):
    assert client.get(friends_url)["Cache-Control"] == "s-maxage=300"


def test_a_page_for_members_only_is_nothing_for_a_shared_cache(
    client, landing, friends_url, django_user_model
):
    PageViewRestriction.objects.create(page=landing, restriction_type="login")
    client.force_login(django_user_model.objects.create_user("ann"))
    assert "s-maxage" not in client.get(friends_url).get("Cache-Control", "")


@pytest.mark.parametrize(
    ("template", "cookies"),
    [("Hello {{ request.session.name }}", {"sessionid": "x"}), ("{% csrf_token %}", {})],
)
def test_what_the_sites_templates_show_to_one_visitor_is_nothing_for_a_shared_cache(
    rf, template, cookies
):
    request = rf.get("/")
    request.COOKIES, request.session = cookies, SessionStore()
    page = TemplateResponse(request, engines["django"].from_string(template))
    assert "Cache-Control" not in kept_shortly(request, page).render().headers
