"""At night mails wait, by the clock of whoever reads them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.quiet import quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def message(queue, program):
    program.quiet_from, program.quiet_to = time(21), time(8)
    program.save()
    (message,) = queue("bo@example.org", at=datetime(2026, 1, 1, tzinfo=UTC))
    return Message.objects.select_related("program", "person").get()


def at(message, locale, moment):
    message.locale = locale
    return quiet_until(message, moment)


@pytest.mark.parametrize(
    ("clock", "ends"),
    [
        (time(20, 59), None),
        (time(21), (1, 8)),
        (time(23, 30), (1, 8)),
        (time(0), (0, 8)),
        (time(7, 59), (0, 8)),
        (time(8), None),
        (time(12), None),
    ],
)
def test_a_night_ends_in_the_morning_of_the_readers_clock(message, clock, ends):
    moment = datetime.combine(datetime(2026, 3, 10), clock, BERLIN)
    found = at(message, "de", moment)
    expected = ends and datetime(2026, 3, 10 + ends[0], ends[1], tzinfo=BERLIN)
    assert found == expected


def test_quiet_hours_may_lie_within_a_day(message):
    message.program.quiet_from, message.program.quiet_to = time(12), time(14)
    noon = datetime(2026, 3, 10, 13, tzinfo=BERLIN)
    assert at(message, "de", noon) == datetime(2026, 3, 10, 14, tzinfo=BERLIN)
    assert at(message, "de", noon + timedelta(hours=1)) is None


@pytest.mark.parametrize("hours", [(None, None), (time(9), time(9))])
def test_a_program_without_quiet_hours_has_none(message, hours):
    message.program.quiet_from, message.program.quiet_to = hours
    assert at(message, "de", datetime(2026, 3, 10, 3, tzinfo=BERLIN)) is None


def test_the_same_moment_is_night_for_one_and_day_for_another(message):
    moment = datetime(2026, 3, 10, 23, tzinfo=BERLIN)
    assert at(message, "de", moment)
    assert at(message, "ja", moment + timedelta(hours=2)) is None


def test_the_sites_first_language_means_the_sites_own_clock(message, settings):
    settings.LANGUAGE_CODE, settings.TIME_ZONE = "en-us", "Europe/Berlin"
    noon = datetime(2026, 3, 10, 12, tzinfo=BERLIN)
    for locale in ("", "en-us", "en-US"):
        assert at(message, locale, noon) is None
        assert at(message, locale, noon.replace(hour=22))
    assert at(message, "en-ca", noon)


def test_a_clock_nobody_chose_says_less_than_the_region(message, settings):
    settings.LANGUAGE_CODE, settings.TIME_ZONE = "en-us", "UTC"
    assert at(message, "en-us", datetime(2026, 3, 10, 12, tzinfo=UTC))


def test_a_language_spoken_under_many_clocks_means_the_sites_own(message, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert at(message, "en", datetime(2026, 3, 10, 22, tzinfo=BERLIN))
    assert at(message, "en", datetime(2026, 3, 10, 9, tzinfo=BERLIN)) is None


def test_a_region_with_the_sites_own_clock_means_that(message, settings):
    settings.TIME_ZONE = "America/New_York"
    new_york = ZoneInfo("America/New_York")
    assert at(message, "en-US", datetime(2026, 3, 10, 9, tzinfo=new_york)) is None


def test_a_region_of_many_clocks_is_quiet_while_it_is_night_under_one_of_them(message):
    new_york, honolulu = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu")
    morning = datetime(2026, 1, 10, 9, tzinfo=new_york)
    until = at(message, "en-US", morning).astimezone(honolulu)
    assert until.time() >= time(8)
    assert until.astimezone(new_york).time() < time(21)


def test_where_it_is_never_day_for_all_the_sites_own_clock_counts(message):
    message.program.quiet_from, message.program.quiet_to = time(12), time(10)
    moment = datetime(2026, 1, 10, 11, tzinfo=UTC)
    assert at(message, "ru-RU", moment) is None
    assert at(message, "ru-RU", moment + timedelta(hours=1))


@pytest.mark.parametrize("locale", ["", "xx", "de-de-de-de", "1", "%00", "zh-hans", "x" * 20])
def test_a_locale_that_says_nothing_means_the_sites_own_clock(message, locale):
    night = datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert at(message, locale, night)


@pytest.mark.parametrize("day", [28, 29])
def test_a_night_in_which_the_clocks_change_ends_in_the_morning(message, day):
    """In Berlin the clocks went forward on the 29th of March 2026."""
    night = datetime(2026, 3, day, 2, 30, tzinfo=BERLIN)
    assert at(message, "de", night) == datetime(2026, 3, day, 8, tzinfo=BERLIN)


def test_who_has_just_filled_in_a_form_gets_the_coupon_at_night(message):
    night = datetime(2026, 3, 10, 23, tzinfo=BERLIN)
    message.kind, message.created_at = "friend_coupon", night - timedelta(minutes=9)
    assert at(message, "de", night) is None
    assert at(message, "de", night + timedelta(minutes=2))


def test_a_reward_that_waited_for_its_time_waits_for_the_morning_too(message):
    night = datetime(2026, 3, 10, 23, tzinfo=BERLIN)
    message.kind, message.created_at = "reward_issued", night
    message.context = {"hold_until": (night - timedelta(minutes=1)).isoformat()}
    assert at(message, "de", night)
    message.context = {"hold_until": night.isoformat()}
    assert at(message, "de", night) is None


def test_what_waits_is_sent_in_the_morning_and_no_attempt_is_used_up(server, message, settings):
    settings.TIME_ZONE = "UTC"
    night = datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert deliver_due(at=night) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)
    assert message.due_at == datetime(2026, 3, 11, 8, tzinfo=UTC)
    assert deliver_due(at=night + timedelta(hours=8)) == 0
    assert deliver_due(at=night + timedelta(hours=9, seconds=1)) == 1


def test_what_somebody_asked_for_comes_at_night(message, monkeypatch):
    monkeypatch.setattr("wagtail_referrals.messages.quiet.category_of", lambda kind: "asked_for")
    assert at(message, "de", datetime(2026, 3, 10, 3, tzinfo=BERLIN)) is None
