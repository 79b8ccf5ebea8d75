"""Our migrations run on the lowest supported Wagtail and Django."""

import pytest
from django.db.migrations.loader import MigrationLoader

OUR_APPS = {"wagtail_referrals", "wagtail_referrals_pages"}

# The newest migration of each app in Django 5.2 and Wagtail 7.4, written down by hand.
NEWEST_ALLOWED = {
    "auth": 12,
    "contenttypes": 2,
    "sessions": 1,
    "taggit": 6,
    "wagtailadmin": 6,
    "wagtailcore": 97,
    "wagtaildocs": 14,
    "wagtailembeds": 9,
    "wagtailforms": 5,
    "wagtailimages": 27,
    "wagtailsearch": 10,
    "wagtailusers": 15,
}


def dependencies() -> list[tuple[str, str, str]]:
    loader = MigrationLoader(None)
    return [
        (f"{app}.{name}", dependency_app, dependency_name)
        for (app, name), migration in loader.disk_migrations.items()
        if app in OUR_APPS
        for dependency_app, dependency_name in migration.dependencies
        if dependency_app not in OUR_APPS
    ]


def test_migrations_depend_on_nothing_newer_than_the_lowest_supported_versions() -> None:
    found = dependencies()
    assert found, "no migrations of ours were found"
    for ours, app, name in found:
        if name in ("__first__", "__latest__"):
            continue
        assert app in NEWEST_ALLOWED, f"{ours} depends on {app}, which is not on the list"
        assert int(name[:4]) <= NEWEST_ALLOWED[app], f"{ours} depends on {app}.{name}"


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    from django.core.management import call_command

    call_command("makemigrations", *OUR_APPS, check=True, dry_run=True, verbosity=0)
