"""The tallies tell what a recount of the answers would, whatever happened to them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_referrals.due import run_due
from wagtail_referrals.feedback.changes import day_of
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights import tallies
from wagtail_referrals.insights.models import ChangedDay, FeedbackTally, TallyState
from wagtail_referrals.insights.nps import Scores
from wagtail_referrals.insights.tallies import (
    DIMENSIONS,
    count_scores,
    note_changed,
    recount,
    update_tallies,
)
from wagtail_referrals.people.erase import erase_person

pytestmark = pytest.mark.django_db
BY = ("day", *DIMENSIONS)


@pytest.fixture
def answer(feedback_page, program):
    """Store one answer of so many days ago."""

    def answer(days: float = 0, score: int | None = 9, **values: Any) -> FeedbackResponse:
        return FeedbackResponse.objects.create(
            page_id=feedback_page.pk,
            form_data={},
            program=program,
            score=score,
            submit_time=timezone.now() - timedelta(days=days),
            **values,
        )

    return answer


def recounted(by=BY, keep=lambda row: True) -> dict[tuple, Scores]:
    """By hand, from every row."""
    scores: dict[tuple, Counter[int]] = {}
    for row in FeedbackResponse.objects.all():
        values = {"day": day_of(row.submit_time)} | {n: getattr(row, n) for n in DIMENSIONS}
        if row.score is not None and row.state == "received" and keep(row):
            scores.setdefault(tuple(values[name] for name in by), Counter())[row.score] += 1
    return {key: Scores.of(counts.elements()) for key, counts in scores.items()}


def test_before_the_first_run_everything_is_counted_live(answer):
    for days in (0, 1, 2, 40):
        answer(days)
    assert not FeedbackTally.objects.exists()
    assert count_scores(BY) == recounted()


def test_days_that_are_over_are_tallied_and_the_newest_are_not(answer):
    for days in (0, 1, 2, 3, 40):
        answer(days)
    assert update_tallies() == 3
    today = day_of(timezone.now())
    assert {t.day for t in FeedbackTally.objects.all()} == {
        today - timedelta(days=days) for days in (2, 3, 40)
    }
    assert count_scores(BY) == recounted()
    assert update_tallies() == 0


def test_an_answer_without_a_score_counts_for_nothing(answer):
    answer(5, None)
    update_tallies()
    assert count_scores(BY) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda row: FeedbackResponse.objects.filter(pk=row.pk).update(state="spam"),
        lambda row: row.delete(),
        lambda row: FeedbackResponse.objects.filter(pk=row.pk).delete(),
        lambda row: FeedbackResponse.objects.filter(pk=row.pk).update(score=0),
        lambda row: FeedbackResponse.objects.filter(pk=row.pk).update(source="flyer", score=None),
        lambda row: (setattr(row, "score", 1), row.save()),
        lambda row: (setattr(row, "pk", None), row.save(force_insert=True)),
        lambda row: row.page.delete(),
    ],
    ids=[
        "taken for spam",
        "deleted",
        "many deleted",
        "corrected",
        "unscored",
        "saved",
        "came late",
        "page gone",
    ],
)
def test_a_change_of_a_tallied_day_is_told_at_once_and_counted_at_the_next_run(answer, change):
    row = answer(10, source="mail")
    answer(10, 3)
    update_tallies()
    change(row)
    assert count_scores(BY) == recounted()
    update_tallies()
    assert count_scores(BY) == recounted()
    assert not ChangedDay.objects.exists()


def test_a_program_that_is_gone_leaves_its_scores(answer, program):
    answer(10)
    update_tallies()
    type(program).objects.filter(pk=program.pk).update(landing_page=None)
    FeedbackResponse.objects.update(program=None)
    assert count_scores(BY) == recounted()
    update_tallies()
    assert count_scores(BY) == recounted()


def test_the_time_of_an_answer_cannot_be_changed_for_many(answer):
    answer()
    with pytest.raises(TypeError):
        FeedbackResponse.objects.update(submit_time=timezone.now())


def test_an_erased_person_s_source_leaves_the_tallies(feedback_page, program):
    at = timezone.now() - timedelta(days=9)
    program.starts_at = at
    program.save()
    answers = Answers("ann@example.org", score=9, source="card of ann@example.org")
    person = submit_feedback(feedback_page, program, answers, at=at).response.person
    update_tallies()
    erase_person(person, reason="asked for it")
    update_tallies()
    assert [tally.source for tally in FeedbackTally.objects.all()] == ["card of –"]
    assert count_scores(BY) == recounted()


def test_an_answer_of_today_leaves_no_work_behind(feedback_page, program):
    submit_feedback(feedback_page, program, Answers("ann@example.org", score=9))
    assert not ChangedDay.objects.exists()


def test_a_mark_that_comes_while_its_day_is_counted_stays(answer, monkeypatch):
    answer(10)
    update_tallies()
    day = day_of(timezone.now() - timedelta(days=10))
    note_changed([day])
    count, marks = tallies._count, iter([[day]])

    def count_and_meet_a_change(counted):
        count(counted)
        note_changed(next(marks, []))

    monkeypatch.setattr(tallies, "_count", count_and_meet_a_change)
    assert update_tallies() == 2


def test_periods_and_conditions_hold_for_tallies_and_for_live_days_alike(answer):
    rng = Random(4)
    for _number in range(120):
        answer(rng.uniform(0, 30), rng.randrange(11), source=rng.choice(["", "mail"]))
    update_tallies()
    today = day_of(timezone.now())
    start, end = today - timedelta(days=20), today - timedelta(days=1)
    found = count_scores(("source",), start=start, end=end, only=Q(source="mail"))
    wanted = recounted(
        ("source",),
        lambda row: row.source == "mail" and start <= day_of(row.submit_time) <= end,
    )
    assert found == wanted


def test_a_day_is_one_of_the_sites_clock(answer, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    answer()
    row = FeedbackResponse.objects.get()
    late = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    row.pk, row.score, row.submit_time = None, 5, late
    FeedbackResponse.objects.bulk_create([row])
    update_tallies()
    assert FeedbackTally.objects.get(score_5=1).day == date(2026, 3, 2)


def test_in_another_time_zone_days_are_tallied_anew(answer, settings):
    for hours in range(0, 48, 3):
        answer(days=9 + hours / 24, score=hours % 11)
    update_tallies()
    settings.TIME_ZONE = "Asia/Kathmandu"
    for _time in range(2):
        assert count_scores(BY) == recounted()
        update_tallies()
    assert FeedbackTally.objects.exists()


def test_rows_written_past_django_are_counted_by_the_command(answer):
    answer(10)
    update_tallies()
    row = FeedbackResponse.objects.get()
    row.pk = None
    FeedbackResponse.objects.bulk_create([row])
    assert count_scores(BY) != recounted()
    told = StringIO()
    call_command("referrals_recount_feedback", stdout=told)
    assert told.getvalue() == "days counted: 1\n"
    assert count_scores(BY) == recounted()
    assert recount() == 1


def test_without_answers_there_is_nothing_to_do():
    assert (update_tallies(), recount(), count_scores(BY)) == (0, 0, {})


def test_it_is_done_when_it_is_due(answer):
    answer(3)
    assert run_due()["days_tallied"] == 1
    assert TallyState.objects.get().counted_before == day_of(timezone.now()) - timedelta(days=2)


def test_reading_takes_few_queries_however_many_days_there_are(answer):
    for days in range(12):
        answer(days)
    update_tallies()
    with CaptureQueriesContext(connection) as captured:
        count_scores(DIMENSIONS)
    assert len(captured) <= 4


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["answer", "delete", "correct", "move", "run", "recount"]),
        st.integers(0, 8),
        st.integers(0, 10),
        st.sampled_from(["", "mail", "till"]),
        st.sampled_from([None, True, False]),
    ),
    max_size=30,
)


@given(STEPS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_after_any_history_the_tallies_tell_what_a_recount_would(answer, feedback_page, steps):
    FeedbackResponse.objects.all().delete()
    for step, days, score, source, regular in steps:
        rows = FeedbackResponse.objects.order_by("submit_time")
        row = rows[min(days, max(rows.count() - 1, 0)) :].first()
        if step == "answer":
            answer(days, score, source=source, regular=regular, locale="de" if days % 2 else "en")
        elif step == "run":
            update_tallies()
        elif step == "recount":
            recount()
        elif row is None:
            continue
        elif step == "delete":
            row.delete()
        elif step == "correct":
            FeedbackResponse.objects.filter(pk=row.pk).update(score=score)
        else:
            FeedbackResponse.objects.filter(pk=row.pk).update(source=source, regular=regular)
        assert count_scores(BY) == recounted()
    update_tallies()
    assert count_scores(("source", "regular")) == recounted(("source", "regular"))
