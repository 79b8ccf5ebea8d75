"""One export in a process of its own: ``python -m tests.benchmarks.exports ours|plain PAGE``.

Prints a line of JSON: CPU and wall seconds, and how much more memory it took than at its start.
"""

import json
import os
import sys
import time

import django
from django.db import connection

from .purchases import _memory_mb


def side_in_a_process() -> dict[str, str]:
    """The environment of a child that works in our scratch database."""
    return {**os.environ, "REFERRALS_BENCH_DATABASE": str(connection.settings_dict["NAME"])}


def main(side: str, page: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    from django.contrib.auth import get_user_model
    from django.test import Client

    user, _is_new = get_user_model().objects.get_or_create(
        username="reader", defaults={"is_superuser": True, "is_staff": True}
    )
    staff = Client()
    staff.force_login(user)
    ours, plain = "/admin/referrals/feedback/", f"/admin/forms/submissions/{page}/"
    address = {"ours": ours, "plain": plain}[side]
    # Without the classes and templates of a first request.
    staff.get(address)
    before = _memory_mb("VmRSS")
    cpu, wall = time.process_time(), time.perf_counter()
    response = staff.get(f"{address}?export=csv")
    lines = sum(part.count(b"\n") for part in response.streaming_content)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert lines > 100_000, lines
    more = _memory_mb("VmHWM") - before
    print(json.dumps({"cpu": cpu, "wall": wall, "memory_mb": more}))


if __name__ == "__main__":
    main(*sys.argv[1:])
