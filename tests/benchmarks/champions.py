"""What it costs to work out every customer's value.

``python -m tests.benchmarks.champions ours|plain FILE`` is one run in a process of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

CUSTOMERS = 23_570
ROUNDS = 5


def champions(bench: Any) -> Iterator[Any]:
    """All values and groups of the CDNOW customers against reading their purchases once."""
    from .exports import side_in_a_process
    from .measure import Comparison, Spent
    from .paths import PURCHASES, ROOT
    from .results import LeftOut, Result

    if not PURCHASES.exists():
        raise LeftOut(f"{PURCHASES.name} is not beside the repository")

    def child(side: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.champions", side, str(PURCHASES)],
            env=side_in_a_process(),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise AssertionError(done.stderr)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    result, memory = Comparison(Spent(), Spent()), []
    sides = [("ours", result.path), ("plain", result.yardstick)]
    # One round more than is counted: the first one writes the rows that later ones update.
    for number in range(ROUNDS + 1):
        for side, spent in sides if number % 2 else reversed(sides):
            told = child(side)
            if number:
                spent.add(told["cpu"], told["wall"])
            if number and side == "ours":
                memory.append(told["memory_mb"])
    yield Result(
        f"champions of {CUSTOMERS:,} customers",
        result,
        reach=4,
        memory_mb=statistics.median(memory),
        reach_memory_mb=50,
    )


PATHS: dict[str, Callable[[Any], Iterator[Any]]] = {"champions": champions}
SLUG = "records"


def _program(path: str) -> Any:
    """The program with all purchases; imported by the first process that asks."""
    import io
    from decimal import Decimal

    from django.core.management import call_command
    from django.utils import timezone

    from tests.fixtures import make_program
    from wagtail_referrals.insights.champion_models import ValueSettings
    from wagtail_referrals.programs.models import Program

    found = Program.objects.filter(slug=SLUG).first()
    if found:
        return found
    program = make_program(SLUG, currency="USD", advocate_offer=None, starts_at=timezone.now())
    options = {"program": SLUG, "create_people": True, "stdout": io.StringIO()}
    call_command("referrals_import_purchases", path, **options)
    ValueSettings.objects.create(program=program, margin_percent=Decimal(40), marketing_cost=2)
    return program


def _ours(program: Any) -> None:
    from wagtail_referrals.insights.champion_models import CustomerValue
    from wagtail_referrals.insights.champions import recompute

    assert recompute(program)
    assert CustomerValue.objects.filter(program=program).count() == CUSTOMERS


def _plain(program: Any) -> None:
    from wagtail_referrals.events.models import Event

    purchases = Event.objects.filter(program=program, kind="purchase")
    names = ("person_id", "currency", "occurred_at", "amount")
    assert sum(1 for _row in purchases.values_list(*names).iterator()) == 69_659


def main(side: str, path: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    from .purchases import _memory_mb

    program = _program(path)
    before = _memory_mb("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    {"ours": _ours, "plain": _plain}[side](program)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    more = _memory_mb("VmHWM") - before
    print(json.dumps({"cpu": cpu, "wall": wall, "memory_mb": more}))


if __name__ == "__main__":
    main(*sys.argv[1:])
