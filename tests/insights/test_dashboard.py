"""The dashboard's numbers: right, or “not enough”, for any period and whatever has happened."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.fixtures import make_program
from tests.insights.playing import make_experiment
from tests.rewards.buying import buy, issue_all
from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.champion_models import ValueSettings
from wagtail_referrals.insights.dashboard import (
    Chart,
    Dashboard,
    FunnelStep,
    Number,
    about,
    as_rows,
    make_dashboard,
    sample_dashboard,
)
from wagtail_referrals.insights.experiment_plan import start_experiment
from wagtail_referrals.insights.facts import DIMENSIONS
from wagtail_referrals.insights.found import Period
from wagtail_referrals.insights.goal_models import ChannelCost, Goal
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.referrals.clicks import record_click, record_share
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

TODAY = timezone.localdate


def look(program: Program, days: int = 30, **options: object) -> Dashboard:
    end = TODAY()
    return make_dashboard([program], end - timedelta(days=days - 1), end, **options)  # type: ignore[arg-type]


def number(dashboard: Dashboard, key: str, currency: str = "") -> Number:
    numbers = [*dashboard.headlines, *dashboard.money, *dashboard.growth]
    return next(n for n in numbers if n.key == key and currency in ("", n.currency))


def chart(dashboard: Dashboard, key: str) -> Chart:
    return next(one for one in dashboard.charts if one.key == key)


def counts(dashboard: Dashboard) -> dict[str, int]:
    return {step.key: step.count for step in dashboard.funnel}


@pytest.fixture
def played(advocate, feedback_page) -> Program:
    """Ann shared once, two opened it, Bo claimed and bought, Cy bought by himself and answered."""
    program = advocate.program
    Program.objects.update(starts_at=timezone.now() - timedelta(days=10))
    program.refresh_from_db()
    ValueSettings.objects.create(program=program, margin_percent=40)
    record_share(advocate.pk, "ann-today", "whatsapp")
    record_click(advocate.pk, "visitor-1", "whatsapp")
    record_click(advocate.pk, "visitor-2", "email")
    claim_offer(advocate, email="friend-1@example.org")
    buy(advocate, "1", "50.00")
    purchase(program, "2", "cy@example.org", "30.00")
    submit_feedback(
        feedback_page, program, Answers("cy@example.org", score=9, heard="A search engine")
    )
    return program


def purchase(program: Program, order: str, email: str, amount: str, **values: object) -> None:
    record_event(
        program,
        "purchase",
        external_id=order,
        email=email,
        **{"amount": Decimal(amount), "currency": "EUR", **values},
    )


def test_the_funnel_says_how_many_went_how_far(played):
    dashboard = look(played)
    found = counts(dashboard)
    assert [found[key] for key in ("answered", "shared", "clicked", "claimed", "converted")] == [
        *(1, 1, 2, 1, 1),
    ]
    claimed = next(step for step in dashboard.funnel if step.key == "claimed")
    assert (claimed.rate, claimed.drop) == (Decimal("50.0"), 1)


def step(dashboard: Dashboard, key: str) -> FunnelStep:
    return next(one for one in dashboard.funnel if one.key == key)


def later(monkeypatch) -> None:
    """So long that nothing is held any more."""
    issue_all()
    at = timezone.now() + timedelta(days=15)
    monkeypatch.setattr(timezone, "now", lambda: at)


def test_rewarded_are_friends_for_whom_whoever_recommended_them_got_something(played, monkeypatch):
    """Not the coupons of friends, nor what is given for an answer."""
    assert Reward.objects.filter(state="issued").count() >= 2
    assert step(look(played), "rewarded").count == 0
    later(monkeypatch)
    assert step(look(played), "rewarded").count == 1


def test_a_friend_for_whom_somebody_was_rewarded_twice_is_one(played, monkeypatch):
    more = RewardRule(program=played, trigger="first_purchase", name="And once more")
    save_rule(more, [RuleEffect(beneficiary="advocate")])
    di = join_program(played, find_or_add_person("di@example.org"))
    purchase(played, "9", "ed@example.org", "20.00", referral_code=di.display_code)
    later(monkeypatch)
    assert Reward.objects.filter(beneficiary="advocate", state="issued").count() == 3
    assert step(look(played), "rewarded").count == 2


def test_the_funnel_ends_with_no_more_than_bought(played, monkeypatch):
    later(monkeypatch)
    rewarded = step(look(played), "rewarded")
    assert (rewarded.rate, rewarded.drop) == (Decimal("100.0"), 0)


def test_rewards_for_feedback_are_told_apart_and_no_part_of_a_customer_s_cost(
    played, feedback_page, monkeypatch
):
    Offer.objects.filter(pk=played.friend_offer_id).update(
        kind="fixed", amount=Decimal(7), currency="EUR"
    )
    program = Program.objects.get(pk=played.pk)
    submit_feedback(feedback_page, program, Answers("dora@example.org", score=9))
    later(monkeypatch)
    dashboard = look(played)
    assert number(dashboard, "for_feedback").value == 7
    assert number(dashboard, "given").value == 17
    assert number(dashboard, "cost").value == dashboard.costs[0].cost == 10


def test_where_more_come_than_before_there_is_no_rate_and_it_says_why(played):
    clicked = next(step for step in look(played).funnel if step.key == "clicked")
    assert (clicked.rate, clicked.drop) == (None, None)
    assert "many friends" in clicked.why


def test_each_number_leads_to_the_rows_behind_it(played):
    claimed = next(step for step in look(played).funnel if step.key == "claimed")
    name, query = claimed.rows
    assert name == "referrals_referrals:index"
    assert query["program"] == [played.pk]
    assert query["claimed_at_to"] == TODAY().isoformat()


def test_a_split_adds_up_to_the_whole(played):
    [split] = look(played, split_by="channel").splits
    clicks = {label: values[3] for label, values in split.rows}
    assert clicks["WhatsApp link"] == clicks["e-mail link"] == 1
    assert [values[2] for _label, values in split.rows] == [1, 0] + [0] * (len(split.rows) - 2)
    # An answer comes by no channel.
    assert all(values[1] is None for _label, values in split.rows)


def test_every_dimension_is_told_in_words(played):
    for dimension in (*DIMENSIONS, "nonsense"):
        [split] = look(played, split_by=dimension).splits
        assert split.dimension in DIMENSIONS
        assert all(label and not label.isdecimal() for label, _values in split.rows), dimension


def test_new_customers_by_recommendation_and_their_share_of_all(played):
    Goal.objects.create(program=played, referred_percent=60)
    dashboard = look(played)
    assert number(dashboard, "customers").value == 1
    share = number(dashboard, "share")
    assert share.value == 50 and "1 of 2" in str(share.how) and "60 %" in str(share.how)
    goal = chart(dashboard, "share").series[-1]
    assert goal.key == "goal" and set(goal.values) == {Decimal(60)}


def test_what_customers_say_stands_beside_what_is_attributed(played):
    dashboard = look(played)
    heard = chart(dashboard, "heard")
    assert [series.label for series in heard.series] == ["A search engine"]
    assert heard.steps == chart(dashboard, "customers").steps


def test_revenue_and_margin_of_referred_and_other_customers(played):
    dashboard = look(played)
    values = [
        number(dashboard, key).value
        for key in ("revenue", "margin", "revenue_others", "margin_others")
    ]
    assert values == [Decimal("50.00"), Decimal("20.00"), Decimal("30.00"), Decimal("12.00")]


def test_a_margin_nobody_has_told_is_not_guessed(played):
    ValueSettings.objects.all().delete()
    dashboard = look(played)
    assert number(dashboard, "margin").value is None
    assert any("Customer value" in str(remark) for remark in dashboard.remarks)


def test_a_negative_margin_is_one(played):
    purchase(played, "loss", "friend-1@example.org", "10.00", metadata={"margin": "-70.00"})
    assert number(look(played), "margin").value == Decimal("-50.00")


def test_two_currencies_are_never_added(played):
    purchase(played, "usd", "friend-1@example.org", "7.00", currency="USD")
    dashboard = look(played)
    assert number(dashboard, "revenue", "EUR").value == Decimal("50.00")
    assert number(dashboard, "revenue", "USD").value == Decimal("7.00")
    assert "EUR, USD" in str(dashboard.remarks[0])


def test_a_purchase_dated_in_the_future_is_only_remarked_on(played):
    before = number(look(played), "revenue").value
    at = timezone.now() + timedelta(hours=20)
    purchase(played, "soon", "friend-1@example.org", "70.00", occurred_at=at)
    dashboard = look(played)
    assert number(dashboard, "revenue").value == before
    assert any("1 purchase has a date in the future" in str(one) for one in dashboard.remarks)


def test_rewards_are_told_against_the_budget(played):
    Program.objects.update(budget_amount=Decimal(100))
    played.refresh_from_db()
    buy(join_program(played, find_or_add_person("di@example.org")), "9")
    dashboard = look(played)
    assert number(dashboard, "promised").value == number(dashboard, "held").value == 20
    assert number(dashboard, "budget").value == 100
    # The first was granted when there was no budget.
    assert number(dashboard, "budget_left").value == 90


def test_growth_is_worked_out_from_what_is_shown(played):
    dashboard = look(played)
    growth = {one.key: one.value for one in dashboard.growth}
    # Two advocates, one share in ten days, which brought one of the two customers.
    assert growth["share_rate"] == Decimal("1.50")
    assert growth["conversion"] == Decimal("100.0")
    assert growth["k"] == Decimal("1.50")
    assert growth["participation"] == Decimal("100.0")
    assert growth["cycle"] == Decimal("0.0")


def test_the_cost_of_a_channel_is_that_of_its_days_in_the_period(played):
    today = TODAY()
    ChannelCost.objects.create(
        program=played,
        channel="a SEARCH engine ",
        starts_on=today - timedelta(days=9),
        ends_on=today,
        cost=Decimal("100.00"),
    )
    own, search = look(played, days=5).costs
    assert (search.cost, search.customers, search.each) == (Decimal("50.00"), 1, Decimal("50.00"))
    assert (own.customers, own.cost, own.each) == (1, 0, Decimal("0.00"))


def test_a_cost_with_the_owner_s_number_is_shared_out_with_it(played):
    today = TODAY()
    ChannelCost.objects.create(
        program=played,
        channel="Newspaper",
        starts_on=today - timedelta(days=9),
        ends_on=today,
        cost=Decimal("100.00"),
        customers=8,
    )
    newspaper = look(played, days=5).costs[-1]
    assert (newspaper.cost, newspaper.customers) == (Decimal("50.00"), 4)
    assert newspaper.each == Decimal("12.50")


def test_two_customers_of_a_cost_that_lies_partly_in_the_period_are_shown_in_part(played):
    """66 shared by 2.2 customers, not by 2: each cost 30."""
    today = TODAY()
    ChannelCost.objects.create(
        program=played,
        channel="Newspaper",
        starts_on=today - timedelta(days=9),
        ends_on=today,
        cost=Decimal("330.00"),
        customers=11,
    )
    newspaper = look(played, days=2).costs[-1]
    assert (newspaper.cost, newspaper.customers) == (Decimal("66.00"), Decimal("2.20"))
    assert newspaper.each == Decimal("30.00")


def test_a_channel_s_answers_are_those_of_the_days_it_was_paid_for(played):
    """Also where the chart's step is a month."""
    yesterday = TODAY() - timedelta(days=1)
    ChannelCost.objects.create(
        program=played,
        channel="A search engine",
        starts_on=yesterday,
        ends_on=yesterday,
        cost=Decimal("10.00"),
    )
    for days in (2, 30, 365):
        search = look(played, days=days).costs[-1]
        assert (search.customers, search.each) == (0, None), days


def test_a_channel_paid_in_two_currencies_has_a_price_only_by_the_owner_s_number(played):
    today, abroad = TODAY(), make_program("abroad", currency="USD")
    for program in (played, abroad):
        ChannelCost.objects.create(
            program=program, channel="A search engine", starts_on=today, ends_on=today, cost=10
        )
    assert [row.each for row in make_dashboard([played, abroad], today, today).costs[1:]] == [
        *(None, None),
    ]
    ChannelCost.objects.filter(program=abroad).update(customers=4)
    prices = {
        row.currency: row.each for row in make_dashboard([played, abroad], today, today).costs
    }
    assert (prices["USD"], look(played).costs[-1].each) == (Decimal("2.50"), Decimal("10.00"))


def test_rewards_that_were_given_are_the_cost_of_recommendations(played, monkeypatch):
    issue_all()
    at = timezone.now() + timedelta(days=15)
    monkeypatch.setattr(timezone, "now", lambda: at)
    [own] = look(played).costs
    assert (own.cost, own.each) == (Decimal("10.00"), Decimal("10.00"))


PERIODS = {
    "before anything": (date(1985, 1, 1), date(1985, 2, 1)),
    "of one day": (TODAY(), TODAY()),
    "of two days": (TODAY() - timedelta(days=1), TODAY()),
    "of ten years": (TODAY() - timedelta(days=3652), TODAY()),
    "of all time": (date.min, date.max),
    "the wrong way round": (TODAY(), TODAY() - timedelta(days=3)),
    "in the future": (date(2090, 1, 1), date(2090, 3, 1)),
    "the last day there is": (date.max, date.max),
    "the first day there is": (date.min, date.min),
    "a leap day": (date(2024, 2, 29), date(2024, 2, 29)),
}


def test_any_period_is_right_or_says_not_enough(played):
    for name, (start, end) in PERIODS.items():
        dashboard = make_dashboard([played], start, end)
        for row in as_rows(dashboard):
            assert row[3] is None or Decimal(row[3]).is_finite(), (name, row)
        has_today = min(start, end) <= TODAY() <= max(start, end)
        assert counts(dashboard)["clicked"] == (2 if has_today else 0), name
        for one in dashboard.charts:
            assert all(len(series.values) == len(one.steps) for series in one.series)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_on_which_the_clock_changes_is_one_day(settings, zone, day, hours):
    settings.TIME_ZONE = zone
    period = Period.of(day, day)
    assert (period.span.end - period.span.start) / timedelta(hours=1) == hours
    assert period.before.span.end == period.span.start


def test_nothing_at_all_is_empty_and_never_an_error(program):
    dashboard = look(program)
    assert dashboard.is_empty
    assert all(step.rate is None for step in dashboard.funnel)
    assert number(dashboard, "share").value is None
    assert number(dashboard, "k").value is None


def test_no_program_is_an_empty_dashboard(db):
    assert make_dashboard([], TODAY(), TODAY()).is_empty


@pytest.mark.parametrize(
    ("days", "words", "labels"),
    [
        (1, "by hour", 24),
        (31, "by day", 31),
        (32, "by week", 5),
        (200, "by week", 29),
        (201, "by month", 8),
    ],
)
def test_a_chart_is_by_hour_day_week_or_month(played, days, words, labels):
    """The last day is Sunday, 4 July 2027."""
    end = date(2027, 7, 4)
    dashboard = make_dashboard([played], end - timedelta(days=days - 1), end)
    shown = chart(dashboard, "customers")
    assert (shown.by, len(shown.steps)) == (words, labels)


def test_weeks_and_months_that_are_cut_off_say_which_days_they_have(played):
    def labels(start: date, end: date) -> list[str]:
        steps = chart(make_dashboard([played], start, end), "customers").steps
        return [steps[0], steps[1], steps[-1]]

    # A Friday and a Tuesday.
    assert labels(date(2027, 5, 28), date(2027, 7, 6)) == [
        *("28 – 30 May", "31 May – 6 Jun", "5 – 6 Jul"),
    ]
    assert labels(date(2026, 12, 15), date(2027, 7, 31)) == [
        *("15 – 31 Dec 2026", "Jan 2027", "Jul 2027"),
    ]


def test_weeks_add_up_to_the_period(played):
    dashboard = look(played, days=90)
    customers = chart(dashboard, "customers")
    assert customers.by == "by week"
    total = sum(value for series in customers.series for value in series.values if value)
    assert total == 2


def test_the_time_of_the_scores_is_as_long_as_that_of_the_customers(played):
    """Where nobody answered there is a gap."""
    for days in (2, 30, 90, 365):
        nps, customers = (chart(look(played, days=days), key) for key in ("nps", "customers"))
        [*before, today] = nps.series[0].values
        assert today == Decimal(100) and set(before) <= {None}, days
        assert days == 2 or nps.steps == customers.steps, days


def test_hours_of_today_that_are_to_come_are_there(played, monkeypatch):
    at = timezone.now().replace(hour=3, minute=10)
    dashboard = make_dashboard([played], TODAY(), TODAY(), at=at)
    assert len(chart(dashboard, "customers").steps) == 24


def test_a_test_of_offers_that_runs_is_told_beside_the_split_by_offer(played):
    assert look(played, split_by="offer").splits[0].remark == ""
    start_experiment(make_experiment(played))
    assert "look early" in str(look(played, split_by="offer").splits[0].remark)
    assert look(played, split_by="page").splits[0].remark == ""


def test_a_table_says_what_it_is_of(played):
    rows = about(look(played, days=2))
    assert [row[2:4] for row in rows] == [
        ["program", played.name],
        ["first day", (TODAY() - timedelta(days=1)).isoformat()],
        ["last day", TODAY().isoformat()],
        ["time zone", "UTC"],
    ]


def test_another_program_s_facts_are_not_in_it(played):
    other = make_program("others", name="Others")
    assert look(other).is_empty
    assert not make_dashboard([played, other], TODAY(), TODAY()).is_empty


def test_programs_with_other_margins_are_not_mixed(played):
    other = make_program("others", name="Others")
    ValueSettings.objects.create(program=other, margin_percent=10)
    dashboard = make_dashboard([played, other], TODAY(), TODAY())
    assert number(dashboard, "margin").value is None
    assert any("different margins" in str(remark) for remark in dashboard.remarks)


@pytest.mark.parametrize("days", [1, 400])
def test_it_takes_few_queries_and_as_many_for_much_as_for_little(played, days):
    Goal.objects.create(program=played, referred_percent=60)
    ChannelCost.objects.create(
        program=played, channel="Ad", starts_on=TODAY(), ends_on=TODAY(), cost=1
    )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            look(played, days=days)
        return len(captured)

    few = queries()
    for order in range(5):
        buy(join_program(played, find_or_add_person(f"a{order}@example.org")), f"more-{order}")
    assert queries() == few <= 25


def test_the_sample_is_invented_whole_and_writes_nothing(program, django_assert_num_queries):
    with django_assert_num_queries(0):
        dashboard = sample_dashboard([program])
        rows = as_rows(dashboard)
    assert not dashboard.is_empty
    assert {one.key for one in dashboard.charts} >= {"customers", "heard", "share"}
    assert all(len(row) == 6 for row in rows)


def test_a_table_has_every_number(played):
    dashboard = look(played)
    rows = as_rows(dashboard)
    shown = len(dashboard.headlines) + len(dashboard.money) + len(dashboard.growth)
    points = sum(len(one.steps) * len(one.series) for one in dashboard.charts)
    cells = sum(len(values) for split in dashboard.splits for _label, values in split.rows)
    assert len(rows) == (
        2 * shown + 4 * len(dashboard.funnel) + points + cells + 3 * len(dashboard.costs) + 7
    )
