"""The dashboard's numbers counted again from the raw rows, one by one, in plain Python.

Nothing of the package reckons here: rows are read whole, and added up in loops. Run as a program
in the loaded demo it prints what differs, as JSON: {time zone and period: [differences]}.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

STEPS = [
    *("asked", "answered", "shared", "clicked", "claimed"),
    *("lead", "qualified", "converted", "rewarded"),
]
MONEY = {"fixed", "store_credit", "gift_card", "cash", "donation"}
CENT, TENTH = Decimal("0.01"), Decimal("0.1")
Numbers = dict[tuple[str, ...], Any]


@dataclass
class Row:
    """One thing that happened."""

    at: datetime
    channel: str | None = None
    source: str = ""
    currency: str = ""
    amount: Decimal = Decimal(0)
    margin: Decimal = Decimal(0)
    score: int | None = None


def rounded(number: Decimal | None, to: Decimal) -> Decimal | None:
    return None if number is None else number.quantize(to, rounding=ROUND_HALF_UP)


def divided(part: Any, whole: Any) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None


def percent(part: int, whole: int) -> Decimal | None:
    return rounded(100 * divided(part, whole), TENTH) if whole and part <= whole else None  # type: ignore[operator]


def read_rows(program: Any) -> dict[str, list[Row]]:
    """Every raw row of a program, by the kind of fact."""
    from wagtail_referrals.asks.models import Ask
    from wagtail_referrals.events.models import Event
    from wagtail_referrals.feedback.models import FeedbackResponse
    from wagtail_referrals.referrals.models import Advocate, Click, Referral, Share
    from wagtail_referrals.rewards.payout_models import Payout

    rows: dict[str, list[Row]] = defaultdict(list)
    for ask in Ask.objects.all():
        if ask.touchpoint.program_id == program.pk and ask.state == "asked":
            rows["asked"].append(Row(ask.settled_at, "email"))
    for answer in FeedbackResponse.objects.all():
        if answer.program_id == program.pk and answer.state == "received":
            rows["answered"].append(Row(answer.submit_time, score=answer.score))
            if answer.heard:
                rows["heard"].append(Row(answer.submit_time, source=answer.heard))
    mine = {one.pk: one for one in Advocate.objects.all() if one.program_id == program.pk}
    for one in mine.values():
        rows["joined"].append(Row(one.created_at))
    for kind, model in (("shared", Share), ("clicked", Click)):
        for one in model.objects.all():
            if one.advocate_id in mine:
                rows[kind].append(Row(one.occurred_at, one.channel))
    referrals = {one.pk: one for one in Referral.objects.all()}
    for one in referrals.values():
        if one.program_id != program.pk:
            continue
        rows["claimed"].append(Row(one.claimed_at, one.channel))
        if one.grade in "ABC":
            rows["lead"].append(Row(one.claimed_at, one.channel))
        if one.qualified_at:
            rows["qualified"].append(Row(one.qualified_at, one.channel))
        if one.converted_at:
            took = minute(one.converted_at) - minute(mine[one.advocate_id].created_at)
            took = max(took, 0)
            rows["converted"].append(Row(one.converted_at, one.channel, amount=Decimal(took)))
    read_rewards(program, rows)
    for payout in Payout.objects.all():
        if payout.reward.program_id == program.pk and payout.state == "paid":
            rows["paid"].append(Row(payout.paid_at, currency=payout.currency, amount=payout.amount))
    read_purchases(program, rows, list(Event.objects.all()), referrals)
    return rows


def minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def read_rewards(program: Any, rows: dict[str, list[Row]]) -> None:
    """What was promised and given, worth the sum of the ledger up to that line, and for whom."""
    from wagtail_referrals.rewards.models import Reward, RewardEntry

    lines = defaultdict(list)
    thanked = set()
    for entry in RewardEntry.objects.order_by("pk"):
        lines[entry.reward_id].append(entry)
        reward = entry.reward
        if entry.kind != "issued" or reward.program_id != program.pk or not reward.referral_id:
            continue
        if reward.beneficiary == "friend" or reward.event.kind == "feedback.submitted":
            continue
        if reward.referral_id not in thanked:
            thanked.add(reward.referral_id)
            rows["rewarded"].append(Row(entry.created_at, reward.referral.channel))
    for reward in Reward.objects.all():
        if reward.program_id != program.pk:
            continue
        currency = reward.currency if reward.kind in MONEY else ""
        worth, is_given = Decimal(0), False
        for line in lines[reward.pk]:
            worth += line.amount
            if line.kind == "granted":
                rows["granted"].append(Row(line.created_at, currency=currency, amount=line.amount))
            if line.kind == "issued" and not is_given:
                is_given = True
                row = Row(line.created_at, currency=currency, amount=worth)
                rows["given"].append(row)
                if reward.event.kind == "feedback.submitted":
                    rows["for_feedback"].append(row)


def customers_since(events: list[Any]) -> dict[int, datetime]:
    """When each became a customer; who has sent back everything is none, until they buy again."""
    since: dict[int, datetime] = {}
    kept: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for event in sorted(events, key=lambda event: (event.occurred_at, event.pk)):
        person = event.person_id
        if event.kind == "purchase" and person:
            kept[person][event.pk] = event.amount
            since.setdefault(person, event.occurred_at)
        if event.kind in ("refund", "chargeback"):
            buyer = next(one for one, orders in kept.items() if event.refund_of_id in orders)
            kept[buyer][event.refund_of_id] -= event.amount
            if not any(kept[buyer].values()):
                since.pop(buyer, None)
    return since


def read_purchases(
    program: Any, rows: dict[str, list[Row]], events: list[Any], referrals: dict[int, Any]
) -> None:
    from wagtail_referrals.insights.champion_models import ValueSettings

    bought = [event for event in events if event.kind == "purchase"]
    first = customers_since(events)
    share = ValueSettings.objects.get(program=program).margin_percent / 100
    for event in bought:
        if event.program_id != program.pk:
            continue
        source = referrals[event.referral_id].source if event.referral_id else ""
        if first.get(event.person_id) == event.occurred_at:
            rows["customer"].append(Row(event.occurred_at, source=source))
        kept, own = event.amount - event.refunded, event.metadata.get("margin")
        margin = kept * share
        if own is not None:
            margin = rounded(Decimal(str(own)) * kept / event.amount, CENT) or Decimal(0)
        rows["purchase"].append(
            Row(
                event.occurred_at,
                source=source,
                currency=event.currency,
                amount=kept,
                margin=margin,
            )
        )


class Recount:
    """All numbers of a period, by keys of its own."""

    def __init__(self, program: Any, start: date, end: date, zone: ZoneInfo, now: datetime) -> None:
        self.program, self.zone, self.now = program, zone, now
        self.start, self.end = start, end
        self.days = (end - start).days + 1
        rows = read_rows(program)
        self.rows = {kind: [row for row in found if row.at < now] for kind, found in rows.items()}

    def local(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)

    def of(self, kind: str, when: str = "now") -> list[Row]:
        """The rows of the period, or of as many days before it."""
        first, last = self.start, self.end
        if when == "before":
            first, last = first - timedelta(days=self.days), first - timedelta(days=1)
        return [row for row in self.rows.get(kind, []) if first <= self.local(row.at) <= last]

    def buckets(self) -> list[Callable[[datetime], bool]]:
        """One test of a time for each hour, day, week or month of the period."""
        if self.days <= 2:
            begin, end = self.midnight(self.start), self.midnight(self.end + timedelta(days=1))
            hours = []
            while begin < end:
                hours.append(begin)
                begin += timedelta(hours=1)
            return [lambda at, h=h: h <= at < h + timedelta(hours=1) for h in hours]  # type: ignore[misc]
        return [lambda at, s=s: self.step_of(self.local(at)) == s for s in self.day_steps()]  # type: ignore[misc]

    def step_of(self, day: date) -> Any:
        """A day, the week of the calendar, or the month that it lies in."""
        if self.days <= 31:
            return day
        return day.isocalendar()[:2] if self.days <= 200 else (day.year, day.month)

    def day_steps(self) -> list[Any]:
        days = (self.start + timedelta(days=number) for number in range(self.days))
        return list(dict.fromkeys(self.step_of(day) for day in days))

    def numbers(self) -> Numbers:
        parts = (self.funnel, self.split, self.headlines, self.money, self.growth)
        parts += (self.customers, self.heard, self.shares, self.amounts, self.nps, self.costs)
        found: Numbers = {}
        for part in parts:
            found.update(part())
        return found

    def funnel(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        last = None
        for step in STEPS:
            count = len(self.of(step))
            yield ("funnel", step, "count"), count
            yield ("funnel", step, "before"), len(self.of(step, "before"))
            yield ("funnel", step, "rate"), percent(count, last) if last else None
            fell = None if last is None or count > last else last - count
            yield ("funnel", step, "drop"), fell
            last = count

    def split(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """By channel; an answer comes by none."""
        from wagtail_referrals.referrals.channels import CHANNELS

        known = [step for step in STEPS if step != "answered"]
        counts = {step: Counter(row.channel or "" for row in self.of(step)) for step in known}
        for channel in {channel for found in counts.values() for channel in found}:
            label = str(CHANNELS[channel].counted) if channel in CHANNELS else channel
            for step in STEPS:
                value = counts[step][channel] if step in counts else None
                yield ("split", label or "not known", step), value

    def pair(
        self, part: str, key: str, value: Callable[[str], Any], currency: str = ""
    ) -> Iterable[tuple[tuple[str, ...], Any]]:
        return [((part, key, currency, when), value(when)) for when in ("now", "before")]

    def referred(self, when: str) -> int:
        return sum(1 for row in self.of("customer", when) if row.source)

    def sum(self, kind: str, when: str = "now", referred: bool | None = None) -> Decimal:
        rows = [row for row in self.of(kind, when) if row.currency == "EUR"]
        if referred is not None:
            rows = [row for row in rows if bool(row.source) == referred]
        return sum((row.amount for row in rows), Decimal("0.00"))

    def margin(self, when: str, referred: bool) -> Decimal:
        rows = [row for row in self.of("purchase", when) if bool(row.source) == referred]
        return sum((row.margin for row in rows), Decimal("0.00"))

    def cost(self, when: str = "now") -> Decimal:
        return self.sum("given", when) - self.sum("for_feedback", when)

    def each(self, when: str) -> Decimal | None:
        return rounded(divided(self.cost(when), len(self.of("converted", when))), CENT)

    def headlines(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield from self.pair("headline", "customers", self.referred)
        yield from self.pair(
            "headline",
            "share",
            lambda when: percent(self.referred(when), len(self.of("customer", when))),
        )
        revenue = self.pair(
            "headline", "revenue", lambda when: self.sum("purchase", when, True), "EUR"
        )
        yield from revenue
        yield from self.pair("headline", "cost", self.each, "EUR")
        yield from self.pair("headline", "nps", lambda when: points(self.scores(when))[0])

    def money(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        for suffix, referred in (("", True), ("_others", False)):
            yield from self.pair(
                "money",
                f"revenue{suffix}",
                lambda when, r=referred: self.sum("purchase", when, r),  # type: ignore[misc]
                "EUR",
            )
            yield from self.pair(
                "money",
                f"margin{suffix}",
                lambda when, r=referred: rounded(self.margin(when, r), CENT),  # type: ignore[misc]
                "EUR",
            )
        kinds = {"promised": "granted", "given": "given", "for_feedback": "for_feedback"}
        for key, kind in {**kinds, "paid": "paid"}.items():
            yield from self.pair(
                "money",
                key,
                lambda when, k=kind: self.sum(k, when),  # type: ignore[misc]
                "EUR",
            )
        yield ("money", "held", "EUR", "now"), self.held()
        yield ("money", "held", "EUR", "before"), None

    def held(self) -> Decimal:
        from wagtail_referrals.rewards.models import Reward

        waits = [one for one in Reward.objects.all() if one.program_id == self.program.pk]
        waits = [one for one in waits if one.state in ("pending", "held", "approved")]
        return sum((one.balance for one in waits if one.kind in MONEY), Decimal("0.00"))

    def until(self, kind: str, when: str) -> int:
        last = self.end if when == "now" else self.start - timedelta(days=1)
        return sum(1 for row in self.rows.get(kind, []) if self.local(row.at) <= last)

    def elapsed(self, when: str) -> Decimal:
        first, last = self.start, self.end
        if when == "before":
            first, last = first - timedelta(days=self.days), first - timedelta(days=1)
        begin = max(self.midnight(first), self.program.starts_at)
        end = min(self.midnight(last + timedelta(days=1)), self.now)
        return max(Decimal(str((end - begin).total_seconds())) / 86400, Decimal(0))

    def shares_each(self, when: str) -> Decimal | None:
        days, each = (
            self.elapsed(when),
            divided(len(self.of("shared", when)), self.until("joined", when)),
        )
        return None if each is None or days < 1 else each * 30 / days

    def customers_each(self, when: str) -> Decimal | None:
        return divided(len(self.of("converted", when)), len(self.of("shared", when)))

    def k(self, when: str) -> Decimal | None:
        shares, customers = self.shares_each(when), self.customers_each(when)
        return None if shares is None or customers is None else shares * customers

    def cycle(self, when: str) -> Decimal | None:
        rows = self.of("converted", when)
        return divided(sum(row.amount for row in rows) / 1440, len(rows)) if rows else None

    def growth(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        def taking_part(when: str) -> Decimal | None:
            return percent(self.until("joined", when), self.until("customer", when))

        def conversion(when: str) -> Decimal | None:
            each = self.customers_each(when)
            return None if each is None else rounded(100 * each, TENTH)

        yield from self.pair("growth", "participation", taking_part)
        yield from self.pair("growth", "share_rate", lambda w: rounded(self.shares_each(w), CENT))
        yield from self.pair("growth", "conversion", conversion)
        yield from self.pair("growth", "k", lambda when: rounded(self.k(when), CENT))
        yield from self.pair("growth", "cycle", lambda when: rounded(self.cycle(when), TENTH))

    # Charts: (chart, series, number of the step).

    def steps(
        self, chart: str, series: str, kind: str, value: Callable[[list[Row]], Any]
    ) -> Iterator[tuple[tuple[str, ...], Any]]:
        rows = self.of(kind)
        for number, is_in in enumerate(self.buckets()):
            yield (chart, series, str(number)), value([row for row in rows if is_in(row.at)])

    def customers(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        sources = {row.source for row in self.of("customer")} | {""}
        for source in sources:
            yield from self.steps(
                "customers",
                source or "others",
                "customer",
                lambda rows, s=source: sum(1 for row in rows if row.source == s),  # type: ignore[misc]
            )

    def heard(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        totals = Counter(row.source for row in self.of("heard"))
        assert len(totals) <= 8
        order = sorted(totals, key=lambda answer: (-totals[answer], answer.casefold()))
        for place, answer in enumerate(order):
            yield from self.steps(
                "heard",
                f"heard-{place}",
                "heard",
                lambda rows, a=answer: sum(1 for row in rows if row.source == a),  # type: ignore[misc]
            )

    def shares(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield from self.steps(
            "share",
            "share",
            "customer",
            lambda rows: percent(sum(1 for row in rows if row.source), len(rows)),
        )

    def amounts(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        def worth(rows: list[Row]) -> Decimal:
            return sum((row.amount for row in rows if row.currency == "EUR"), Decimal(0))

        charts: list[tuple[str, str, str, Callable[[list[Row]], Any]]] = []
        for series, referred in (("referred", True), ("others", False)):

            def those(rows: list[Row], referred: bool = referred) -> list[Row]:
                return [row for row in rows if bool(row.source) == referred]

            charts += [
                ("revenue-eur", series, "purchase", lambda rows, t=those: worth(t(rows))),  # type: ignore[misc]
                (
                    "margin-eur",
                    series,
                    "purchase",
                    lambda rows, t=those: sum((row.margin for row in t(rows)), Decimal(0)),  # type: ignore[misc]
                ),
            ]
        charts += [("rewards-eur", kind, kind, worth) for kind in ("granted", "given", "paid")]
        for chart in dict.fromkeys(chart for chart, *_rest in charts):
            found = [
                pair
                for name, series, kind, value in charts
                if name == chart
                for pair in self.steps(name, series, kind, value)
            ]
            # A picture of nothing is not drawn.
            if any(value for _key, value in found):
                yield from found

    def scores(self, when: str = "now") -> list[int]:
        return [row.score for row in self.of("answered", when) if row.score is not None]

    def nps(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        by_step: dict[Any, list[int]] = defaultdict(list)
        for row in self.of("answered"):
            if row.score is not None:
                by_step[self.step_of(self.local(row.at))].append(row.score)
        for number, step in enumerate(self.day_steps() if by_step else ()):
            for series, value in zip(("nps", "low", "high"), points(by_step[step]), strict=True):
                yield ("nps", series, str(number)), value
        scores = self.scores()
        for name, value in zip(("nps", "low", "high"), points(scores), strict=True):
            yield ("scores", name), value
        yield ("scores", "answers"), len(scores)

    def costs(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield ("cost", "Recommendations", "EUR", "cost"), self.cost()
        yield ("cost", "Recommendations", "EUR", "customers"), len(self.of("converted"))
        yield ("cost", "Recommendations", "EUR", "each"), self.each("now")
        yield from self.channels()

    def channels(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        from wagtail_referrals.insights.goal_models import ChannelCost

        wanted: dict[str, list[Any]] = defaultdict(list)
        for cost in ChannelCost.objects.all():
            if cost.program_id == self.program.pk:
                wanted[cost.channel.casefold()].append(cost)
        for name, costs in wanted.items():
            spent, won, paid_for = Decimal(0), Decimal(0), set()
            for cost in costs:
                days = (cost.ends_on - cost.starts_on).days + 1
                each = [cost.starts_on + timedelta(days=number) for number in range(days)]
                inside = {day for day in each if self.start <= day <= self.end}
                spent += cost.cost * len(inside) / days
                if cost.customers is None:
                    paid_for |= inside
                else:
                    won += Decimal(cost.customers) * len(inside) / days
                if not inside:
                    continue
            if not any(c.starts_on <= self.end and c.ends_on >= self.start for c in costs):
                continue
            answers = [row for row in self.of("heard") if self.local(row.at) in paid_for]
            won += sum(1 for row in answers if row.source.casefold() == name)
            key = ("cost", costs[0].channel, "EUR")
            yield (*key, "cost"), rounded(spent, CENT)
            yield (*key, "customers"), rounded(won, CENT)
            yield (*key, "each"), rounded(divided(spent, won), CENT)


def points(scores: list[int]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """The NPS and its adjusted Wald interval, after ¾ promoter, 1½ passive and ¾ detractor more."""
    if not scores:
        return None, None, None
    promoters = sum(1 for score in scores if score >= 9)
    detractors = sum(1 for score in scores if score <= 6)
    total = len(scores) + 3
    good, bad = (promoters + 0.75) / total, (detractors + 0.75) / total
    reach = 1.959963984540054 * sqrt((good + bad - (good - bad) ** 2) / total)
    ends = (100 * max(good - bad - reach, -1), 100 * min(good - bad + reach, 1))
    low, high = (rounded(Decimal(str(end)), TENTH) for end in ends)
    plain = Decimal(str(100 * (promoters - detractors) / len(scores)))
    return rounded(plain, TENTH), low, high


def shown(dashboard: Any) -> Numbers:
    """Every number of the dashboard, by the same keys."""
    found: Numbers = {}
    parts = {
        "headline": dashboard.headlines,
        "money": dashboard.money,
        "growth": dashboard.growth,
    }
    for part, numbers in parts.items():
        for one in numbers:
            found[part, one.key, one.currency, "now"] = one.value
            found[part, one.key, one.currency, "before"] = one.before
    for step in dashboard.funnel:
        for name in ("count", "before", "rate", "drop"):
            found["funnel", step.key, name] = getattr(step, name)
    for label, counts in dashboard.splits[0].rows:
        for key, count in zip(STEPS, counts, strict=True):
            found["split", label, key] = count
    for chart in dashboard.charts:
        for series in chart.series:
            for number, value in enumerate(series.values):
                found[chart.key, series.key, str(number)] = value
    for row in dashboard.costs:
        for name in ("cost", "customers", "each"):
            found["cost", row.channel, row.currency, name] = getattr(row, name)
    low, high = dashboard.nps.interval or (None, None)
    for name, value in {"nps": dashboard.nps.nps, "low": low, "high": high}.items():
        exact = None if value is None else rounded(Decimal(str(value)), TENTH)
        found["scores", name] = exact
    found["scores", "answers"] = dashboard.nps.total
    return found


def compare(program: Any, start: date, end: date, zone: str) -> tuple[list[str], int]:
    """What differs between the dashboard and a recount, and how many numbers are not nothing."""
    from django.utils import timezone

    from wagtail_referrals.insights.dashboard import make_dashboard

    now = timezone.now()
    dashboard = make_dashboard([program], start, end, at=now)
    assert dashboard.counted_until, "nothing was counted beforehand"
    said = shown(dashboard)
    # Worked out from other numbers: tests/insights/test_growth.py.
    said = {
        key: value for key, value in said.items() if key[0] != "projection" and key[1] != "goal"
    }
    counted = Recount(program, start, end, ZoneInfo(zone), now).numbers()
    differ = [
        f"{key}: shown {said.get(key, 'not at all')}, counted {counted.get(key, 'not at all')}"
        for key in sorted(said.keys() | counted.keys())
        if key not in said or key not in counted or said[key] != counted[key]
    ]
    return differ, sum(1 for value in said.values() if value)


def main(zones: list[str]) -> None:
    import django

    django.setup()
    from django.test import override_settings

    from wagtail_referrals.insights import tallies
    from wagtail_referrals.insights.rollups import update_rollups
    from wagtail_referrals.programs.models import Program

    found: dict[str, Any] = {}
    program = Program.objects.get()
    for zone in zones:
        with override_settings(TIME_ZONE=zone):
            update_rollups()
            # Its days are those of the clock by which it was counted.
            tallies.recount()
            # The same days in any zone: where it is tomorrow already, yesterday has nothing yet.
            today = datetime.now(UTC).date()
            for days in (1, 30, 90, 400):
                # Yesterday evening is the last the demo tells of.
                end = today - timedelta(days=1)
                start = end - timedelta(days=days - 1)
                differ, count = compare(program, start, end, zone)
                found[f"{zone}, {days} days"] = {"differ": differ, "numbers": count}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
