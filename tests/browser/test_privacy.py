"""What is stored, a person's screen and the file for them, at a desk and on a phone."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import _axe
from tests.people.rich_story import tell_all
from wagtail_referrals.people.export import export_page

from .test_nps import look
from .test_rewards import ours


@pytest.fixture
def story(staff: Any, program: Any, django_user_model: Any) -> Any:
    program.rules.all().delete()
    program.delete()
    return tell_all(django_user_model.objects.get())


def test_the_screens_can_be_read_and_used(staff: Any, story: Any) -> None:
    page, problems = staff()
    person = story.advocate.person
    for name, address in (
        ("stored", "stored/"),
        ("person", f"people/inspect/{person.pk}/"),
        ("export", f"people/export/{person.pk}/"),
        ("withdraw", f"people/withdraw/{person.pk}/"),
        ("void", f"rewards/void/{person.rewards.filter(state='issued').first().pk}/"),
    ):
        page.goto(f"/admin/referrals/{address}")
        page.locator("main h1, main h2").first.wait_for()
        look(page, f"privacy-{name}")
    assert not ours(problems)


def test_the_file_reads_well_without_anything_else(
    browser: Any, story: Any, tmp_path: Path
) -> None:
    file = tmp_path / "person.html"
    file.write_text(export_page(story.advocate.person, internal=True))
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": 1200}, color_scheme=scheme)
            page.goto(file.as_uri())
            if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
                page.screenshot(path=f"{folder}/privacy-file-{scheme}-{width}.png")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (width, wide)
            assert not _axe(page)
            page.close()
