"""Takes the pictures of README and editor's guide anew, from a demo of its own: make pictures.

They tell one story: Ann was not happy with a visit, and somebody answers her. With
DEMO=http://127.0.0.1:8000 they are taken from a demo that runs already.
"""

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from example_site.demo import EDITOR, PASSWORD

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
ARGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# Not "HeadlessChrome": that one is not counted as a person.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
LARGEST = 120_000
EDGE = 16
DESK = {"width": 1280, "height": 2000}
PHONE = {"width": 390, "height": 844}
FORM = "how-was-our-visit"
NEXT = "form[method=post] [type=submit]:not([name])"
REPLY = """Dear Ann,

you are right, we should have told you. I will call you tomorrow at ten.

Ada from Harbour Coffee"""


# What is shown of a screen: where it is, and how much of it at most.
Part = tuple[Locator, int]


@contextmanager
def running_demo() -> Iterator[str]:
    """The address of a demo with a database of its own, which is gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "example_site.demo", "serve"]
        own = {"PORT": str(port), "EXAMPLE_VAR": folder, "DATABASE_URL": ""}
        demo = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # one line for each request
            text=True,
        )
        try:
            assert demo.stdout
            print("Loading the demo, a minute or two …", flush=True)
            if not any("Stop with Ctrl-C" in line for line in demo.stdout):
                sys.exit("The demo did not start; make demo says why.")
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.terminate()
            demo.wait()


# ---- the story, in this order: each picture is a part of the screen, at most so high -----------


def step(page: Page) -> Part:
    """The second screen of the form; some of it is asked because of the first."""
    page.goto(f"/{FORM}/")
    choose(page, "How was our visit?", "2")
    choose(page, "How likely are you to recommend us to a friend?", "6")
    choose(page, "Were we on time?", "A little late")
    follow(page.locator(NEXT))
    page.get_by_label("What could we do better?").fill("Tell me by noon how long it will take.")
    page.get_by_label("Please call me about it").check()
    page.get_by_label("Your telephone number").fill("+45 20 12 34 56")
    let_go(page)
    return page.locator("body"), 844


def coupon(page: Page) -> Part:
    """After the last screen."""
    follow(page.locator(NEXT))
    page.get_by_label("What was good?").fill("The machine runs again.")
    follow(page.locator(NEXT))
    page.get_by_label("Your e-mail").fill("ann@example.org")
    page.get_by_label("Your name").fill("Ann Advocate")
    follow(page.locator(NEXT))
    page.locator(".referrals-code").wait_for()
    return page.locator("body"), 844


def landing(page: Page) -> Part:
    """What a friend sees who opens Ann's link."""
    page.goto(page.locator("#referrals-link").input_value())
    return page.locator("body"), 844


def question(page: Page) -> Part:
    """One that is only asked after a low answer."""
    open_editor(page, FORM)
    return page.locator("[data-inline-panel-child]").nth(4), 1440


def inbox(page: Page) -> Part:
    page.goto("/admin/referrals/feedback/")
    return page.locator("#main"), 752


def case(page: Page) -> Part:
    page.goto("/admin/referrals/cases/?q=ann%40example")
    follow(page.get_by_role("link", name="Ann Advocate").first)
    return page.locator("#main"), 872


def reply(page: Page) -> Part:
    follow(page.get_by_role("link", name="Reply by mail"))
    page.get_by_label("Subject").fill("Our visit to you")
    page.get_by_label("Words").fill(REPLY)
    let_go(page)
    return page.locator("#main"), 820


def nps(page: Page) -> Part:
    page.goto("/admin/referrals/nps/")
    return page.locator("#main"), 910


def fair_play(page: Page) -> Part:
    """Of a draft that says what nobody may say."""
    open_editor(page, "feedback")
    page.locator("[name=thanks_text]").fill("Write a five-star review and you get a discount.")
    follow(page.get_by_role("button", name="Save draft"))
    return page.get_by_role("region", name="Fair play"), 900


def testimonial(page: Page) -> Part:
    """The newest that waits, and whose words may be shown with a town."""
    page.goto("/admin/referrals/testimonials/")
    waiting = page.locator("tr", has_text="draft").filter(has_text="Lindhaven").first
    page.set_viewport_size({"width": 1280, "height": 760})
    follow(waiting.get_by_role("link").first)
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    return page.locator("#main"), 760


def referral(page: Page) -> Part:
    """The story of the newest friend who came by a link and bought."""
    page.goto("/admin/referrals/referrals/?stage=converted&source=link")
    follow(page.locator("tbody tr").first.get_by_role("link").first)
    return page.locator("#main"), 820


def dashboard(page: Page) -> Part:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto("/admin/referrals/dashboard/?period=90")
    page.locator(".referrals-chart canvas").first.wait_for()
    return page.locator("#main"), 1180


def funnel(page: Page) -> Part:
    """Of the same screen, what a test of pages and offers begins with."""
    return page.locator("section", has=page.locator("#dashboard-funnel")), 700


def trends(page: Page) -> Part:
    return page.locator("section", has=page.locator("#dashboard-trends")), 900


def growth(page: Page) -> Part:
    """With the sliders, as the sample has them."""
    page.goto("/admin/referrals/dashboard/?example=1")
    page.locator("[data-referrals-projected] canvas").wait_for()
    return page.locator("section", has=page.locator("#dashboard-growth")), 1000


def champions(page: Page) -> Part:
    page.goto("/admin/referrals/champions/report/")
    page.locator(".referrals-champions__picture circle").first.wait_for()
    return page.locator("#main"), 1000


def leaders(page: Page) -> Part:
    page.goto("/admin/referrals/leaders/")
    return page.locator("#main"), 900


def experiment(page: Page) -> Part:
    """What the one that runs has come to so far."""
    page.goto("/admin/referrals/experiments/?state__exact=running")
    link = page.locator("tbody a[href*='/experiments/inspect/']").first
    page.goto(str(link.get_attribute("href")))
    return page.locator("#main"), 1000


VISITOR = {"form-step": step, "coupon": coupon, "landing": landing}
STAFF = {
    "question": question,
    "inbox": inbox,
    "case": case,
    "reply": reply,
    "nps": nps,
    "referral": referral,
    "fair-play": fair_play,
    "testimonial": testimonial,
    "dashboard": dashboard,
    "funnel": funnel,
    "trends": trends,
    "growth": growth,
    "champions": champions,
    "leaders": leaders,
    "experiment": experiment,
}


def choose(page: Page, question: str, value: str) -> None:
    group = page.locator("fieldset", has_text=question)
    group.locator(f"input[value='{value}']").check()


def follow(control: Locator) -> None:
    """Press what leads to another page, and wait until that one is there."""
    with control.page.expect_navigation():
        control.click()


def let_go(page: Page) -> None:
    """Nothing has the pointer over it, nor the keyboard's focus."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")


def sign_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill(EDITOR)
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Sign in"))


def open_editor(page: Page, slug: str) -> None:
    """Wagtail's editor of a page."""
    found = page.request.get(f"/admin/api/main/pages/?slug={slug}").json()
    page.goto(f"/admin/pages/{found['items'][0]['id']}/edit/")


# ---- the camera --------------------------------------------------------------------------------

# In the middle, Wagtail's bars above and below are not in the way.
IN_SIGHT = """part => part.matches("body, #main")
    ? scrollTo(0, 0) : part.scrollIntoView({block: "center"})"""


def take(page: Page, name: str, find: Callable[[Page], Part]) -> None:
    """Store what it finds as a picture of few colours."""
    part, height = find(page)
    page.wait_for_load_state("networkidle")
    part.evaluate(IN_SIGHT)
    box = part.bounding_box()
    assert box
    # What fills the screen has none.
    edge = 0 if box["y"] <= 0 else EDGE
    data = page.screenshot(
        clip={
            "x": box["x"] - edge,
            "y": box["y"] - edge,
            "width": box["width"] + 2 * edge,
            "height": min(height, box["height"] + 2 * edge),
        }
    )
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    file = FOLDER / f"{name}.png"
    picture.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{name}.png: {picture.width} × {picture.height}, {size:,} bytes", flush=True)
    if size > LARGEST:
        sys.exit("That is too large: show less of it.")


def main() -> None:
    address = os.environ.get("DEMO")
    with nullcontext(address) if address else running_demo() as demo, sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=ARGS
        )
        look: dict[str, Any] = {
            "base_url": demo,
            "color_scheme": "light",
            "locale": "en-GB",
            "reduced_motion": "reduce",
            "user_agent": AGENT,
        }
        visitor = chromium.new_context(viewport=PHONE, **look).new_page()
        staff = chromium.new_context(viewport=DESK, **look).new_page()
        for name, find in VISITOR.items():
            take(visitor, name, find)
        sign_in(staff)
        for name, find in STAFF.items():
            take(staff, name, find)
        chromium.close()


if __name__ == "__main__":
    main()
