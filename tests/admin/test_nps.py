"""The NPS report shows what a recount by hand says, to those who may see it."""

import csv
import random
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.models import GroupPagePermission
from wagtail.users.models import UserProfile

from tests.admin.conftest import open_pages_to, staff
from wagtail_referrals.admin.nps import verdict
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.insights.nps import Scores, compare
from wagtail_referrals.insights.tallies import update_tallies

pytestmark = pytest.mark.django_db
URL = "/admin/referrals/nps/"


@pytest.fixture
def answers(feedback_page, program):
    """120 answers of the last 100 days: 60 promoters, 30 passives, 30 detractors."""
    rng = random.Random(9)
    scores = [9, 10] * 30 + [7, 8] * 15 + [0, 3, 6] * 10
    for number, score in enumerate(scores):
        FeedbackResponse.objects.create(
            page_id=feedback_page.pk,
            form_data={},
            words="More seats, please" if number % 2 else "The queue is long",
            program=program,
            score=score,
            submit_time=timezone.now() - timedelta(days=rng.uniform(0, 99)),
            source=("mail", "till", "")[number % 3],
            regular=bool(number % 2),
            locale="de" if number % 4 else "en",
        )


def test_without_answers_it_says_what_to_do(owner, feedback_page):
    assert "There are no answers yet" in owner.get(URL).content.decode()


def test_it_tells_the_score_the_interval_and_who_gave_what(owner, answers):
    update_tallies()
    response = owner.get(URL)
    whole = response.context["report"].whole
    assert (whole.promoters, whole.passives, whole.detractors, whole.nps) == (60, 30, 30, 25)
    page = response.content.decode()
    assert "From 120 answers." in page
    assert "NPS 25 on a scale" in page
    assert [count for _score, count, _bar in response.context["distribution"]] == list(whole.counts)
    assert "style=" not in page.split('class="referrals-nps"')[1].split("</main>")[0]


def test_the_parts_add_up_to_the_whole(owner, answers):
    report = owner.get(URL).context["report"]
    for values in [*report.splits.values(), report.steps]:
        assert sum(scores.total for scores in values.values()) == 120
        assert sum(scores.promoters for scores in values.values()) == 60


@pytest.mark.parametrize("step", ["week", "month"])
def test_the_trend_has_every_week_or_month(owner, answers, step):
    response = owner.get(URL, {"step": step})
    days = list(response.context["report"].steps)
    gaps = {(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)}
    assert gaps <= ({7} if step == "week" else {28, 29, 30, 31})


def test_filters_choose_what_is_counted(owner, answers, feedback_page, program):
    asked = {"source": "MAIL", "who": "regular", "page": feedback_page.pk, "program": program.pk}
    asked |= {"locale": "de"}
    wanted = FeedbackResponse.objects.filter(source="mail", regular=True, locale="de")
    assert owner.get(URL, asked).context["report"].whole.total == wanted.count()


def test_two_groups_are_compared_in_plain_words(owner, answers):
    response = owner.get(URL, {"one": "regular:True", "other": "regular:False"})
    label, other, comparison, words = response.context["compared"]
    assert (label, other) == ("Regulars", "First-timers")
    assert comparison.one.total == comparison.other.total == 60
    assert words == "Both are the same."
    assert words in response.content.decode()


def test_nothing_is_said_of_chance_where_groups_share_answers(owner, answers):
    response = owner.get(URL, {"one": "regular:True", "other": "source:mail"})
    assert "may be in both" in response.context["compared"][3]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ((60, 20, 20), (50, 20, 30), "20 points higher. Chance alone often"),
        ((50, 20, 30), (60, 20, 20), "20 points lower. Chance alone often"),
        ((600, 200, 200), (500, 200, 300), "20 points higher. Chance alone would hardly"),
        ((6, 2, 2), (5, 2, 3), "20 points higher. But one of the two has few"),
        ((60, 20, 20), (60, 20, 20), "Both are the same."),
        ((6, 2, 2), (6, 2, 2), "Both are the same. But one of the two has few"),
        ((6, 2, 2), (0, 0, 0), "There is nothing to compare"),
    ],
)
def test_a_difference_is_told_with_what_chance_may_have_done(one, other, said):
    one, other = (
        Scores((detractors, 0, 0, 0, 0, 0, 0, 0, passives, 0, promoters))
        for promoters, passives, detractors in (one, other)
    )
    words = verdict(compare(one, other))
    assert words.startswith(said)
    assert words == said or not said.endswith("same.")


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "yesterday"},
        {"start": "2026-02-01", "end": "2026-01-01"},
        {"start": "0001-01-01", "end": "9999-12-31"},
        {"end": "0001-01-01"},
        {"page": "x", "program": "99999999999999999999"},
        {"source": "\x00" * 80, "locale": "'\"><"},
        {"one": "page_id:", "other": "nothing", "utm_source": "x", "step": "year"},
    ],
)
def test_whatever_stands_in_the_address_is_borne(owner, answers, asked):
    assert owner.get(URL, asked).status_code == 200
    assert owner.get(URL, {**asked, "export": "csv"}).status_code == 200


def test_the_export_has_the_same_numbers_and_no_formula(owner, answers):
    FeedbackResponse.objects.filter(source="till").update(source="=1+1")
    rows = list(csv.reader(StringIO(owner.get(URL, {"export": "csv"}).content.decode())))
    assert rows[1][2:7] == ["120", "60", "30", "30", "25.00"]
    assert ["Source", "'=1+1", "40"] in [row[:3] for row in rows]


def test_words_of_the_open_answers_are_counted_by_answer(owner, answers):
    words = dict(word for word, _bar in owner.get(URL).context["words"])
    assert (words["queue"], words["seats"]) == (60, 60)
    assert "the" not in words


def test_smileys_are_counted_in_the_newest_answers(owner, answers):
    assert owner.get(URL).context["faces"] == []
    for number, row in enumerate(FeedbackResponse.objects.order_by("pk")[:3]):
        FeedbackResponse.objects.filter(pk=row.pk).update(csat=(1, 4, 4)[number])
    page = owner.get(URL)
    assert [(str(name), count) for name, count, _bar in page.context["faces"]] == [
        ("Very bad", 1),
        ("Bad", 0),
        ("So-so", 0),
        ("Good", 2),
        ("Very good", 0),
    ]
    assert 'id="nps-faces"' in page.content.decode()


def test_who_may_not_open_a_page_s_answers_does_not_see_its_score(
    django_user_model, answers, feedback_page
):
    client = staff(django_user_model, "clara", ("view",))
    GroupPagePermission.objects.all().delete()
    assert "There are no answers yet" in client.get(URL).content.decode()
    open_pages_to(Group.objects.get(name="clara"), feedback_page.page_ptr)
    assert client.get(URL).context["report"].whole.total == 120


def test_nor_who_may_not_see_its_program(django_user_model, answers, feedback_page, program):
    client = staff(django_user_model, "clara", ("view",))
    GroupPagePermission.objects.all().delete()
    open_pages_to(Group.objects.get(name="clara"), feedback_page.page_ptr)
    program.groups.add(Group.objects.create(name="others"))
    assert client.get(URL).context["report"].whole.total == 0


def test_it_asks_the_database_as_often_for_many_answers_as_for_few(owner, answers):
    update_tallies()
    owner.get(URL)
    with CaptureQueriesContext(connection) as few:
        owner.get(URL)
    row = FeedbackResponse.objects.first()
    FeedbackResponse.objects.bulk_create(
        FeedbackResponse(page_id=row.page_id, program_id=row.program_id, score=n % 11, form_data={})
        for n in range(500)
    )
    with CaptureQueriesContext(connection) as many:
        owner.get(URL)
    assert len(many) == len(few) <= 40


def test_months_are_named_as_months(owner, answers):
    update_tallies()
    page = owner.get(f"{URL}?step=month").content.decode()
    # On the first of a month nobody may have answered yet.
    newest = FeedbackResponse.objects.latest("submit_time").submit_time
    assert f'<th scope="row">{date_format(newest, "YEAR_MONTH_FORMAT")}</th>' in page


@pytest.mark.parametrize("of_reader", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_its_last_day_is_today_by_the_sites_clock(owner, django_user_model, of_reader):
    """Of the two readers one is always a day ahead of or behind the site."""
    for user in django_user_model.objects.all():
        UserProfile.objects.update_or_create(user=user, defaults={"current_time_zone": of_reader})
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    assert owner.get(URL).context["view"].period.end == today
