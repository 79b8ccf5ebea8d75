from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from ...events.csv_records import read_lines
from ...events.imports import COLUMNS, ImportResult, Reject, UnusableFile, import_purchases
from ...events.record import find_program
from ...exceptions import ReferralsError

_GZIP = b"\x1f\x8b"
_BAR = 30


class Command(BaseCommand):
    help = (
        "Imports purchases from a CSV file, plain or .gz, with the columns "
        f"{', '.join(COLUMNS)}. It can be stopped and run again: what is there is skipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the CSV file, in UTF-8, plain or .gz")
        parser.add_argument("--program", required=True, help="the slug of the program")
        parser.add_argument(
            "--create-people", action="store_true", help="add people who are not known yet"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing, report the same")
        parser.add_argument(
            "--rejects", help="write lines that cannot be imported to this CSV file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            program = find_program(options["program"])
        except ReferralsError as error:
            raise CommandError(f"{options['program']}: {error}") from None
        result = ImportResult()
        with ExitStack() as files:
            source = files.enter_context(_open(options["file"]))
            text = files.enter_context(_text(source))
            rejects = self._rejects(files, options["file"], options["rejects"], result)
            progress = _Progress(self, source)
            try:
                import_purchases(
                    program,
                    read_lines(text),
                    create_people=options["create_people"],
                    dry_run=options["dry_run"],
                    on_reject=rejects,
                    on_progress=progress,
                    result=result,
                )
            except UnusableFile as error:
                raise CommandError(f"{options['file']}: {error}") from None
            except (EOFError, OSError, zlib.error) as error:
                self._summary(result, options["dry_run"])
                raise CommandError(
                    f"{options['file']} breaks off: {error} What came before it is imported."
                ) from None
            except KeyboardInterrupt:
                self._summary(result, options["dry_run"])
                raise CommandError("Stopped. Run it again to go on.", returncode=130) from None
            finally:
                progress.clear()
        self._summary(result, options["dry_run"])

    def _rejects(
        self, files: ExitStack, source: str, path: str | None, result: ImportResult
    ) -> Callable[[Reject], None]:
        """What to do with a line that was refused: say so, and keep it where it can be mended."""
        writer = None
        if path:
            if os.path.exists(path) and os.path.samefile(source, path):
                raise CommandError("--rejects names the file that is imported.")
            try:
                file = open(path, "w", encoding="utf-8", errors="surrogateescape", newline="")  # noqa: SIM115
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from None
            writer = csv.writer(files.enter_context(file))

        def refuse(reject: Reject) -> None:
            self.stderr.write(f"line {reject.line}: {reject.reason}")
            if writer:
                if result.rejected == 1:
                    writer.writerow(["line", "reason", *result.columns])
                writer.writerow([reject.line, reject.reason, *reject.values])

        return refuse

    def _summary(self, result: ImportResult, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write("A dry run: nothing was written.")
        self.stdout.write(f"people added: {result.people_added:,}")
        self.stdout.write(f"purchases added: {result.purchases_added:,}")
        self.stdout.write(f"already there: {result.already_there:,}")
        self.stdout.write(f"rejected: {result.rejected:,}")
        for currency, amount in sorted(result.sums.items()):
            self.stdout.write(f"sum added: {currency} {Decimal(amount):,}")


class _Progress:
    """A line on the terminal that shows how much of the file is read; nothing elsewhere."""

    def __init__(self, command: BaseCommand, source: BinaryIO) -> None:
        self._command = command
        self._source = source
        self._size = os.fstat(source.fileno()).st_size
        self._shown = False

    def __call__(self, result: ImportResult) -> None:
        if not self._command.stderr.isatty():
            return
        self._shown = True
        done = min(self._source.tell() / self._size, 1) if self._size else 1
        bar = "#" * round(done * _BAR)
        self._write(f"\r[{bar:<{_BAR}}] {done:4.0%}  {result.purchases_added:,} purchases")

    def clear(self) -> None:
        if self._shown:
            self._write("\r" + " " * 78 + "\r")

    def _write(self, text: str) -> None:
        self._command.stderr.write(text, style_func=str, ending="")
        self._command.stderr.flush()


def _open(path: str) -> BinaryIO:
    try:
        return open(path, "rb")  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None


def _text(source: BinaryIO) -> io.TextIOWrapper:
    """The text of the file; bytes that are not UTF-8 stay where they are, as surrogates."""
    packed = source.read(2) == _GZIP
    source.seek(0)
    raw: Any = gzip.GzipFile(fileobj=source) if packed else source
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
