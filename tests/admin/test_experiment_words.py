"""Experiments in the admin: what a screen says of its end is so."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.insights.playing import advocates_of, run_experiment, visit
from wagtail_referrals.insights.experiments import count_now
from wagtail_referrals.pages.models import ReferralPage
from wagtail_referrals.programs.experiment_models import Experiment, Subject, Variant
from wagtail_referrals.programs.models import Offer, Program

from .test_experiments import HOME, begun, text_of


def test_of_a_page_that_is_not_live_it_says_that_only_the_draft_is_written(
    owner: Client, program: Program, landing: Any
) -> None:
    variants = [Variant(name="Now", is_control=True), Variant(name="B", heading="Come in")]
    experiment = run_experiment(program, subject=Subject.LANDING, variants=variants)
    landing.refresh_from_db()
    landing.unpublish()
    address = f"{HOME}/keep/{experiment.pk}/"
    words = "The landing page is not published"
    assert words in text_of(owner.get(address))
    sent = {"variant": experiment.variants.get(is_control=False).pk}
    assert words in text_of(owner.post(address, sent, follow=True))


def test_an_offer_that_is_tested_stays_in_the_program_s_form(
    owner: Client, program: Program
) -> None:
    run_experiment(program)
    edit = f"/admin/referrals/programs/edit/{program.pk}/"
    new = Offer.objects.create(name="Mid", kind="percent", amount=15)
    page = owner.post(edit, {"friend_offer": new.pk, "currency": "EUR"})
    said = page.context["form"].errors["friend_offer"]
    assert "being put to the test" in str(said)
    assert Program.objects.get().friend_offer != new


def test_so_does_a_landing_page_whose_words_are_tested(
    owner: Client, program: Program, landing: Any
) -> None:
    other = ReferralPage(title="Another", program=program)
    landing.get_parent().add_child(instance=other)
    program.refresh_from_db()
    variants = [Variant(name="Now", is_control=True), Variant(name="B", heading="Come in")]
    run_experiment(program, subject=Subject.LANDING, variants=variants)
    edit = f"/admin/referrals/programs/edit/{program.pk}/"
    for page, is_refused in ((other, True), (landing, False)):
        form = owner.post(edit, {"landing_page": page.pk, "currency": "EUR"}).context["form"]
        told = str(form.errors.get("landing_page", ""))
        assert ("End the test first." in told) is is_refused


@pytest.fixture
def look(owner: Client, program: Program) -> str:
    """The address of one look early at a test nobody has counted yet."""
    experiment = begun(program)
    found: str = owner.post(f"{HOME}/look/{experiment.pk}/").headers["Location"]
    return found


def more_come() -> None:
    experiment = Experiment.objects.get()
    visit(advocates_of(experiment, [5, 5])[0], timezone.now() - timedelta(hours=1))


def test_one_look_shows_the_same_however_often_it_is_loaded(owner: Client, look: str) -> None:
    first = owner.get(f"{look}&export=csv").content
    more_come()
    assert b"60,60,30" in first
    assert owner.get(f"{look}&export=csv").content == first


@pytest.mark.parametrize("export", ["", "&export=csv"])
def test_what_is_counted_anew_is_another_look(owner: Client, look: str, export: str) -> None:
    assert "Chance to be better" in owner.get(look + export).content.decode()
    more_come()
    owner.post(f"{HOME}/count/{Experiment.objects.get().pk}/")
    page = owner.get(look + export).content.decode()
    assert "Chance to be better" not in page
    assert page.lstrip().startswith("<!")


def test_after_a_new_count_one_looks_again(owner: Client, look: str) -> None:
    experiment = Experiment.objects.get()
    count_now(experiment)
    again = owner.post(f"{HOME}/look/{experiment.pk}/", follow=True)
    assert "Chance to be better" in again.content.decode()
    assert "Looked at early 2 times" in text_of(again)
