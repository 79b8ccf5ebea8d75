"""500 made-up customers play through the starters; the report says what was drawn."""

import random
from collections import Counter
from datetime import timedelta
from math import sqrt

import pytest
from django.utils import timezone

from example_site.demo_feedback import play_customers
from wagtail_referrals.feedback.case_models import Case, CaseState
from wagtail_referrals.feedback.changes import day_of
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.insights.report import MONTH, Period, make_report
from wagtail_referrals.insights.tallies import update_tallies
from wagtail_referrals.pages.models import ReviewRequestPage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def played(program):
    now = timezone.now()
    program.starts_at = now - timedelta(days=45)
    program.save()
    root = program.site.root_page
    return now, play_customers(random.Random(1), program, root, now)


def independent(scores):
    """NPS and interval written down anew, from the definition."""
    n = len(scores)
    promoters, detractors = sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    reach = 1.959964 * sqrt((p + d - (p - d) ** 2) / (n + 3))
    return (
        n,
        round(100 * (promoters - detractors) / n, 6),
        round(100 * (p - d - reach), 3),
        round(100 * (p - d + reach), 3),
    )


def told(scores):
    return (scores.total, round(scores.nps, 6), *(round(end, 3) for end in scores.interval))


def test_the_report_equals_an_independent_calculation(played):
    now, drawn = played
    update_tallies()
    numbers = [one for one in drawn if one.score is not None]
    assert len(drawn) >= 500
    assert FeedbackResponse.objects.count() == len(drawn)
    day = day_of(now)
    report = make_report(Period(day - timedelta(days=500), day), step=MONTH)
    assert told(report.whole) == independent([one.score for one in numbers])
    assert list(report.whole.counts) == [
        Counter(one.score for one in numbers)[score] for score in range(11)
    ]
    for name in ("source", "locale"):
        wanted = {getattr(one, name) for one in numbers}
        assert set(report.splits[name]) == wanted
        for value in wanted:
            own = [one.score for one in numbers if getattr(one, name) == value]
            assert told(report.splits[name][value]) == independent(own), value
    months = Counter(day_of(one.at).replace(day=1) for one in numbers)
    assert {day: scores.total for day, scores in report.steps.items() if scores.total} == months
    seen, regulars = set(), []
    for one in drawn:
        if one.email in seen and one.score is not None:
            regulars.append(one.score)
        seen.add(one.email)
    assert told(report.splits["regular"][True]) == independent(regulars)


def test_it_fills_follow_ups_and_testimonials(played):
    now, drawn = played
    unhappy = sum(one.score is not None and one.score <= 6 for one in drawn)
    assert Case.objects.filter(occasion="detractor").count() == unhappy
    assert Case.objects.filter(state=CaseState.CLOSED).exists()
    assert Case.objects.exclude(state=CaseState.CLOSED).exists()
    assert Testimonial.objects.filter(live=True).count() == 8
    assert Testimonial.objects.filter(live=False).exists()


def test_the_review_request_ends_with_places_to_write_to(played):
    page = ReviewRequestPage.objects.get()
    assert [block.value.words for block in page.review_links if block.value.address] == [
        "Lindhaven city guide",
        "The coffee map",
    ]
