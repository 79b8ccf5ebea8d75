"""The catalogues hold every text of the code, and the compiled ones are those of the sources."""

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "wagtail_referrals"
CATALOGUES = sorted(PACKAGE.glob("locale/*/LC_MESSAGES/*.po"))

needs_gettext = pytest.mark.skipif(
    shutil.which("msgfmt") is None, reason="no gettext on this machine (Debian: gettext)"
)


def msgids(catalogue: Path) -> set[str]:
    """The texts of a .po file in gettext's own sorted spelling, without places and dates."""
    listed = subprocess.run(
        ["msgattrib", "--no-obsolete", "--clear-fuzzy", "--empty", "--no-location", "--no-wrap"]
        + ["--sort-output", str(catalogue)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    entries = [
        "\n".join(line for line in entry.splitlines() if not line.startswith(("#", "msgstr")))
        for entry in listed.split("\n\n")
    ]
    return {entry.strip() for entry in entries if entry and 'msgid ""\n"' not in entry}


def test_there_is_a_catalogue() -> None:
    assert CATALOGUES, "run `make messages`"


@needs_gettext
def test_catalogues_are_up_to_date(tmp_path: Path) -> None:
    copy = tmp_path / "wagtail_referrals"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--all", "--no-wrap", "--no-obsolete"],
        cwd=copy,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    for catalogue in CATALOGUES:
        fresh = msgids(copy / catalogue.relative_to(PACKAGE))
        kept = msgids(catalogue)
        assert fresh == kept, f"{catalogue.relative_to(ROOT)} is out of date: run `make messages`"


@needs_gettext
@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_compiled_catalogues_are_those_of_the_sources(catalogue: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "fresh.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", str(compiled), str(catalogue)], check=True)
    with compiled.open("rb") as fresh, catalogue.with_suffix(".mo").open("rb") as kept:
        new, old = gettext.GNUTranslations(fresh), gettext.GNUTranslations(kept)
    # The header carries dates that differ without meaning.
    texts = [{k: v for k, v in vars(t)["_catalog"].items() if k} for t in (new, old)]
    assert texts[0] == texts[1], "run `make messages`"
