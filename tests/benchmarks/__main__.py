"""``python -m tests.benchmarks``: how much each path costs.

ONLY=click measures one path, ONLY=landing,redeem two; DATABASE_URL chooses the database.
The ratio is of the CPU time of this process, medians of rounds that take turns with the
yardstick's; "on the clock" is the same ratio with the database server's work in it.
"""

import os
import signal
import sys
import traceback

import django


def main() -> int:
    # Stopped from outside, it still drops its scratch database.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"
    django.setup()
    from django.db import connection

    from .asks import PATHS as ASK_PATHS
    from .champions import PATHS as CHAMPION_PATHS
    from .coupons import PATHS as COUPON_PATHS
    from .dashboard import PATHS as DASHBOARD_PATHS
    from .database import scratch_database
    from .feedback import PATHS as FEEDBACK_PATHS
    from .introductions import PATHS as INTRODUCTION_PATHS
    from .leaders import PATHS as LEADER_PATHS
    from .messages import PATHS as MESSAGE_PATHS
    from .own import PATHS as OWN_PATHS
    from .partners import PATHS as PARTNER_PATHS
    from .paths import PATHS as FIRST_PATHS
    from .report import as_row, print_table, write
    from .results import LeftOut
    from .rewards import PATHS as REWARD_PATHS
    from .rollups import PATHS as ROLLUP_PATHS
    from .site import build

    PATHS = {
        **FIRST_PATHS,
        **COUPON_PATHS,
        **REWARD_PATHS,
        **FEEDBACK_PATHS,
        **PARTNER_PATHS,
        **INTRODUCTION_PATHS,
        **ASK_PATHS,
        **OWN_PATHS,
        **MESSAGE_PATHS,
        **CHAMPION_PATHS,
        **LEADER_PATHS,
        **ROLLUP_PATHS,
        **DASHBOARD_PATHS,
    }
    wanted = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    unknown = [name for name in wanted if not any(path.startswith(name) for path in PATHS)]
    if unknown:
        print(f"ONLY={','.join(unknown)}: choose from {', '.join(PATHS)}.", file=sys.stderr)
        return 2
    chosen = [path for path in PATHS if not wanted or any(path.startswith(name) for name in wanted)]
    rows, left_out, failed = [], [], []
    with scratch_database():
        database = connection.vendor
        bench = build()
        for path in chosen:
            print(f"measuring {path} on {database} …", file=sys.stderr, flush=True)
            try:
                rows += [as_row(result, database) for result in PATHS[path](bench)]
            except LeftOut as reason:
                left_out.append(f"left out: {path}: {reason}")
            except Exception as error:  # the other paths' figures are not lost by it
                traceback.print_exc()
                failed.append(f"failed: {path}: {error}")
    print(f"\n{database}, Django {django.get_version()}, Python {sys.version.split()[0]}\n")
    print_table(rows)
    print("\nqueries: of one request, in brackets the yardstick's; BEGIN and COMMIT not counted")
    print("\n".join([*left_out, *failed]))
    write(rows)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
