from typing import Any

from django.core.management.base import BaseCommand

from ...due import run_due


class Command(BaseCommand):
    help = "Does everything that is due: issues rewards, sends messages, deletes old salts."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, how_many in run_due().items():
            self.stdout.write(f"{what.replace('_', ' ')}: {how_many}")
