from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...events.record import find_program
from ...exceptions import ReferralsError
from ...insights.champion_models import ValueSettings
from ...insights.champions import recompute
from ...programs.models import Program


class Command(BaseCommand):
    help = (
        "Works out lifetime value, referral value and group of every customer anew, of one "
        "program or of all that have customer value settings. referrals_run_due does it once a "
        "day; it can be stopped and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--program", help="the slug of one program")

    def handle(self, *args: Any, **options: Any) -> None:
        for program in self._programs(options["program"]):
            show = self._show if self.stderr.isatty() else lambda customers: None
            done = recompute(program, on_progress=show)
            if self.stderr.isatty():
                self.stderr.write("\r" + " " * 40 + "\r", style_func=str, ending="")
            words = "worked out" if done else "another run is at work on it"
            self.stdout.write(f"{program.slug}: {words}")

    def _programs(self, slug: str | None) -> list[Program]:
        settings = ValueSettings.objects.select_related("program").order_by("pk")
        if not slug:
            return [one.program for one in settings]
        try:
            program = find_program(slug)
        except ReferralsError as error:
            raise CommandError(f"{slug}: {error}") from None
        if not settings.filter(program=program).exists():
            raise CommandError(f"{slug} has no customer value settings yet.")
        return [program]

    def _show(self, customers: int) -> None:
        self.stderr.write(f"\r{customers:,} customers", style_func=str, ending="")
        self.stderr.flush()
