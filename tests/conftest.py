"""What every test shares: the browser, what may be missing, and a closing word on it."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NoReturn

import pytest

# Playwright's event loop lives in the test's thread; Django must not refuse to query there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

OURS = ["tests.fixtures", "tests.databases", "tests.demo"]
pytest_plugins = OURS if find_spec("tests.fixtures") else []

REQUIRE_ALL = (
    os.environ.get("REFERRALS_REQUIRE_ALL") == "1" or os.environ.get("CI", "").lower() == "true"
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Tests of one such folder stay on one worker: they start servers or environments.
ONE_WORKER_FOLDERS = {"install", "docs"}
# And those of one file here: they start browsers, or threads that keep the machine busy.
ONE_WORKER_FILES = {"browser", "concurrency"}
# The demo is loaded once for all tests that look at it.
OF_THE_DEMO = {"test_demo.py", "test_dashboard_recount.py"}


def missing(what: str) -> NoReturn:
    """Leave a test out because of `what`; where everything must be there, fail instead."""
    if REQUIRE_ALL:
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    configured = os.environ.get("CHROMIUM")
    found = configured or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found:
        missing("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    """A headless Chromium driven by Playwright; make a context of your own from it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the Python package playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def _only_on_its_databases(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("needs_database")
    if marker is None:
        return
    from django.db import connection

    if connection.vendor not in marker.args:
        pytest.skip(f"needs {' or '.join(marker.args)}, this run is on {connection.vendor}")


@pytest.fixture(autouse=True)
def _first_rows(request: pytest.FixtureRequest) -> None:
    """Wagtail's first language, pages, site and collection, where a test's flush took them away."""
    uses_database = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not uses_database and request.node.get_closest_marker("django_db") is None:
        return
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("django_db_blocker").unblock():
        _restore_first_rows()


def _restore_first_rows() -> None:
    from wagtail.models import Collection, Locale, Page, Site

    if Site.objects.exists():
        return
    Locale.objects.get_or_create(language_code="en")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
    home = root.add_child(title="Home", slug="home")
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    """No test meets what another one cached: sites, links, rate limits, salts, form types."""
    from django.core.cache import caches
    from wagtail.contrib.forms.utils import get_form_types

    from wagtail_referrals.referrals import visitors

    yield
    # The day's salt is rolled back with its test.
    visitors._known_salts.clear()
    # A content type that a test made went with it.
    get_form_types.cache_clear()
    for cache in caches.all():
        cache.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Which tests go to one worker: groups first, as they take longest.

    By our own scheduler: `--dist loadgroup` (xdist 3.8) has no effect with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Groups(config, log)


def _group(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    folders = set(file.split("/"))
    if folders & OF_THE_DEMO:
        return "demo"
    if folder := folders & ONE_WORKER_FOLDERS:
        return folder.pop()
    return file if folders & ONE_WORKER_FILES else nodeid


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what this run left out, and why."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reasons[str(reason).removeprefix("Skipped: ")] += 1
    terminalreporter.section("left out of this run")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count} test{'s' if count > 1 else ''}: {reason}")
    if not os.environ.get("DATABASE_URL"):
        terminalreporter.write_line(
            "PostgreSQL and MariaDB: this run is on SQLite, set DATABASE_URL for another"
        )
    elif not reasons:
        terminalreporter.write_line("nothing")
