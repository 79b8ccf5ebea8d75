"""The dashboard in Chromium: at a desk and on a phone, light and dark, on paper, without script."""

import os
from typing import Any

from django.contrib.auth import get_user_model
from wagtail.users.models import UserProfile

from .test_nps import look
from .test_rewards import ours
from .waiting import expect, follow

URL = "/admin/referrals/dashboard/"
COLOURS = """() => {
  const figure = document.querySelector(".referrals-chart");
  figure.querySelector("details").open = true;
  const canvas = figure.querySelector(".referrals-chart__canvas");
  canvas.style.color = "var(--chart-1)";
  return {
    series: getComputedStyle(figure).getPropertyValue("--chart-1").trim(),
    chart: getComputedStyle(canvas).color,
    text: getComputedStyle(document.body).color,
    cell: getComputedStyle(figure.querySelector("td[data-value]")).color,
  };
}"""


def test_its_charts_are_drawn_from_their_tables(staff: Any, program: Any) -> None:
    page, problems = staff()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{URL}?example=1")
    tables = page.locator("table[data-chart]").count()
    assert tables > 5
    expect(page.locator(".referrals-chart canvas[role=img]")).to_have_count(tables)
    look(page, "dashboard")
    page.evaluate("document.documentElement.className = 'w-theme-dark'")
    look(page, "dashboard-dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    # The sliders: nobody shares any more.
    table = page.locator("[data-referrals-projected] table")
    before = table.text_content()
    page.locator("input[type=range]").first.focus()
    page.keyboard.press("Home")
    page.wait_for_function(
        "words => document.querySelector('[data-referrals-projected] table').textContent !== words",
        arg=before,
    )
    assert {cell.strip() for cell in table.locator("td[data-value]").all_text_contents()} == {"0"}
    assert ours(problems) == []
    if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
        page.pdf(path=f"{folder}/dashboard.pdf", print_background=False)


def test_in_colours_of_the_reader_s_own_nothing_vanishes(staff: Any, program: Any) -> None:
    page, problems = staff()
    # A dark theme within white: whoever takes the theme's colours writes white on white.
    page.emulate_media(forced_colors="active", color_scheme="light")
    page.goto(f"{URL}?example=1")
    look(page, "dashboard-forced")
    page.evaluate("document.documentElement.className = 'w-theme-dark'")
    told = page.evaluate(COLOURS)
    assert told["series"] == "CanvasText"
    assert told["chart"] == told["text"] == told["cell"]
    assert ours(problems) == []


def test_no_table_is_wider_than_a_sheet_of_paper(staff: Any, program: Any) -> None:
    page, problems = staff()
    # Its words are longer.
    profile = UserProfile.get_for_user(get_user_model().objects.get(username="owner"))
    profile.preferred_language = "de"
    profile.save()
    page.goto(f"{URL}?example=1")
    page.emulate_media(media="print")
    # A4 between its margins.
    page.set_viewport_size({"width": 720, "height": 1020})
    wide = page.locator("main table").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().right))"
    )
    assert max(wide) <= 720
    assert ours(problems) == []


def test_without_script_all_numbers_are_in_tables(staff: Any, program: Any) -> None:
    page, problems = staff(javascript=False)
    page.goto(f"{URL}?example=1")
    assert page.locator("canvas").count() == 0
    assert page.locator("table[data-chart]").first.is_visible()
    page.get_by_label("Shares per advocate and month").fill("0")
    follow(page.get_by_role("button", name="Work it out"))
    cells = page.locator("[data-referrals-projected] td[data-value]").all_text_contents()
    assert set(cells) == {"0"}
