"""The test site with connections that stay open, a scratch database of its own and yardsticks."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks"]
ROOT_URLCONF = "tests.benchmarks.urls"

# Without it every request would open the database anew, on both sides.
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
    scratch = os.environ.get("REFERRALS_TEST_DB") or f"referrals_bench_{os.getpid()}"
    DATABASES["default"].setdefault("TEST", {})["NAME"] = scratch

# A child process works in the scratch database that its parent has made.
if shared := os.environ.get("REFERRALS_BENCH_DATABASE"):
    DATABASES["default"]["NAME"] = shared

# Room for every client of a run: the default of 300 would throw out links and site roots too.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
