"""The house of docs/explanation: rooms import the rooms above them, never below."""

import ast
from pathlib import Path

import pytest

import wagtail_referrals

PACKAGE = Path(wagtail_referrals.__file__).parent
ROOMS = [
    "people",
    "programs",
    "messages",
    "coupons",
    "referrals",
    "rewards",
    "events",
    "feedback",
    "partners",
    "asks",
    "insights",
    "pages",
    "admin",
]


def imported_rooms(path: Path) -> set[str]:
    """The rooms a file imports at run time, by relative or absolute import."""
    found = set()
    tree = ast.parse(path.read_text())
    typing_only = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in typing_only:
            module = node.module or ""
            parts = module.split(".")
            if node.level == 2:
                found |= {parts[0]} if module else {alias.name for alias in node.names}
            elif parts[0] == "wagtail_referrals" and len(parts) > 1:
                found.add(parts[1])
    return found & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_above_it(room):
    below = set(ROOMS[ROOMS.index(room) + 1 :])
    files = [path for path in (PACKAGE / room).rglob("*.py") if "migrations" not in path.parts]
    assert files
    for path in files:
        assert not imported_rooms(path) & below, path.name


def test_only_the_admin_knows_modeladmin():
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if "wagtail_modeladmin" in path.read_text()
    }
    assert users <= {"admin"}


def test_verbs_know_no_request():
    verbs = [
        path for room in ROOMS[: ROOMS.index("pages")] for path in (PACKAGE / room).rglob("*.py")
    ]
    assert not [path.name for path in verbs if "HttpRequest" in path.read_text()]


def test_no_words_to_translate_stand_within_an_f_string():
    """What collects the words for the catalogues does not look there: they would stay English."""
    found = [
        f"{path.name}:{call.lineno}"
        for path in PACKAGE.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and "gettext" in ast.unparse(call.func)
    ]
    assert not found
