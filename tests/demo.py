"""The demo, loaded once for all tests that look at it: OF_THE_DEMO in conftest.py names them."""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# The database is the demo's own: what a test run is given may not be thrown away.
KEPT_OUT = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}


@dataclass(frozen=True)
class Demo:
    """Where its data are, and what it said while they were loaded."""

    folder: Path
    said: str

    def run(self, *arguments: str, **around: str) -> str:
        """Run a module in the demo; what it printed."""
        return _run(self.folder, arguments, around)


def _run(folder: Path, arguments: tuple[str, ...], around: dict[str, str]) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in KEPT_OUT}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**kept, "EXAMPLE_VAR": str(folder), **around},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo's data, as `make demo-reset` loads them."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    said = _run(folder, ("example_site.demo", "reset"), {"PORT": port})
    return Demo(folder, said)
