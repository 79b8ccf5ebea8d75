"""An experiment's form, plan and result in Chromium: at a desk, on a phone, in the dark."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.insights.playing import advocates_of, buy, claim, make_experiment, run_experiment, visit
from wagtail_referrals.programs.experiment_models import Experiment

from .test_nps import look
from .test_rewards import ours
from .waiting import expect, follow


def test_the_screens_are_readable(staff: Any, program: Any) -> None:
    experiment = run_experiment(program, days_ago=30)
    at = timezone.now() - timedelta(days=10)
    control, other = advocates_of(experiment, [100, 100])
    visit([*control, *other], at)
    buy(claim([*control[:40], *other[:70]], at), (12, 18), at)
    draft = make_experiment(program, name="Is fifteen enough?")
    page, problems = staff()
    page.goto("/admin/referrals/experiments/create/")
    expect(page.get_by_label("heading")).to_be_hidden()
    page.get_by_label("put to the test").select_option("landing")
    expect(page.get_by_label("heading")).to_be_visible()
    expect(page.get_by_label("offer", exact=True)).to_be_hidden()
    look(page, "experiment-form")
    page.goto(f"/admin/referrals/experiments/inspect/{draft.pk}/")
    look(page, "experiment-plan")
    page.goto(f"/admin/referrals/experiments/inspect/{experiment.pk}/")
    look(page, "experiment-result")
    page.evaluate("document.documentElement.classList.add('w-theme-dark')")
    look(page, "experiment-dark")
    page.goto(f"/admin/referrals/experiments/keep/{experiment.pk}/")
    look(page, "experiment-keep")
    Experiment.objects.filter(pk=experiment.pk).update(ends_at=timezone.now() + timedelta(days=9))
    page.goto(f"/admin/referrals/experiments/inspect/{experiment.pk}/")
    look(page, "experiment-running")
    follow(page.get_by_role("button", name="Count now"))
    page.get_by_text("It is counted.").first.wait_for()
    assert ours(problems) == []


def test_on_a_low_screen_nothing_lies_over_the_plan(staff: Any, program: Any) -> None:
    draft = make_experiment(program, name="Is fifteen enough?")
    page, problems = staff()
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(f"/admin/referrals/experiments/inspect/{draft.pk}/")
    plan = page.locator("section", has=page.locator("#experiment-plan")).bounding_box()
    history = page.locator("footer").get_by_role("link", name="History")
    assert history.bounding_box()["y"] >= plan["y"] + plan["height"]
    assert ours(problems) == []


def test_a_long_choice_does_not_widen_a_phone(staff: Any, program: Any) -> None:
    program.name = "Friends of the harbour coffee roasters and of their neighbours"
    program.save()
    page, problems = staff()
    page.set_viewport_size({"width": 390, "height": 844})
    for address in ("goals/create/", "costs/create/", "experiments/create/"):
        page.goto(f"/admin/referrals/{address}")
        wide = page.locator("main").evaluate("main => main.scrollWidth - main.clientWidth")
        assert wide <= 0, (address, wide)
    assert ours(problems) == []
