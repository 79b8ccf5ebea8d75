"""A site with its own base page model uses our abstract classes (Wagtail 8.0 and newer)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import wagtail

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    wagtail.VERSION < (8, 0),
    reason=f"WAGTAIL_PAGE_MODEL is new in Wagtail 8.0, this is {wagtail.__version__}",
)

RENDER = """
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from wagtail.models import Site
from tests.custom_page_site.base.models import BasePage
from tests.custom_page_site.sitepages.models import (
    HouseFeedbackPage, HousePage, HouseQuestion, HouseReferralPage,
)
from wagtail_referrals.programs.models import Program

setup_test_environment()
root = BasePage.objects.filter(depth=1).first() or BasePage.add_root(title="Root", slug="root")
home = root.add_child(instance=HousePage(title="Home", slug="house"))
Site.objects.all().delete()
site = Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
program = Program.objects.create(site=site, name="Friends", slug="friends", terms="<p>Fair.</p>")
for model in (HouseReferralPage, HouseFeedbackPage):
    page = home.add_child(instance=model(title=model.__name__, program=program))
    if model is HouseFeedbackPage:
        page.form_fields = [HouseQuestion(label="Your e-mail", field_type="email")]
        page.save()
    response = Client().get(page.url)
    assert response.status_code == 200, response.status_code
    assert model.__name__ in response.content.decode()
    assert "wagtail_referrals/pages/" in " ".join(t.name or "" for t in response.templates)
print("rendered")
"""


@pytest.fixture
def run(tmp_path: Path):  # noqa: ANN201
    migrations = tmp_path / "sitepages_migrations"
    migrations.mkdir()
    (migrations / "__init__.py").touch()

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.custom_page_site.settings",
                "CUSTOM_PAGE_SITE_DIR": str(tmp_path),
                "PYTHONPATH": str(ROOT),
            },
            input=stdin,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_a_site_with_its_own_base_page(run) -> None:  # noqa: ANN001
    run("-m", "django", "check", "--fail-level", "WARNING")
    run("-m", "django", "makemigrations", "sitepages")
    run("-m", "django", "makemigrations", "--check", "--dry-run", "sitepages", "wagtail_referrals")
    run("-m", "django", "migrate")
    assert "rendered" in run("-", stdin=RENDER)
