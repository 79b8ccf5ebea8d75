"""The README's install steps, followed literally on a site made by `wagtail start`.

Needs the wheel that `.ci/run` builds: REFERRALS_DIST names its folder.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIST = os.environ.get("REFERRALS_DIST", "")
STEPS = re.compile(r"<!-- install: (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)

pytestmark = pytest.mark.skipif(
    not DIST, reason="makes an environment from a built wheel, which .ci/run does (REFERRALS_DIST)"
)


class Site:
    """A minimal Wagtail site with an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.environment = folder / "environment"
        self.folder = folder / "mysite"
        # What `pip install wagtail-referrals` finds: our wheel, whatever an index may hold.
        self.constraints = folder / "constraints.txt"
        [wheel] = Path(DIST).glob("*.whl")
        self.constraints.write_text(f"wagtail-referrals @ {wheel.as_uri()}\n")
        subprocess.run([sys.executable, "-m", "venv", str(self.environment)], check=True)
        self.run("pip install -qq wagtail", folder)
        self.run("wagtail start mysite", folder)

    def run(self, command: str, cwd: Path | None = None, stdin: str = "") -> str:
        environment = {
            "HOME": os.environ.get("HOME", ""),
            "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
            "PIP_CONSTRAINT": str(self.constraints),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(
            command,
            shell=True,
            cwd=cwd or self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def add_lines(self, file: str, lines: str) -> None:
        with (self.folder / "mysite" / file).open("a") as python:
            python.write("\n" + lines)

    def follow(self, kind: str, lines: str) -> None:
        if kind == "settings":
            self.add_lines("settings/base.py", lines)
        elif kind == "urls":
            self.add_lines("urls.py", lines)
        else:
            for line in lines.splitlines():
                self.run(line.removeprefix("$ "))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("install"))
    for kind, lines in STEPS.findall((ROOT / "README.md").read_text()):
        site.follow(kind, lines)
    return site


def test_the_readme_needs_at_most_eight_lines() -> None:
    steps = STEPS.findall((ROOT / "README.md").read_text())
    assert [kind for kind, _ in steps] == ["shell", "settings", "urls", "shell"]
    assert sum(len(lines.splitlines()) for _, lines in steps) <= 8


def test_the_wheel_is_what_was_installed(site: Site) -> None:
    where = site.run("python -c 'import wagtail_referrals; print(wagtail_referrals.__file__)'")
    assert str(site.environment) in where
    installed = site.run("pip show --files wagtail-referrals")
    for name in ("py.typed", "templates/wagtail_referrals/base.html", ".css", ".js", ".mo"):
        assert name in installed
    for name in ("tests/", "example_site/"):
        assert f"\n  {name}" not in installed


def test_check_deploy_finds_no_error_of_ours(site: Site) -> None:
    settings = "--settings mysite.settings.production"
    secret = 'SECRET_KEY = "a-key-for-this-test-only"\nALLOWED_HOSTS = ["localhost"]\n'
    (site.folder / "mysite/settings/local.py").write_text(secret)
    said = site.run(f"python manage.py check --deploy --fail-level ERROR {settings}")
    (site.folder / "mysite/settings/local.py").unlink()
    # The one thing that we may remark: this site keeps its cache in the process.
    assert set(re.findall(r"wagtail_referrals\.\w+", said)) <= {"wagtail_referrals.W001"}


def test_no_migration_is_missing(site: Site) -> None:
    site.run("python manage.py makemigrations --check --dry-run")


def test_each_page_and_each_admin_screen_opens(site: Site) -> None:
    script = (Path(__file__).parent / "visit_everything.py").read_text()
    said = site.run("python -", stdin=script)
    assert "pages and screens opened" in said
    print(said)
