"""A visitor in Chromium, and everything that is noted while they walk."""

import copy
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from wagtail.models import Site

from tests.conftest import missing
from tests.fixtures import make_pages, make_program, make_root

from .waiting import PATIENCE

HEIGHTS = {390: 844, 1280: 900}
# Not "HeadlessChrome": that one is not counted as a person.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 {name}"
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def strict_server() -> Iterator[Any]:
    """A running site with a strict policy; it takes its middleware when it starts."""
    from pytest_django.live_server_helper import LiveServer

    middleware = ["tests.browser.policy.StrictPolicy", *django_settings.MIDDLEWARE]
    with override_settings(MIDDLEWARE=middleware):
        server = LiveServer("localhost")
    yield server
    server.stop()


@dataclass
class Visitor:
    """One person in one browser; ``problems`` must be empty when they leave."""

    page: Any
    context: Any
    host: str
    problems: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(address if "://" in address else f"http://{self.host}{address}")

    def tab_to(self, selector: str) -> None:
        """Press Tab until the keyboard has reached it."""
        for _press in range(60):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    def type_into(self, selector: str, text: str) -> None:
        self.tab_to(selector)
        self.page.keyboard.type(text)

    @property
    def coupon(self) -> str:
        return str(self.page.locator(".referrals-code").inner_text().strip())

    def check(self, name: str, *, axe: bool = True) -> None:
        """Nothing is wider than the screen, and nothing keeps anybody out."""
        self.page.wait_for_load_state()
        self._photograph(name)
        wide = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide[0] <= wide[1], f"{name} scrolls sideways: {wide}"
        if axe:
            # What still fades in has less contrast than it will have.
            self.page.evaluate(SETTLED)
            assert not _axe(self.page), name

    def _photograph(self, name: str) -> None:
        if not (folder := os.environ.get("REFERRALS_SCREENSHOTS")):
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        width = self.page.viewport_size["width"]
        self.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


SETTLED = """() => Promise.all(
    document.getAnimations()
        .filter(one => one.effect.getComputedTiming().iterations !== Infinity)
        .map(one => one.finished.catch(() => null))
)"""


def _axe(page: Any) -> list[str]:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("the Python package axe-playwright-python is not installed")
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in found
        for node in violation["nodes"]
    ]


def _watch(visitor: Visitor) -> None:
    """Note errors, other hosts, and cookies."""

    def on_console(message: Any) -> None:
        # An answer that is no page (404, 429) is meant to be one.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            visitor.problems.append(message.text)

    def on_request(request: Any) -> None:
        if urlsplit(request.url).netloc not in (visitor.host, ""):
            visitor.problems.append(f"request to {request.url}")

    def on_response(response: Any) -> None:
        if any(header["name"].lower() == "set-cookie" for header in response.headers_array()):
            visitor.problems.append(f"cookie from {response.url}")
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            visitor.problems.append(f"{response.status} {response.url}")

    visitor.page.on("console", on_console)
    visitor.page.on("pageerror", lambda error: visitor.problems.append(str(error)))
    visitor.context.on("request", on_request)
    visitor.context.on("response", on_response)


def _without_cookies(route: Any) -> None:
    headers = {name: value for name, value in route.request.headers.items() if name != "cookie"}
    route.continue_(headers=headers)


@pytest.fixture
def visit(browser: Any, strict_server: Any) -> Iterator[Callable[..., Visitor]]:
    """``visit("Ann", width=390)`` is a new visitor; at the end nothing was wrong with any page."""
    visitors: list[Visitor] = []
    host = urlsplit(strict_server.url).netloc

    def visit(name: str, *, width: int = 390, javascript: bool = True, cookies: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            user_agent=AGENT.format(name=name),
            java_script_enabled=javascript,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        if javascript:
            context.add_init_script(REPORT_VIOLATIONS)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        if not cookies:
            context.route(re.compile("."), _without_cookies)
            page_session = context.new_cdp_session(page)
            page_session.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
        visitor = Visitor(page, context, host)
        _watch(visitor)
        visitors.append(visitor)
        return visitor

    yield visit
    problems = [problem for visitor in visitors for problem in visitor.problems]
    stored = [cookie for visitor in visitors for cookie in visitor.context.cookies()]
    for visitor in visitors:
        visitor.context.close()
    assert not problems
    assert not stored


@pytest.fixture
def program(transactional_db: None, strict_server: Any) -> Any:
    """The shared program, on the site that is served."""
    make_root()
    Site.objects.update(hostname="localhost", port=urlsplit(strict_server.url).port)
    Site.clear_site_root_paths_cache()
    return make_program()


@pytest.fixture
def pages(program: Any) -> Any:
    return make_pages(program)


@pytest.fixture
def staff(browser: Any, strict_server: Any, program: Any) -> Any:
    """``staff(javascript)`` is a page of somebody who is signed in, and what went wrong on it."""
    user = get_user_model().objects.create_superuser("owner", "o@example.org", "x")
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    contexts = []

    def open_page(*, javascript: bool = True) -> tuple[Any, list[str]]:
        context = browser.new_context(
            base_url=strict_server.url, java_script_enabled=javascript, locale="en-GB"
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session, "url": strict_server.url}])
        context.set_default_timeout(PATIENCE)
        if javascript:
            context.add_init_script(REPORT_VIOLATIONS)
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: _note(problems, message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page, problems

    yield open_page
    for context in contexts:
        context.close()


def _note(problems: list[str], text: str) -> None:
    # The browser asks for an icon that the test site has not.
    if "Failed to load resource" not in text:
        problems.append(text)


@pytest.fixture
def signed_in(
    browser: Any, strict_server: Any, program: Any, django_user_model: Any, settings: Any
) -> Any:
    """``signed_in(width, javascript)`` is an owner who has logged in."""
    settings.WAGTAIL_GRAVATAR_PROVIDER_URL = None
    owner = django_user_model.objects.create_superuser("owner", "owner@example.org", "x")
    client = Client()
    client.force_login(owner)
    session = client.cookies["sessionid"].value
    host = urlsplit(strict_server.url).netloc
    contexts = []
    visitors = []

    def open_browser(width: int = 1280, javascript: bool = True) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            java_script_enabled=javascript,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        if javascript:
            context.add_init_script(REPORT_VIOLATIONS)
        context.add_cookies([{"name": "sessionid", "value": session, "url": strict_server.url}])
        visitor = Visitor(context.new_page(), context, host)
        _watch(visitor)
        contexts.append(context)
        visitors.append(visitor)
        return visitor

    yield open_browser
    for context in contexts:
        context.close()
    problems = [problem for visitor in visitors for problem in visitor.problems]
    # Who works in the admin has cookies.
    assert not [problem for problem in problems if not problem.startswith("cookie from")]


@pytest.fixture(params=["ltr", "rtl"])
def direction(request: Any, settings: Any) -> str:
    """Left to right, then with a base template from right to left."""
    if request.param == "rtl":
        templates = copy.deepcopy(django_settings.TEMPLATES)
        templates[0]["DIRS"].append(Path(__file__).parent / "templates")
        settings.TEMPLATES = templates
        settings.WAGTAIL_REFERRALS = {
            **django_settings.WAGTAIL_REFERRALS,
            "BASE_TEMPLATE": "far.html",
        }
    return str(request.param)
