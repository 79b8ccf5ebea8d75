"""Settings of the example site: a small coffee roaster who uses wagtail_referrals.

Everything a newcomer needs runs from these defaults; the environment may change
PORT, DATABASE_URL, DEBUG, SECRET_KEY, ALLOWED_HOSTS and EXAMPLE_VAR.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
import wagtail
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent
# Database, uploads and the demo's mails: one folder that may be deleted at any time.
VAR_DIR = Path(os.environ.get("EXAMPLE_VAR") or BASE_DIR / "var")

DEBUG = os.environ.get("DEBUG", "1").lower() not in {"0", "false", "no", ""}
PORT = os.environ.get("PORT") or "8000"
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("Set SECRET_KEY: the demo's own key is public.")
    SECRET_KEY = "harbour-coffee-demo-key-that-everybody-knows-so-never-use-it-in-production"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1 localhost testserver").split()

INSTALLED_APPS = [
    "example_site.home",
    "example_site.shop",
    # The next two lines and the two below are all that a site adds.
    "wagtail_referrals",
    "wagtail_referrals.pages",
    "wagtail_modeladmin",
    "crispy_forms",
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
    "django_tasks",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "example_site.middleware.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "example_site.urls"
WSGI_APPLICATION = "example_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def _database() -> dict[str, object]:
    """SQLite in the var folder, or whatever DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        try:
            import dj_database_url
        except ImportError as error:
            raise ImproperlyConfigured("DATABASE_URL needs dj-database-url installed.") from error
        config: dict[str, object] = dict(dj_database_url.parse(url))
    else:
        config = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "harbour.sqlite3"}
    engine = str(config["ENGINE"])
    # Without persistent connections every request pays for a new one.
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    options = dict(config.get("OPTIONS") or {})  # type: ignore[call-overload]
    if engine.endswith("sqlite3"):
        # Writers queue instead of failing, and readers do not wait for them.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif engine.endswith("mysql"):
        options.setdefault("charset", "utf8mb4")
        options.setdefault("connect_timeout", 5)
    elif engine.endswith("postgresql"):
        options.setdefault("connect_timeout", 5)
    config["OPTIONS"] = options
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Files, because several processes share them and a restart keeps them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        # One version cannot read what another has pickled.
        "KEY_PREFIX": f"{django.__version__}-{wagtail.__version__}",
    }
}

# The pages are written in English. A second language is a copy of the page tree
# away, so there is no LocaleMiddleware to mix two languages on one page.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
TIME_ZONE = "Europe/Berlin"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

# The demo's mails go into a folder and are shown at /demo/mail/.
EMAIL_BACKEND = "example_site.mail.FolderBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = "Harbour Coffee <hello@harbour-coffee.example>"

LOGIN_URL = "/admin/login/"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows its previews in a frame.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

WAGTAIL_SITE_NAME = "Harbour Coffee"
WAGTAILADMIN_BASE_URL = os.environ.get("BASE_URL") or f"http://127.0.0.1:{PORT}"
# No request leaves this machine.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

CRISPY_ALLOWED_TEMPLATE_PACKS = ["referrals"]
CRISPY_TEMPLATE_PACK = "referrals"

WAGTAIL_REFERRALS = {
    "BASE_TEMPLATE": "base.html",
    # Everybody who tries the demo comes from one address.
    "FORM_RATE": "600/h",
}

# Whoever can open the demo may use its till; a real till asks for a login.
EXAMPLE_OPEN_TILL = DEBUG
