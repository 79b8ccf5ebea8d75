"""The rollups tell what a recount of the facts would, whatever happened to them."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.api import record_event
from wagtail_referrals.due import run_due
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.grade import grade_referral
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.insights import clock, keeping
from wagtail_referrals.insights.cover import cover
from wagtail_referrals.insights.facts import DIMENSIONS, FACTS
from wagtail_referrals.insights.rollup_models import ChangedHour, Level, Rollup, RollupState
from wagtail_referrals.insights.rollups import (
    Question,
    Span,
    count_all,
    count_facts,
    count_steps,
    read_state,
    rebuild,
    update_rollups,
)
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.clicks import record_click, record_share
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Click, Referral
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.retention import purge

ZONES = ("UTC", "Asia/Kathmandu", "America/New_York")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(params=ZONES)
def zone(request, settings):
    settings.TIME_ZONE = request.param
    return request.param


@pytest.fixture
def now(monkeypatch):
    """Just after clocks were put back in New York, in the middle of an hour."""
    now = datetime(2026, 11, 2, 15, 20, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def ever(now: datetime) -> Span:
    return Span(now - 2000 * DAY, now)


def by_hand(program, span: Span, dimension: str = "") -> dict:
    """From every row, without the database's help."""
    found: dict = defaultdict(lambda: [0, defaultdict(Decimal)])
    for key, fact in FACTS.items():
        if dimension and dimension not in fact.dimensions:
            continue
        extra = {"x_at": fact.time, "x_program": fact.program}
        rows = fact.rows().order_by()
        wanted = {"v": fact.dimensions[dimension]} if dimension else {}
        money = {"m": fact.amount, "c": fact.currency} if fact.amount is not None else {}
        names = [*extra.values(), *wanted, *money]
        for row in rows.annotate(**wanted, **money).values("pk", *names):
            if row[fact.program] != program.pk or not span.start <= row[fact.time] < span.end:
                continue
            value = row.get("v")
            sums = found[key, "" if value is None else str(value)]
            sums[0] += 1
            if row.get("c"):
                sums[1][row["c"]] += Decimal(str(row["m"] or 0)).quantize(Decimal("0.01"))
    return {key: (count, dict(money)) for key, (count, money) in found.items()}


def told(found: dict) -> dict:
    return {key: (counted.count, counted.amounts) for key, counted in found.items()}


def added(steps: dict[datetime, dict]) -> dict:
    """Steps summed up."""
    found: dict = defaultdict(lambda: [0, defaultdict(Decimal)])
    for counted in steps.values():
        for key, one in counted.items():
            found[key][0] += one.count
            for currency, amount in one.amounts.items():
                found[key][1][currency] += amount
    return {key: (count, dict(money)) for key, (count, money) in found.items()}


def assert_exact(program, now: datetime) -> None:
    span = ever(now)
    for dimension in ("", *DIMENSIONS):
        expected = by_hand(program, span, dimension)
        assert told(count_facts([program.pk], span, dimension=dimension)) == expected
    expected = by_hand(program, span)
    for step in (Level.DAY, clock.WEEK, Level.MONTH):
        assert added(count_steps([program.pk], span, step)) == expected


class History:
    """Facts of all kinds at any time, as an owner's site sees them."""

    def __init__(self, program, seed: int, now: datetime) -> None:
        self.program, self.now, self.rng = program, now, Random(seed)
        program.starts_at = now - 400 * DAY
        program.save()
        self.advocates = [
            join_program(program, find_or_add_person(f"a{n}@example.org")) for n in range(3)
        ]
        self.number = 0

    def time(self) -> datetime:
        """Mostly of the last days, also of long ago, and near the change of clocks."""
        back = self.rng.choice([0.01, 0.2, 1, 1.4, 3, 12, 40, 300])
        return self.now - timedelta(days=back * self.rng.random())

    def friend(self) -> str:
        return f"f{self.rng.randrange(12)}@example.org"

    def act(self) -> None:
        self.number += 1
        acts = [self.click, self.share, self.claim, self.buy, self.buy, self.refund, self.grade]
        with suppress(ReferralsError):
            self.rng.choice([*acts, self.repair, self.spam, self.answer])()

    def click(self) -> None:
        advocate = self.rng.choice(self.advocates)
        channel = self.rng.choice(["", "email", "whatsapp"])
        record_click(advocate.pk, str(self.number), channel, at=self.time(), page_id=7)

    def share(self) -> None:
        advocate = self.rng.choice(self.advocates)
        record_share(advocate.pk, str(self.number), "email", at=self.time())

    def claim(self) -> None:
        claim_offer(self.rng.choice(self.advocates), email=self.friend(), at=self.time())

    def buy(self) -> None:
        details: dict[str, Any] = {}
        if self.rng.random() < 0.4:
            details["referral_code"] = self.rng.choice(self.advocates).code_key
        metadata = self.rng.choice([{}, {}, {"margin": "3.33"}, {"margin": "nothing"}])
        record_event(
            self.program,
            "purchase",
            external_id=f"o{self.number}",
            email=self.friend(),
            amount=self.rng.choice(["9.99", "20", "0"]),
            currency=self.rng.choice(["EUR", "EUR", "USD"]),
            occurred_at=self.time(),
            metadata=metadata,
            **details,
        )

    def refund(self) -> None:
        record_event(
            self.program,
            "refund",
            external_id=f"r{self.number}",
            refund_of=f"o{self.rng.randrange(1, self.number + 1)}",
            amount=self.rng.choice(["1.01", "9.99", "20"]),
            currency="EUR",
        )

    def grade(self) -> None:
        referral = self.rng.choice(list(Referral.objects.all()) or [None])
        if referral:
            grade_referral(referral, "B", reason="met", at=self.time())

    def repair(self) -> None:
        referral = self.rng.choice(list(Referral.objects.all()) or [None])
        if referral:
            repair_attribution(referral, self.rng.choice(self.advocates), reason="was wrong")

    def answer(self) -> None:
        FeedbackResponse.objects.create(
            page_id=self.program.landing_page_id,
            form_data={},
            program=self.program,
            submit_time=self.time(),
            heard=self.rng.choice(["", "Radio"]),
        )

    def spam(self) -> None:
        some = FeedbackResponse.objects.order_by("?").values_list("pk", flat=True)[:1]
        FeedbackResponse.objects.filter(pk__in=list(some)).update(state="spam")


@pytest.mark.django_db
def test_any_history_is_told_as_a_recount_would(landing, program, now, zone):
    history = History(program, len(zone), now)
    for _round in range(2):
        for _act in range(30):
            history.act()
        update_rollups()
        assert not ChangedHour.objects.filter(starts_at__lt=read_state()[0]).exists()
        assert_exact(program, now)
    assert Rollup.objects.filter(level=Level.MONTH).exists()


@pytest.mark.django_db
def test_a_history_is_whole_however_long_nobody_counted(landing, program, now, zone, monkeypatch):
    history = History(program, 3, now)
    monkeypatch.setattr(timezone, "now", lambda: history.now)
    for pause in (9, 19, 40):
        for _act in range(12):
            history.act()
        # Some hours in which nothing happens, the last run in the midst of a day, and the pause.
        history.now += 3 * HOUR
        update_rollups()
        history.now += pause * DAY
        update_rollups()
    assert_exact(program, history.now)


@pytest.mark.django_db
@pytest.mark.parametrize("pause", [9, 15, 19, 40, 400])
def test_a_month_in_which_counting_stopped_is_whole(advocate, program, now, monkeypatch, pause):
    last = datetime(2026, 10, 24, 14, 20, tzinfo=UTC)
    for number, day in enumerate((5, 24)):
        record_click(advocate.pk, str(number), at=datetime(2026, 10, day, 9, tzinfo=UTC))
    update_rollups(at=last)
    monkeypatch.setattr(timezone, "now", lambda: last + pause * DAY)
    update_rollups()
    october = Span(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    found = count_facts([program.pk], october, facts=["clicked"])
    assert found["clicked", ""].count == 2


@pytest.mark.django_db
def test_what_was_let_go_of_stays_counted_whatever_is_counted_again(advocate, program, now):
    for number, days in enumerate((420, 400, 390, 40)):
        record_click(advocate.pk, str(number), "email", at=now - days * DAY)
    update_rollups()
    told_before = told(count_facts([program.pk], ever(now), dimension="channel"))
    assert purge(at=now) == 2 == Click.objects.count()
    rebuild(date.min, date.max)
    assert told(count_facts([program.pk], ever(now), dimension="channel")) == told_before
    assert told_before["clicked", "email"] == (4, {})


@pytest.mark.django_db
def test_in_another_time_zone_days_are_counted_anew_but_for_what_is_gone(
    advocate, program, now, settings
):
    settings.TIME_ZONE = "America/New_York"
    evening = datetime(2026, 10, 5, 23, 30, tzinfo=UTC)
    for number, at in enumerate((now - 400 * DAY, evening)):
        record_click(advocate.pk, str(number), at=at)
    update_rollups()
    purge(at=now)
    settings.TIME_ZONE = "Asia/Kathmandu"
    update_rollups()
    clicks = Rollup.objects.filter(fact="clicked", dimension="", level=Level.DAY)
    days = {clock.local(row.starts_at).date() for row in clicks}
    assert date(2026, 10, 6) in days and len(days) == 2
    assert count_facts([program.pk], ever(now))["clicked", ""].count == 2


@pytest.mark.django_db
def test_facts_of_another_edition_are_counted_anew(advocate, program, now, monkeypatch):
    record_click(advocate.pk, "1", at=now - 40 * DAY)
    update_rollups()
    Rollup.objects.filter(fact="clicked").delete()
    assert update_rollups() == 0
    monkeypatch.setattr(keeping, "EDITION", keeping.EDITION + 1)
    assert update_rollups() > 0
    assert_exact(program, now)


@pytest.mark.django_db
def test_several_questions_are_answered_by_three_statements(
    advocate, program, now, django_assert_num_queries
):
    for number in range(60):
        record_click(advocate.pk, str(number), at=now - number * DAY - HOUR)
    update_rollups()
    span = Span(now - 60 * DAY, now)
    ways = {"": ("clicked",), "channel": ("clicked",)}
    cut = clock.day_of(now - 10 * DAY)
    questions = [Question(span, ways, step) for step in ("", Level.DAY, clock.WEEK, Level.MONTH)]
    with django_assert_num_queries(3):
        *answers, parts = count_all([program.pk], [*questions, Question(span, ways, cuts=[cut])])
    for answer in [*answers, parts]:
        assert added(answer[""]) == {("clicked", ""): (60, {})}
    assert [found["clicked", ""].count for found in parts[""].values()] == [49, 11]


@pytest.mark.django_db
@pytest.mark.parametrize("there", ["America/New_York", "Asia/Kathmandu"])
def test_in_another_time_zone_no_click_counts_twice_around_what_is_gone(
    advocate, program, now, settings, there
):
    """A click of every hour, the older half of which is let go of in the middle of a day."""
    first = now - 397 * DAY
    for number in range(96):
        record_click(advocate.pk, str(number), at=first + number * HOUR)
    update_rollups()
    purge(at=now)
    settings.TIME_ZONE = there
    for _time in range(2):
        update_rollups()
        assert count_facts([program.pk], ever(now))["clicked", ""].count == 96
        rebuild(date.min, date.max)
    assert 0 < Click.objects.count() < 96


@pytest.mark.django_db
def test_days_are_counted_anew_after_rows_were_written_past_the_verbs(advocate, program, now):
    record_click(advocate.pk, "1", at=now - 40 * DAY)
    update_rollups()
    old = [now - 35 * DAY, now - 3 * DAY]
    Click.objects.bulk_create(
        Click(advocate=advocate, visitor=str(at), occurred_at=at) for at in old
    )
    progress: list[tuple[int, int]] = []
    day = (now - 36 * DAY).date()
    assert rebuild(day, day + 60 * DAY, lambda *done: progress.append(done)) == 37
    assert progress[0] == (0, 37) and progress[-1] == (37, 37)
    assert_exact(program, now)
    assert rebuild(date.max, date.max) == rebuild(date.min, date.min) == 0


@pytest.mark.django_db
def test_a_purchase_of_tomorrow_waits_for_its_time(program, now, monkeypatch):
    record_event(
        program,
        "purchase",
        external_id="early",
        email="bo@example.org",
        amount=9,
        currency="EUR",
        occurred_at=now + 20 * HOUR,
    )
    update_rollups()
    assert not count_facts([program.pk], Span(now - DAY, now + 9 * DAY))
    monkeypatch.setattr(timezone, "now", lambda: now + 30 * HOUR)
    for _time in range(2):
        found = count_facts([program.pk], Span(now - DAY, now + 9 * DAY))
        assert found["purchase", ""].amounts == {"EUR": Decimal(9)}
        assert found["customer", ""].count == 1
        update_rollups()


@pytest.mark.django_db
def test_no_click_older_than_the_watermark_is_read_and_few_questions_are_asked(
    advocate, program, now, django_assert_max_num_queries
):
    for number in range(60):
        record_click(advocate.pk, str(number), at=now - number * DAY)
    update_rollups()
    with (
        django_assert_max_num_queries(3),
        CaptureQueriesContext(connection) as asked,
    ):
        assert count_facts([program.pk], ever(now))["clicked", ""].count == 59
    assert read_state()[0] == datetime(2026, 11, 2, 14, tzinfo=UTC)
    raw = [query["sql"] for query in asked if "referrals_click" in query["sql"]]
    assert len(raw) == 1 and "2026-11-02 14:00:00" in raw[0] and "2026-10" not in raw[0]
    before = Span(now - 90 * DAY, now - 30 * DAY)
    with django_assert_max_num_queries(2):
        assert len(count_steps([program.pk], before, Level.DAY)) == 61


@pytest.mark.django_db
def test_hours_are_told_apart_and_go_after_some_days(advocate, program, now):
    for number in range(24):
        record_click(advocate.pk, str(number), at=now - number * HOUR - timedelta(minutes=1))
    record_click(advocate.pk, "old", at=now - 20 * DAY)
    update_rollups()
    steps = count_steps([program.pk], Span(now - 20 * HOUR, now), Level.HOUR)
    assert [found["clicked", ""].count for found in steps.values()] == [1] * 21
    # What is known by days only has no hours.
    old = count_steps([program.pk], Span(now - 20 * DAY, now - 20 * DAY + 2 * HOUR), Level.HOUR)
    assert [found["clicked", ""].count for found in old.values()] == [1]
    assert not Rollup.objects.filter(level=Level.HOUR, starts_at__lt=now - 9 * DAY).exists()
    later = now + 12 * DAY
    update_rollups(at=later)
    assert not Rollup.objects.filter(level=Level.HOUR).exists()
    assert_exact(program, now)


@pytest.mark.django_db
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize(
    ("back", "length"),
    [(2000 * DAY, DAY), (3650 * DAY, 3650 * DAY), (2 * HOUR, HOUR), (-3 * DAY, DAY), (DAY, -DAY)],
    ids=["before all", "ten years", "one hour", "to come", "backwards"],
)
def test_any_period_is_told(advocate, program, now, counted, back, length):
    record_click(advocate.pk, "1", at=now - 90 * timedelta(minutes=1))
    if counted:
        update_rollups()
    start = clock.hour_of(now - back)
    span = Span(start, start + length)
    expected = {key: one for key, one in by_hand(program, span).items() if key[0] == "clicked"}
    assert told(count_facts([program.pk], span, facts=["clicked"])) == expected
    steps = count_steps([program.pk], span, Level.MONTH, facts=["clicked"])
    assert added(steps) == expected and len(steps) <= 122
    assert not count_facts([], span) and not count_facts([program.pk + 99], span)


def test_the_ends_of_time_are_no_error(db, now):
    whole = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert count_facts([1], whole) == {}


@pytest.mark.django_db
@pytest.mark.needs_database("postgresql")
def test_clicks_that_are_partitioned_as_the_docs_say_count_once_and_go_by_the_month(advocate):
    def click(visitor):
        record_click(advocate.pk, visitor, at=datetime(2026, 12, 5, tzinfo=UTC))

    record_click(advocate.pk, "before", at=datetime(2026, 10, 5, tzinfo=UTC))
    how_to = (Path(__file__).parents[2] / "docs" / "how-to.md").read_text()
    (sql,) = re.findall(r"```sql\nBEGIN;\n(.*?)COMMIT;\n```", how_to, re.DOTALL)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
        for visitor in ("one", "two", "one"):
            click(visitor)
        assert Click.objects.count() == len(set(Click.objects.values_list("pk", flat=True))) == 3
        cursor.execute("DROP TABLE click_rest")
    assert set(Click.objects.values_list("visitor", flat=True)) == {"one", "two"}


@pytest.mark.django_db
def test_facts_of_now_leave_no_mark(landing, program, advocate):
    record_click(advocate.pk, "1")
    claim_offer(advocate, email="bo@example.org")
    buy = {"email": "bo@example.org", "amount": 9, "currency": "EUR"}
    record_event(program, "purchase", external_id="1", **buy)
    assert not ChangedHour.objects.exists()


@pytest.mark.django_db
def test_it_is_done_when_it_is_due(advocate):
    record_click(advocate.pk, "1", at=timezone.now() - 30 * DAY)
    assert run_due()["hours_counted"] > 190
    assert run_due()["hours_counted"] == 0


def test_an_import_that_goes_on_and_on_does_not_keep_a_run_from_its_end(
    advocate, program, now, monkeypatch
):
    update_rollups()
    record_click(advocate.pk, "late", at=now - 3 * DAY)
    store, stored = keeping._store, []

    def store_and_import(*job):
        stored.append(job)
        assert len(stored) < 9, "it never ends"
        record_click(advocate.pk, f"later-{len(stored)}", at=now - (3 + len(stored)) * DAY)
        return store(*job)

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_store", store_and_import)
        update_rollups()
    update_rollups()
    assert_exact(program, now)


def test_a_dry_hour_counts_nothing_twice(db, now):
    update_rollups(at=now)
    assert RollupState.objects.get().counted_until == datetime(2026, 11, 2, 14, tzinfo=UTC)
    assert update_rollups(at=now) == 0


# Around the nights when clocks change, in the north and the south.
YEARS = st.sampled_from([2016, 2017, 2026]).map(lambda year: datetime(year, 1, 1, tzinfo=UTC))
HOURS = st.integers(0, 24 * 366)
PLACES = st.sampled_from([*ZONES, "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"])


@given(PLACES, YEARS, HOURS, st.integers(1, 24 * 100), HOURS, st.integers(0, 400))
def test_the_pieces_of_a_period_leave_nothing_out_and_take_nothing_twice(
    place, year, start, length, until, kept
):
    with override_settings(TIME_ZONE=place):
        begin = clock.hour_of(year + start * HOUR)
        end = clock.hour_of(begin + length * HOUR)
        until = clock.hour_of(year + until * HOUR)
        hours_from = clock.day_of(until - kept * HOUR)
        pieces = sorted(cover(begin, end, until, hours_from), key=lambda piece: piece.start)
        if begin >= until or begin == end:
            assert sum(piece.end > piece.start for piece in pieces) == 0 or begin < until
            return
        for one, after in pairwise(pieces):
            assert one.end == after.start
        for piece in pieces:
            assert clock.OF[piece.level](piece.start) == piece.start < piece.end
            assert clock.OF[piece.level](piece.end) == piece.end
            assert piece.level != Level.HOUR or piece.start >= hours_from
        first, last = pieces[0].start, pieces[-1].end
        assert first == (begin if begin >= hours_from else clock.day_of(begin))
        end = min(end, until)
        assert last == (end if end >= hours_from else clock.ceil(Level.DAY, end))


@given(PLACES, YEARS, HOURS)
def test_hours_days_and_months_follow_each_other(place, year, start):
    with override_settings(TIME_ZONE=place):
        at = year + start * HOUR + timedelta(minutes=17)
        for level in (*Level, clock.WEEK):
            begin = clock.OF[level](at)
            after = clock.NEXT[level](begin)
            assert begin <= at < after
            assert clock.OF[level](after) == after
            assert clock.OF[level](after - timedelta(minutes=1)) == begin
