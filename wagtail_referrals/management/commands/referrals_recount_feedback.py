from typing import Any

from django.core.management.base import BaseCommand

from ...insights.tallies import recount


class Command(BaseCommand):
    help = (
        "Counts the scores of every day anew: after rows were written past Django, or after "
        "TIME_ZONE was changed. Reports stay right meanwhile; it can be stopped and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        days = recount(self._show if self.stderr.isatty() else lambda done, of: None)
        self.stdout.write(f"days counted: {days:,}")

    def _show(self, done: int, of: int) -> None:
        end = "\n" if done == of else ""
        self.stderr.write(f"\r{done:,} of {of:,} days", style_func=str, ending=end)
        self.stderr.flush()
