"""Settings of the test site: a plain Wagtail site with our two apps added.

DATABASE_URL chooses the database (SQLite in a folder of this run when unset);
REFERRALS_TEST_DB names the test database, so that two runs can share one server.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent
RUN_DIR = Path(tempfile.mkdtemp(prefix="referrals-tests-"))
atexit.register(shutil.rmtree, RUN_DIR, ignore_errors=True)
# The folder of the process that started this one, too: its workers meet there.
SHARED_DIR = Path(os.environ.setdefault("REFERRALS_TEST_SHARED", str(RUN_DIR)))

SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "tests.urls"
WSGI_APPLICATION = None

INSTALLED_APPS = [
    "wagtail_referrals",
    "wagtail_referrals.pages",
    "wagtail_modeladmin",
    "crispy_forms",
    "crispy_bootstrap5",
    "crispy_tailwind",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def sqlite_database() -> dict[str, Any]:
    """A file, not memory: threads of one test must be able to meet in it."""
    name = str(RUN_DIR / "db.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "TEST": {"NAME": name},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }


def server_database(url: str) -> dict[str, Any]:
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    if "mysql" in database["ENGINE"]:
        database.setdefault("OPTIONS", {})["charset"] = "utf8mb4"
        database["TEST"] = {"CHARSET": "utf8mb4"}
    if name := os.environ.get("REFERRALS_TEST_DB"):
        database.setdefault("TEST", {})["NAME"] = name
    return database


DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": server_database(DATABASE_URL) if DATABASE_URL else sqlite_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = "hello@example.org"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = str(RUN_DIR / "static")
MEDIA_URL = "/media/"
MEDIA_ROOT = str(RUN_DIR / "media")

WAGTAIL_SITE_NAME = "Test site"
WAGTAILADMIN_BASE_URL = "http://testserver"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

CRISPY_ALLOWED_TEMPLATE_PACKS = ["referrals", "bootstrap5", "tailwind"]
CRISPY_TEMPLATE_PACK = "referrals"
WAGTAIL_REFERRALS: dict[str, Any] = {}
