"""What the system checks say before something goes wrong."""

from wagtail_referrals.checks import check_settings, check_shared_cache, check_utf8mb4


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


def test_a_pack_that_is_not_installed_is_named(settings):
    settings.WAGTAIL_REFERRALS = {"TEMPLATE_PACK": "bootstrap5"}
    assert check_settings(None) == []
    settings.INSTALLED_APPS = [a for a in settings.INSTALLED_APPS if a != "crispy_bootstrap5"]
    assert ids(check_settings(None)) == ["wagtail_referrals.E003"]


def test_a_cache_of_one_process_is_remarked(settings):
    assert ids(check_shared_cache(None)) == ["wagtail_referrals.W001"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    assert check_shared_cache(None) == []


def test_the_database_keeps_every_character(db):
    assert check_utf8mb4(None, databases=["default"]) == []
