"""Nothing is read from the page that is being left, nor before a script has drawn it."""

from collections.abc import Callable
from typing import Any

# In milliseconds; a machine that does much else at a time is slow, not wrong.
PATIENCE = 30_000


def follow(control: Any) -> None:
    """Press what leads to another page, and wait until that one is there."""
    with control.page.expect_navigation():
        control.click()


def expect(shown: Any) -> Any:
    """Playwright's assertions: they look again until they hold."""
    # Where it is not installed, these tests are collected all the same.
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    return expect(shown)


def wait_until(page: Any, holds: Callable[[], bool]) -> None:
    """For what a script of the page brings about on the server."""
    for _look in range(PATIENCE // 50):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it has not come about")
