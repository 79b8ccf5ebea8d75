"""README and docs say what is true: every command and snippet in them is run."""

import re
import shlex
import subprocess
import tomllib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.template import engines
from django.urls import include, path
from wagtail import hooks

from tests.docs.mail_table import PAPER, written
from wagtail_referrals import conf, exceptions
from wagtail_referrals.asks.reasons import WHY_NOT
from wagtail_referrals.feedback.forms import question_types
from wagtail_referrals.messages import words_moments
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.suppression import is_suppressed
from wagtail_referrals.rewards.conditions import conditions
from wagtail_referrals.rewards.formulas import formulas
from wagtail_referrals.rewards.triggers import triggers

ROOT = Path(__file__).resolve().parents[2]
PAPERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
PURCHASES = """person_email,order_id,ordered_at,amount,currency,items
ada@example.org,900,2020-05-01,10.00,EUR,1
bo@example.org,901,2020-05-02,not money,EUR,1
"""


def blocks(paper: Path) -> list[tuple[str, str, str]]:
    return FENCE.findall(paper.read_text())


class Reader:
    """Somebody who follows one paper from top to bottom, in one Python session."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}

    def follow(self, language: str, kind: str, text: str) -> None:
        if language == "python":
            self.python(kind, text)
        elif language == "console":
            for line in text.splitlines():
                assert line.startswith("$ "), f"a command starts with a dollar sign: {line}"
                self.command(line[2:])
        elif language == "crontab":
            self.command(text.split("&&", 1)[1].strip())
        elif language == "django":
            engines["django"].from_string(text)
        else:
            # SQL is run where its database is: tests/insights/test_rollups.py.
            assert language in ("css", "sql"), f"nobody checks {language} blocks"

    def python(self, kind: str, text: str) -> None:
        if kind == "models":
            # Model classes of the reader's own app: tests/custom_page_site runs the same lines.
            compile(text, "docs", "exec")
            return
        names = self.names
        if kind == "settings" or "INSTALLED_APPS" in text:
            names = {"INSTALLED_APPS": [], "DATABASES": {"default": {}}}
        if "urlpatterns" in text:
            names = {"urlpatterns": [], "include": include, "path": path}
        exec(compile(text, "docs", "exec"), names)
        self.check_settings(names)

    def check_settings(self, names: dict[str, Any]) -> None:
        unknown = set(names.get("WAGTAIL_REFERRALS", {})) - set(conf.DEFAULTS)
        assert not unknown, f"no such settings: {unknown}"

    def command(self, line: str) -> None:
        words = shlex.split(line)
        if words[0] == "make":
            # -n: the target exists and can be reached; running it is the job of .ci/run.
            subprocess.run([*words, "-n"], cwd=ROOT, check=True, capture_output=True)
        elif words[:2] == ["pip", "install"]:
            check_requirement(words[2])
        else:
            assert words[:2] == ["python", "manage.py"], f"nobody checks {line}"
            call_command(words[2], *words[3:])


def check_requirement(requirement: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name, _, extras = requirement.strip("'\"]").partition("[")
    assert name == project["name"]
    assert set(filter(None, extras.split(","))) <= set(project["optional-dependencies"])


@pytest.fixture
def reader(paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The how-to starts from the tutorial's program and a coupon of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "purchases.csv").write_text(PURCHASES)
    reader = Reader()
    if paper.name not in ("how-to.md", "rules.md"):
        return reader
    # What its snippets register is gone when they are read.
    kept = {name: list(registered) for name, registered in hooks._hooks.items()}
    monkeypatch.setattr(hooks, "_hooks", kept)
    for block in blocks(ROOT / "docs/tutorial.md")[:1]:
        reader.follow(*block)
    if paper.name == "rules.md":
        return reader
    from wagtail_referrals.events.claim import claim_offer
    from wagtail_referrals.people.register import find_or_add_person
    from wagtail_referrals.referrals.join import join_program

    ada = join_program(reader.names["program"], find_or_add_person("ada@example.org"))
    coupon = claim_offer(ada, email="bo@example.org").coupon
    assert coupon is not None
    reader.names["code"] = coupon.display_code
    return reader


@pytest.mark.django_db
@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_command_and_snippet_runs(paper: Path, reader: Reader) -> None:
    for block in blocks(paper):
        reader.follow(*block)
    check = CHECKS.get(paper.name)
    if check:
        check(reader.names)


def tutorial_pays(names: dict[str, Any]) -> None:
    [reward] = names["result"].rewards
    assert reward.amount == Decimal("10.00")
    assert reward.person.email == "ada@example.org"


@pytest.mark.django_db
def test_the_tutorials_purchase_can_be_reported_again_and_by_others() -> None:
    """Whoever claimed by other addresses, and whoever runs the snippet twice."""
    reader = Reader()
    pages, purchase, _due = blocks(ROOT / "docs/tutorial.md")
    reader.follow(*pages)
    own = purchase[2].replace("ada@", "me@").replace("bo@", "my-friend@")
    for _ in range(2):
        reader.follow("python", "", own)
        assert [one.person.email for one in reader.names["result"].rewards] == ["me@example.org"]


def how_to_works(names: dict[str, Any]) -> None:
    shop_connects(names)
    assert "There is a cake for you" in compose(Message.objects.get(kind="birthday")).body
    own = question_types.get("order_number")
    assert own is not None
    field = own.form_field(None, {"label": "Order", "required": True})
    assert field.clean("A-1001") == "A-1001"
    with pytest.raises(ValidationError, match="the number on your receipt"):
        field.clean("1001")
    event = SimpleNamespace(event_type="complained", recipient="cross@example.org")
    names["note_bounce"](None, event)
    assert is_suppressed("cross@example.org")
    assert names["Hearts"]().form_field(None, {}).clean("3") == "3"
    entries = [SimpleNamespace(name="coupons"), SimpleNamespace(name="payouts")]
    names["no_payouts"](None, entries)
    assert [entry.name for entry in entries] == ["coupons"]


def shop_connects(names: dict[str, Any]) -> None:
    assert names["quote"].discount == Decimal("4.99")
    assert names["total"] == Decimal("44.91")
    assert names["result"].created


def rules_work(names: dict[str, Any]) -> None:
    assert names["sentence"].startswith("When a friend bought for the first time and the order")
    assert (names["reward"].amount, names["reward"].fulfilment) == (Decimal("4.50"), "counter")
    assert names["reward"].given == "Ask for it at the counter."


CHECKS = {
    "tutorial.md": tutorial_pays,
    "how-to.md": how_to_works,
    "rules.md": rules_work,
}


def anchors(paper: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_links_lead_somewhere(paper: Path) -> None:
    for target, anchor in LINK.findall(paper.read_text()):
        file = (paper.parent / target).resolve() if target else paper
        assert file.exists(), f"{paper.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{paper.name} links to {target}#{anchor}"


def named_in(section: str, paper: str = "reference.md") -> set[str]:
    reference = (ROOT / "docs" / paper).read_text()
    return set(
        re.findall(r"`([\w./]+)`", reference.split(f"\n## {section}\n")[1].split("\n## ")[0])
    )


def test_the_reference_names_every_setting() -> None:
    assert named_in("Settings") >= set(conf.DEFAULTS)


@pytest.mark.parametrize(
    ("section", "registry"),
    [("Triggers", triggers), ("Conditions", conditions), ("Formulas", formulas)],
)
def test_the_reference_of_rules_names_every_part(section, registry) -> None:
    assert not registry.all().keys() - named_in(section, "rules.md")


def test_the_reference_of_questions_names_every_type() -> None:
    assert not question_types.all().keys() - named_in("Question types", "questions.md")


def test_the_reference_names_every_error() -> None:
    assert named_in("Errors") >= set(exceptions.MESSAGES)


def test_the_reference_names_every_reason_not_to_ask() -> None:
    assert named_in("Asks") >= set(WHY_NOT)


def test_the_reference_names_every_template() -> None:
    folder = ROOT / "wagtail_referrals/templates/wagtail_referrals"
    ours = [p.relative_to(folder) for p in folder.rglob("*.html")]
    public = {str(p) for p in ours if p.parts[0] in ("pages", "includes", "blocks")}
    assert named_in("Templates") >= public
    missing = [
        name for name in named_in("Templates") if name.startswith("pages/") and name not in public
    ]
    assert not missing


def test_the_explanation_says_when_each_mail_of_the_moments_goes() -> None:
    kinds = {kind.key for kind in words_moments.KINDS}
    told = named_in("Which mail goes when", "explanation.md")
    notes = {f"thank_you_{number}" for number in (2, 3)}  # between the first and the last
    assert told >= kinds - notes
    assert told <= set(mail_kinds())


def test_the_table_of_mails_is_as_the_mails_are() -> None:
    assert PAPER.read_text() == written()


def test_the_reference_names_every_command() -> None:
    folder = ROOT / "wagtail_referrals/management/commands"
    commands = {path.stem for path in folder.glob("[!_]*.py")}
    reference = (ROOT / "docs/reference.md").read_text()
    assert [command for command in commands if command not in reference] == []
