"""A database server of the test's own, on a port of its own, that may be killed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from glob import glob
from pathlib import Path
from typing import Any

import pytest

# Where Debian keeps what is not in the path.
PLACES = [*sorted(glob("/usr/lib/postgresql/*/bin"), reverse=True), "/usr/sbin", "/usr/libexec"]


def program(*names: str) -> str:
    """Where one of these programs is; the test is left out where none is."""
    path = os.pathsep.join([*PLACES, os.environ.get("PATH", "")])
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed here: no server of our own to kill")
    return found


class Server:
    """A server in a folder, run by a user who is not root."""

    users = ("nobody",)
    # How it is ended without a word to its clients.
    ending = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user = next((name for name in self.users if _is_known(name)), None)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if os.getuid() == 0:
            shutil.chown(folder, self.user)
        self.make()
        self.start()

    def make(self) -> None:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def database(self, like: dict[str, Any]) -> dict[str, Any]:
        """The settings of its database, otherwise as those of the test's."""
        here = {"HOST": "127.0.0.1", "PORT": str(self.port), "PASSWORD": ""}
        return {**like, **here, **self.names}

    def run(self, *command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._as_user())

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, **self._as_user()
            )

    def end(self) -> None:
        self.process.send_signal(self.ending)
        self.process.wait(60)

    def _as_user(self) -> dict[str, Any]:
        as_other = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
        return {"cwd": self.folder, **(as_other if os.getuid() == 0 else {})}


class PostgreSQL(Server):
    users = ("postgres", "nobody")
    # Its processes end at once and clean up nothing: the next start recovers, as after a crash.
    ending = signal.SIGQUIT
    names = {"USER": "postgres", "NAME": "postgres"}

    def make(self) -> None:
        make = [program("initdb"), "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self.run(*make, "--no-sync")

    def command(self) -> list[str]:
        where = ["-D", "data", "-p", str(self.port), "-k", str(self.folder)]
        # One call for the file system, where each file by itself takes seconds on a slow disk.
        quick = ["-c", "recovery_init_sync_method=syncfs"] if sys.platform == "linux" else []
        return [program("postgres"), *where, "-c", "listen_addresses=127.0.0.1", *quick]


class MariaDB(Server):
    users = ("mysql", "nobody")
    names = {"USER": "root", "NAME": "test"}
    options = ["--no-defaults", "--character-set-server=utf8mb4"]

    def make(self) -> None:
        make = program("mariadb-install-db", "mysql_install_db")
        without_password = "--auth-root-authentication-method=normal"
        self.run(make, *self.options, f"--datadir={self.folder}/data", without_password)

    def command(self) -> list[str]:
        here = [f"--datadir={self.folder}/data", f"--socket={self.folder}/socket"]
        net = [f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"]
        return [program("mariadbd", "mysqld"), *self.options, *here, *net]


def _is_known(name: str) -> bool:
    return any(user.pw_name == name for user in pwd.getpwall())


@contextmanager
def server_of_our_own(vendor: str) -> Iterator[Server]:
    """A server like the one that the tests run on, gone afterwards."""
    kind = {"postgresql": PostgreSQL, "mysql": MariaDB}[vendor]
    with tempfile.TemporaryDirectory(prefix="referrals-server-") as folder:
        server = kind(Path(folder))
        try:
            yield server
        finally:
            server.process.kill()
            server.process.wait(60)
