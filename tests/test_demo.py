"""`make demo` has something to show: its data load into an empty database."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# The database is the demo's own: what a test run is given may not be thrown away.
KEPT_OUT = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}


@pytest.mark.slow
def test_the_demo_loads(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    around = {name: value for name, value in os.environ.items() if name not in KEPT_OUT}
    loaded = subprocess.run(
        [sys.executable, "-m", "example_site.demo", "reset"],
        cwd=ROOT,
        env={**around, "EXAMPLE_VAR": str(tmp_path), "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert "The demo starts afresh" in loaded.stdout
