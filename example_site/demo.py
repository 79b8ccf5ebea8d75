"""The demo in one command: python -m example_site.demo [serve|reset]."""

import os
import shutil
import socket
import sys
import threading
from io import StringIO
from pathlib import Path
from typing import NoReturn

EDITOR, PASSWORD = "editor", "harbour"
SECONDS_BETWEEN_RUNS = 15


def main(arguments: list[str]) -> None:
    command = arguments[0] if arguments else "serve"
    if command not in {"serve", "reset"} or len(arguments) > 1:
        stop("Usage: python -m example_site.demo [serve|reset]")
    if sys.version_info < (3, 11):  # noqa: UP036 - by hand it may be any Python
        stop(f"The demo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    port = wanted_port()
    check_port_is_free(port)
    start_django()
    try:
        if command == "reset":
            throw_away()
        prepare(port)
    except KeyboardInterrupt:
        stop("Stopped. Start again whenever you like: what was loaded is kept.")
    if command == "reset":
        say("The demo starts afresh. Run: make demo")
        return
    print_guide(port)
    serve(port)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


def wanted_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        stop(f"PORT has to be a number from 1 to 65535, not {text!r}.")
    return int(text)


def check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        # As the server does: a port that was just closed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            stop(f"Port {port} needs an administrator's rights: choose another, e.g. PORT=8001.")
        except OSError:
            stop(
                f"Port {port} is in use, maybe by a demo that is still running: "
                f"stop that, or choose another port, e.g. PORT={port % 65535 + 1} make demo."
            )


def start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.settings")
    os.environ["DEBUG"] = "1"  # the server that comes with Django serves a demo, nothing else
    try:
        import django
    except ImportError:
        stop("Django is not installed for this Python: start the demo with make demo.")
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        stop(f"The demo cannot start: {first_line(error)}")
    except ValueError:
        if not os.environ.get("DATABASE_URL"):
            raise
        stop("DATABASE_URL has to look like postgres://user@127.0.0.1:5432/name (or mysql://…).")
    check_database()


def first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0]


def check_database() -> None:
    from django.conf import settings
    from django.db import Error, connection

    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    try:
        connection.ensure_connection()
    except (Error, OSError) as error:
        stop(f"The database {database_name()} does not answer: {first_line(error)}")


def database_name() -> str:
    """Where the database is, without user and password."""
    from django.conf import settings

    config = settings.DATABASES["default"]
    place = ":".join(str(config[key]) for key in ("HOST", "PORT") if config.get(key))
    return f"{config['NAME']} on {place}" if place else str(config["NAME"])


def throw_away() -> None:
    """Delete what the demo stored: files, and the tables of this project only."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.close()
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{settings.DATABASES['default']['NAME']}{ending}").unlink(missing_ok=True)
    else:
        drop_tables()
    for folder in (settings.MEDIA_ROOT, settings.EMAIL_FILE_PATH, settings.VAR_DIR / "cache"):
        shutil.rmtree(folder, ignore_errors=True)


def drop_tables() -> None:
    from django.db import connection

    names = set(connection.introspection.django_table_names(only_existing=True))
    names.add("django_migrations")
    quoted = ", ".join(map(connection.ops.quote_name, sorted(names)))
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {quoted} CASCADE")


def prepare(port: int) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from wagtail.models import Site

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
    call_command("load_demo", port=port, verbosity=1)
    # Links in pages and mails name the port that is served now.
    Site.objects.filter(is_default_site=True).exclude(port=port).update(port=port)
    Site.clear_site_root_paths_cache()


def print_guide(port: int) -> None:
    from example_site.demo_data import things_to_try

    address = f"http://127.0.0.1:{port}"
    say(f"\nHarbour Coffee is open at {address}/\n")
    say(f"Log in at {address}/admin/ as {EDITOR}, password {PASSWORD}\n")
    say("What to try:")
    for what, where in things_to_try():
        say(f"  {what:<24}{address + where if where.startswith('/') else where}")
    say("\nStop with Ctrl-C. The second start keeps everything; make demo-reset starts over.\n")


def serve(port: int) -> None:
    from django.core.management import call_command

    threading.Thread(target=run_what_is_due, daemon=True).start()
    call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, skip_checks=True)


def run_what_is_due() -> None:
    """What cron does on a real site, so that mails arrive while one tries things."""
    from django.core.management import call_command
    from django.db import connection

    pause = threading.Event()
    while not pause.wait(SECONDS_BETWEEN_RUNS):
        try:
            call_command("referrals_run_due", stdout=StringIO(), stderr=StringIO())
        except Exception as error:  # the next round may go better, and the site stays up
            print(f"referrals_run_due: {error}", file=sys.stderr)
        finally:
            connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
