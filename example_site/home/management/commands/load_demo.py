from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from example_site.home.models import HomePage


class Command(BaseCommand):
    help = "Fill an empty database with Harbour Coffee's pages and six weeks of made-up people."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(settings.PORT))

    def handle(self, *args: Any, **options: Any) -> None:
        if HomePage.objects.exists():
            return
        from example_site.demo_data import load

        if options["verbosity"]:
            self.stdout.write("Loading six weeks at Harbour Coffee …")
        # All or nothing: a demo that was stopped half-way starts again from nothing.
        with transaction.atomic():
            load(port=options["port"])
