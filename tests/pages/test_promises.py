"""What is put to the test is said where it is tested, and nowhere else; what was said, holds."""

from typing import Any

import pytest
from django.utils import translation
from wagtail.models import Site

from tests.partner_fixtures import make_partner
from tests.trials import end_trial, make_big_offer, run_trial
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.pages.models import ReferralPage
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.experiment_models import Subject
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.programs.variants import landing_words, running
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.promised import for_advocate, for_friends, words_to_test
from wagtail_referrals.referrals.share import share_kit
from wagtail_referrals.rewards.rehearsal import Sample, facts_of
from wagtail_referrals.rewards.rule_models import RuleEffect


@pytest.fixture
def big_offer(db: None) -> Offer:
    return make_big_offer()


def view_of(page: ReferralPage, advocate: Advocate) -> str:
    return f"{page.url}with/{advocate.display_code}/"


def read(client: Any, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


# Where words are said


@pytest.fixture
def other_page(landing: ReferralPage, program: Program) -> ReferralPage:
    """A second page of the program, where its links do not lead."""
    root = Site.objects.get(is_default_site=True).root_page
    page = ReferralPage(title="Summer", slug="summer", program=program)
    return root.add_child(instance=page)


def test_words_are_tested_on_the_page_links_lead_to(client, landing, advocate):
    run_trial(advocate.program, Subject.LANDING, heading="Come in")
    assert "Come in" in read(client, view_of(landing, advocate))


def test_another_page_of_the_program_says_its_own_words(client, other_page, advocate):
    run_trial(advocate.program, Subject.LANDING, heading="Come in")
    assert "Come in" not in read(client, view_of(other_page, advocate))


@pytest.mark.parametrize("own", ["landing_page", "friend_offer"])
def test_who_has_something_of_their_own_is_no_part_of_a_test_of_words(
    client, landing, other_page, advocate, big_offer, own
):
    values = {"landing_page": other_page.pk, "friend_offer": big_offer}
    Advocate.objects.filter(pk=advocate.pk).update(**{own: values[own]})
    run_trial(advocate.program, Subject.LANDING, heading="Come in")
    assert "Come in" not in read(client, view_of(landing, advocate))


def test_a_preview_shows_variants_of_words_where_they_will_stand(landing, other_page, big_offer):
    run_trial(landing.program, Subject.LANDING, heading="Come in")
    run_trial(landing.program, Subject.FRIEND_OFFER, offer=big_offer)
    modes = [str(label) for _key, label in other_page.preview_modes if "Variant" in label]
    assert len(modes) == 1 and "friend_offer" in modes[0]


def test_a_page_that_is_not_saved_yet_shows_no_variant_of_words(program):
    run_trial(program, Subject.LANDING, heading="Come in")
    page = ReferralPage(title="New", program=program)
    assert not [label for _key, label in page.preview_modes if "Variant" in label]


# Partners


@pytest.fixture
def partner(program: Program) -> Advocate:
    return make_partner(program, "Rowing Club").advocate


def test_partners_are_no_part_of_any_test(program, partner, big_offer):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer)
    run_trial(program, Subject.SHARE_TEXT, text="New.", disclosure="I get a thank-you.")
    run_trial(program, Subject.LANDING, heading="Come in")
    assert for_friends(partner) == program.friend_offer
    assert for_advocate(partner) == program.advocate_offer
    assert words_to_test(partner) is None
    assert landing_words(program, partner.pk) == {}


def test_partners_are_granted_what_their_own_page_says(program, partner, big_offer):
    run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer)
    effect = RuleEffect(beneficiary="advocate", rule=program.rules.get(trigger="first_purchase"))
    assert effect.effective_offer(partner) == program.advocate_offer


def test_who_becomes_a_partner_leaves_the_test_at_once(
    program, big_offer, django_capture_on_commit_callbacks
):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    running(program.pk)
    with django_capture_on_commit_callbacks(execute=True):
        partner = make_partner(program, "Rowing Club")
    assert for_friends(partner.advocate) == program.friend_offer
    advocate = partner.advocate
    with django_capture_on_commit_callbacks(execute=True):
        partner.delete()
    assert for_friends(advocate) == big_offer


def owed_for(advocate: Advocate, *emails: str) -> list[Offer | None]:
    """What the usual rule gives an advocate for each of these friends now."""
    program = Program.objects.get(pk=advocate.program_id)
    effect = RuleEffect(beneficiary="advocate", rule=program.rules.get(trigger="first_purchase"))
    referrals = [Referral.objects.get(friend__email=email) for email in emails]
    return [effect.effective_offer(advocate, referral) for referral in referrals]


def test_what_was_promised_before_somebody_became_a_partner_holds(
    program, big_offer, django_capture_on_commit_callbacks
):
    run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer)
    advocate = join_program(program, find_or_add_person("hello@rowing.example"))
    claim_offer(advocate, email="bo@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        Partner.objects.create(program=program, name="Rowing Club", advocate=advocate)
    claim_offer(advocate, email="cy@example.org")
    owed = owed_for(advocate, "bo@example.org", "cy@example.org")
    assert owed == [big_offer, program.advocate_offer]


def test_what_a_partner_was_promised_during_a_test_outlives_its_winner(program, partner, big_offer):
    before = program.advocate_offer
    trial = run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer)
    claim_offer(partner, email="bo@example.org")
    end_trial(trial)
    program.advocate_offer = partner.program.advocate_offer = big_offer
    program.save()
    claim_offer(partner, email="cy@example.org")
    assert owed_for(partner, "bo@example.org", "cy@example.org") == [before, big_offer]


# Nobody


def test_a_rule_tried_with_nobody_draws_nothing(program, big_offer):
    run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer)
    facts = facts_of(program, Sample(kind="purchase"))
    effect = RuleEffect(beneficiary="advocate", rule=program.rules.get(trigger="first_purchase"))
    assert effect.effective_offer(facts.advocate) == program.advocate_offer


# Languages


def test_who_reads_another_language_keeps_our_words_in_it(advocate):
    with translation.override("de"):
        before = share_kit(advocate).text
        run_trial(
            advocate.program, Subject.SHARE_TEXT, text="New.", disclosure="I get a thank-you."
        )
        assert share_kit(advocate).text == before


def test_where_one_text_is_for_every_language_so_is_the_one_that_is_tested(advocate):
    ShareText.objects.create(program=advocate.program, text="Old.", disclosure="I get some.")
    run_trial(advocate.program, Subject.SHARE_TEXT, text="New.", disclosure="I get a thank-you.")
    with translation.override("de"):
        assert share_kit(advocate).text.startswith("New.")


# After an error


def test_a_form_with_an_error_shows_the_offer_that_it_promised(
    client, landing, advocate, big_offer, no_time_trap
):
    trial = run_trial(advocate.program, Subject.FRIEND_OFFER, offer=big_offer)
    page = client.get(view_of(landing, advocate))
    end_trial(trial)
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"email": "no address"}
    again = client.post(page.context["form_action"], data)
    assert again.context["friend_offer"] == big_offer
    assert "20%" in again.content.decode()
