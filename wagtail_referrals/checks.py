"""System checks: what would go wrong later is said at the start, with what to do."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections
from django.template import TemplateDoesNotExist
from django.urls import NoReverseMatch, reverse

from .captcha import captcha_field
from .conf import DEFAULTS, TEMPLATE_PACKS, setting
from .retention import KEPT
from .rewards.conditions import conditions
from .rewards.fair import is_unfair


@checks.register("wagtail_referrals")
def check_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Unknown names, and a template pack that is not there."""
    given = getattr(settings, "WAGTAIL_REFERRALS", {})
    messages: list[checks.CheckMessage] = [
        checks.Error(
            f"WAGTAIL_REFERRALS has no setting {name!r}.",
            hint=f"Known settings: {', '.join(sorted(DEFAULTS))}.",
            id="wagtail_referrals.E001",
        )
        for name in given
        if name not in DEFAULTS
    ]
    pack = setting("TEMPLATE_PACK")
    needed = {"bootstrap5": "crispy_bootstrap5", "tailwind": "crispy_tailwind"}.get(pack)
    if pack not in TEMPLATE_PACKS:
        hint = f"Choose one of {', '.join(TEMPLATE_PACKS)}."
        messages.append(
            checks.Error(
                f"There is no template pack {pack!r}.", hint=hint, id="wagtail_referrals.E002"
            )
        )
    elif needed and needed not in settings.INSTALLED_APPS:
        messages.append(
            checks.Error(
                f"The template pack {pack!r} needs {needed!r} in INSTALLED_APPS.",
                hint=f"pip install wagtail-referrals[{pack}] and add it.",
                id="wagtail_referrals.E003",
            )
        )
    return messages


@checks.register("wagtail_referrals")
def check_retention(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A kind we do not know would be kept for ever, a number that is none stop the purge."""
    hint = f"Known kinds: {', '.join(KEPT)}; each a number of days, or None for ever."
    return [
        checks.Error(
            f"RETENTION_DAYS cannot have {name!r}: {days!r}.",
            hint=hint,
            id="wagtail_referrals.E008",
        )
        for name, days in setting("RETENTION_DAYS").items()
        if name not in KEPT or not (days is None or (type(days) is int and days > 0))
    ]


@checks.register("wagtail_referrals")
def check_captcha(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """The captcha has to be there, and its app, which has its template."""
    try:
        captcha = captcha_field()
        if captcha:
            captcha.widget.render("captcha", None)
    except (ImportError, TypeError, TemplateDoesNotExist) as error:
        words = f"The captcha {setting('CAPTCHA_FIELD')!r} cannot be used: {error}"
        hint = "Install its package, add its app to INSTALLED_APPS, and name its form field."
        return [checks.Error(words, hint=hint, id="wagtail_referrals.E007")]
    return []


@checks.register("wagtail_referrals")
def check_addresses(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Our addresses have to be among the site's."""
    try:
        reverse("wagtail_referrals:link", args=["code"])
    except NoReverseMatch:
        hint = 'Add path("refer/", include("wagtail_referrals.urls")) before Wagtail\'s own.'
        words = "The addresses of wagtail_referrals are not in ROOT_URLCONF."
        return [checks.Error(words, hint=hint, id="wagtail_referrals.E005")]
    return []


@checks.register("wagtail_referrals")
def check_fair_conditions(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """No rule may look at what somebody thinks of the shop (docs/explanation, fair play)."""
    hint = "A reward never depends on a score, a mood or a review. Take the condition away."
    return [
        checks.Error(
            f"The condition {key!r} looks at what somebody thinks of you.",
            hint=hint,
            id="wagtail_referrals.E006",
        )
        for key in conditions.all()
        if is_unfair(key)
    ]


@checks.register("wagtail_referrals", deploy=True)
def check_shared_cache(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Limits are counted in the cache: one that is not shared counts per process."""
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.endswith(("LocMemCache", "DummyCache")):
        return []
    return [
        checks.Warning(
            "The default cache is not shared between processes.",
            hint="Form limits are counted per process. Use Redis, Memcached or the database.",
            id="wagtail_referrals.W001",
        )
    ]


@checks.register("wagtail_referrals", deploy=True)
def check_documents_are_served(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Private collateral is kept back by Wagtail's view of documents: it has to be asked."""
    if getattr(settings, "WAGTAILDOCS_SERVE_METHOD", None) != "direct":
        return []
    return [
        checks.Warning(
            "WAGTAILDOCS_SERVE_METHOD is 'direct': the addresses of documents ask nobody.",
            hint="Private collateral can be had by its file's address. Use 'serve_view'.",
            id="wagtail_referrals.W002",
        )
    ]


@checks.register(checks.Tags.database)
def check_utf8mb4(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """MySQL and MariaDB cannot keep every character of a name in another character set."""
    messages: list[checks.CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@character_set_database")
            (charset,) = cursor.fetchone()
        if charset != "utf8mb4":
            messages.append(
                checks.Error(
                    f"The database {alias!r} uses {charset}, not utf8mb4.",
                    hint="ALTER DATABASE … CHARACTER SET utf8mb4, and convert its tables.",
                    id="wagtail_referrals.E004",
                )
            )
    return messages
