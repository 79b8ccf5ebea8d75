"""What the system checks say before something goes wrong."""

from types import SimpleNamespace

import pytest

from wagtail_referrals import checks
from wagtail_referrals.checks import (
    check_addresses,
    check_captcha,
    check_documents_are_served,
    check_settings,
    check_shared_cache,
    check_utf8mb4,
)


def ids(messages):
    return [message.id for message in messages]


def test_defaults_are_fine():
    assert check_settings(None) == []


def test_an_unknown_setting_is_named_with_the_known_ones(settings):
    settings.WAGTAIL_REFERRALS = {"BASE_TEMPLAT": "x.html"}
    (error,) = check_settings(None)
    assert error.id == "wagtail_referrals.E001"
    assert "BASE_TEMPLATE" in error.hint


def test_an_unknown_template_pack_is_named(settings):
    settings.WAGTAIL_REFERRALS = {"TEMPLATE_PACK": "foundation"}
    assert ids(check_settings(None)) == ["wagtail_referrals.E002"]


def test_a_pack_that_is_not_installed_is_named(settings, monkeypatch):
    settings.WAGTAIL_REFERRALS = {"TEMPLATE_PACK": "bootstrap5"}
    assert check_settings(None) == []
    without = [app for app in settings.INSTALLED_APPS if app != "crispy_bootstrap5"]
    # Not by changing the settings: that would set up every app anew.
    site = SimpleNamespace(INSTALLED_APPS=without, WAGTAIL_REFERRALS=settings.WAGTAIL_REFERRALS)
    monkeypatch.setattr(checks, "settings", site)
    assert ids(check_settings(None)) == ["wagtail_referrals.E003"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("turnstyle.fields.TurnstileField", "No module named"),
        ("tests.captchas.NoSuchField", "does not define"),
        ("tests.captchas.NotAField", "is not a form field"),
        ("tests.captchas.WithoutTemplate", "not/installed.html"),
    ],
)
def test_a_captcha_that_cannot_be_used_is_named(settings, path, words):
    settings.WAGTAIL_REFERRALS = {"CAPTCHA_FIELD": path}
    (error,) = check_captcha(None)
    assert error.id == "wagtail_referrals.E007"
    assert path in error.msg
    assert words in error.msg


def test_a_captcha_that_is_there_is_fine(settings):
    assert check_captcha(None) == []
    settings.WAGTAIL_REFERRALS = {"CAPTCHA_FIELD": "tests.captchas.StandInField"}
    assert check_captcha(None) == []


def test_a_cache_of_one_process_is_remarked(settings):
    assert ids(check_shared_cache(None)) == ["wagtail_referrals.W001"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    assert check_shared_cache(None) == []


def test_the_database_keeps_every_character(db):
    assert check_utf8mb4(None, databases=["default"]) == []


def test_addresses_that_were_forgotten_are_named(settings):
    assert check_addresses(None) == []
    settings.ROOT_URLCONF = "wagtail.admin.urls"
    assert ids(check_addresses(None)) == ["wagtail_referrals.E005"]


def test_documents_that_ask_nobody_are_remarked(settings):
    assert check_documents_are_served(None) == []
    settings.WAGTAILDOCS_SERVE_METHOD = "direct"
    assert ids(check_documents_are_served(None)) == ["wagtail_referrals.W002"]
