"""A site that sets WAGTAIL_PAGE_MODEL (new in Wagtail 8.0) and leaves our pages app out.

CUSTOM_PAGE_SITE_DIR is a folder of the test that runs it: database and page migrations.
"""

import os
import sys
from pathlib import Path

from tests.settings import *  # noqa: F403

SITE_DIR = Path(os.environ["CUSTOM_PAGE_SITE_DIR"])
# The migrations of this site's pages are made anew each time, so they always fit our classes.
sys.path.insert(0, str(SITE_DIR))
MIGRATION_MODULES = {"sitepages": "sitepages_migrations"}

WAGTAIL_PAGE_MODEL = "base.BasePage"
INSTALLED_APPS = [
    "tests.custom_page_site.base",
    "tests.custom_page_site.sitepages",
    *(app for app in INSTALLED_APPS if app != "wagtail_referrals.pages"),  # noqa: F405
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": SITE_DIR / "db.sqlite3"},
}
