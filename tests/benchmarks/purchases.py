"""One import in a process of its own: ``python -m tests.benchmarks.purchases ours|plain FILE``.

Prints a line of JSON: CPU and wall seconds, and how much more memory it took than at its start.
"""

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import django

ROWS = 69_659
SLUG = "music"


def ours(path: str) -> Callable[[], None]:
    from django.core.management import call_command
    from django.utils import timezone

    from tests.fixtures import make_program
    from wagtail_referrals.events.models import Event
    from wagtail_referrals.people.models import Person
    from wagtail_referrals.programs.models import Program

    if not Program.objects.filter(slug=SLUG).exists():
        make_program(SLUG, currency="USD", advocate_offer=None, starts_at=timezone.now())
    program = Program.objects.get(slug=SLUG)
    Event.objects.filter(program=program)._raw_delete("default")
    Person.objects.filter(email__endswith="@cdnow.example")._raw_delete("default")

    def run() -> None:
        options = {"program": SLUG, "create_people": True}
        call_command(
            "referrals_import_purchases",
            path,
            stdout=io.StringIO(),
            stderr=io.StringIO(),
            **options,
        )
        assert Event.objects.filter(program=program).count() == ROWS

    return run


def plain(path: str) -> Callable[[], None]:
    from .models import PlainPurchase

    PlainPurchase.objects.all()._raw_delete("default")

    def run() -> None:
        start = datetime(1997, 1, 1, tzinfo=UTC)
        PlainPurchase.objects.bulk_create(
            [
                PlainPurchase(
                    email=f"customer{number % 23_570:05}@example.org",
                    order_id=f"plain-{number}",
                    ordered_at=start + timedelta(days=number % 500),
                    amount=Decimal("35.89"),
                    currency="USD",
                    items=2,
                )
                for number in range(ROWS)
            ],
            batch_size=1000,
        )
        assert PlainPurchase.objects.count() == ROWS

    return run


def _memory_mb(line: str) -> float:
    """Of this process: VmRSS is what it holds now, VmHWM the most it ever held.

    Linux only. The peak that getrusage tells is no use: a child begins with its parent's.
    """
    found = re.search(rf"^{line}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def main(side: str, path: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    run = {"ours": ours, "plain": plain}[side](path)
    before = _memory_mb("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    more = _memory_mb("VmHWM") - before
    print(json.dumps({"cpu": cpu, "wall": wall, "memory_mb": more}))


if __name__ == "__main__":
    main(*sys.argv[1:])
