from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...insights.rollups import rebuild


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"Not a day like 2026-05-31: {text}") from None


class Command(BaseCommand):
    help = (
        "Counts the days of the dashboard anew, from the rows that are still there: after rows "
        "were written past the API. It can be stopped and run again, and is safe beside other runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", default=date.min.isoformat(), metavar="DAY")
        parser.add_argument("--to", dest="end", default=date.max.isoformat(), metavar="DAY")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = _day(options["start"]), _day(options["end"])
        if start > end:
            raise CommandError("--from is later than --to.")
        days = rebuild(start, end, self._show if self.stderr.isatty() else lambda done, of: None)
        self.stdout.write(f"days counted: {days:,}")

    def _show(self, done: int, of: int) -> None:
        end = "\n" if done == of else ""
        self.stderr.write(f"\r{done:,} of {of:,} days", style_func=str, ending=end)
        self.stderr.flush()
