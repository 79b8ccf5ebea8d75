"""Purchases from before: everything that is good goes in once, everything else is named."""

import csv
import gzip
import io
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.events import imports
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.csv_records import LONGEST_LINE, read_lines, read_records
from wagtail_referrals.events.imports import ImportResult, Reject, import_purchases
from wagtail_referrals.events.models import Event
from wagtail_referrals.events.report import clean_report
from wagtail_referrals.exceptions import Conflict
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import add_person
from wagtail_referrals.rewards.models import Decision, Reward

HEADER = "person_email,order_id,ordered_at,amount,currency,items\n"
GOOD = "ann@example.org,1,2020-05-01,10.00,EUR,2\n"


def run(program, text, **options: Any) -> tuple[ImportResult, list[Reject]]:
    rejects: list[Reject] = []
    lines = io.StringIO(text, newline="")
    options = {"create_people": True, "on_reject": rejects.append, **options}
    return import_purchases(program, read_lines(lines), **options), rejects


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return (
        result.people_added,
        result.purchases_added,
        result.already_there,
        result.rejected,
    )


def test_purchases_go_in_once(program):
    text = HEADER + GOOD + "bo@example.org,2,2020-05-02T10:30+02:00,5,USD,\n"
    result, rejects = run(program, text)
    assert counts(result) == (2, 2, 0, 0)
    assert result.sums == {"EUR": Decimal("10.00"), "USD": Decimal("5.00")}
    assert not rejects
    assert counts(run(program, text)[0]) == (0, 0, 2, 0)
    event = Event.objects.get(external_id="1")
    assert (event.kind, event.amount, event.currency) == ("purchase", Decimal("10.00"), "EUR")
    assert event.metadata == {"items": 2}
    assert event.occurred_at == datetime(2020, 5, 1, tzinfo=UTC)
    assert event.person.customer_since == event.occurred_at
    assert Event.objects.get(external_id="2").occurred_at == datetime(2020, 5, 2, 8, 30, tzinfo=UTC)
    assert not Decision.objects.exists()


def test_a_date_is_midnight_where_the_site_is(program, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    run(program, HEADER + GOOD)
    assert Event.objects.get().occurred_at == datetime(2020, 4, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("email", "amount", "currency"),
    [
        ("ann@example.org", "10", "EUR"),
        ("A.N.N+shop@GoogleMail.com", "0", "usd"),
        ("ann@BÜCHER.example", "9999999999.99", "JPY"),
    ],
)
def test_the_webhook_that_comes_later_is_a_repeat(program, email, amount, currency):
    _result, rejects = run(program, f"{HEADER}{email},1,2020-05-01,{amount},{currency},\n")
    assert not rejects
    said = {"external_id": "1", "email": email, "amount": amount, "currency": currency}
    report = clean_report(kind="purchase", **said)
    event = Event.objects.get()
    assert (event.source_key, event.fingerprint) == (report.source_key, report.fingerprint)
    assert not record_event(program, "purchase", **said).created
    with pytest.raises(Conflict):
        record_event(program, "purchase", **{**said, "amount": "11"})


BAD = {
    "invalid_email": [
        "not an address,9,2020-05-01,1,EUR,",
        f"{'x' * 290}@example.org,9,2020-05-01,1,EUR,",
        '"ann@exam\nple.org",9,2020-05-01,1,EUR,',
        ",9,2020-05-01,1,EUR,",
        "☕@example.org,9,2020-05-01,1,EUR,",
    ],
    "invalid_id": [
        "ann@example.org,,2020-05-01,1,EUR,",
        f"ann@example.org,{'9' * 256},2020-05-01,1,EUR,",
        "ann@example.org,9\u20289,2020-05-01,1,EUR,",
    ],
    "invalid_time": [
        "ann@example.org,9,2999-01-01,1,EUR,",
        "ann@example.org,9,9999-12-31T23:59-12:00,1,EUR,",
        "ann@example.org,9,0001-01-01T00:00+14:00,1,EUR,",
        "ann@example.org,9,yesterday,1,EUR,",
        "ann@example.org,9,,1,EUR,",
        "ann@example.org,9,2020-02-30,1,EUR,",
    ],
    "invalid_amount": [
        "ann@example.org,9,2020-05-01,-1,EUR,",
        "ann@example.org,9,2020-05-01,0.12345678901234567890,EUR,",
        "ann@example.org,9,2020-05-01,1e999999,EUR,",
        "ann@example.org,9,2020-05-01,sNaN,EUR,",
        "ann@example.org,9,2020-05-01,99999999999,EUR,",
        "ann@example.org,9,2020-05-01,,EUR,",
    ],
    "invalid_currency": [
        "ann@example.org,9,2020-05-01,1,XYZ,",
        "ann@example.org,9,2020-05-01,1,,",
        "ann@example.org,9,2020-05-01,1,€,",
    ],
    "invalid_metadata": [f"ann@example.org,9,2020-05-01,1,EUR,{'x' * 30_000}"],
    "columns": [
        "ann@example.org,9,2020-05-01,1,EUR",
        "ann@example.org,9,2020-05-01,1,EUR,1,2",
        "ann@example.org",
    ],
    "unreadable": [
        "ann@example.org,9\0,2020-05-01,1,EUR,",
        'ann@example.org,9,2020-05-01,1,EUR,"never closed',
        'ann@example.org,"9"9,2020-05-01,1,EUR,',
    ],
    "undecodable": ["ann@example.org,9\udcff,2020-05-01,1,EUR,"],
    "too_long": ["ann@example.org,9,2020-05-01,1,EUR," + "x" * LONGEST_LINE],
}


@pytest.mark.parametrize(
    ("code", "line"), [(code, line) for code, lines in BAD.items() for line in lines]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_bad_line_is_named_and_takes_no_good_one_with_it(program, code, line, ending):
    after = GOOD.replace(",1,", ",2,", 1)
    text = (HEADER + GOOD).replace("\n", ending) + line + ending + after.replace("\n", ending)
    result, rejects = run(program, text)
    assert [(reject.line, reject.code) for reject in rejects] == [(3, code)]
    assert str(rejects[0].reason)
    assert counts(result) == (1, 2, 0, 1)


def test_somebody_unknown_is_not_made_up(program):
    add_person("ann@example.org")
    text = HEADER + GOOD + "bo@example.org,2,2020-05-01,1,EUR,\n"
    result, rejects = run(program, text, create_people=False)
    assert counts(result) == (0, 1, 0, 1)
    assert [(reject.line, reject.code) for reject in rejects] == [(3, "unknown_person")]
    assert Person.objects.count() == 1


def test_an_order_that_says_something_else_is_a_conflict(program):
    text = HEADER + GOOD + GOOD + GOOD.replace("10.00", "11.00")
    result, rejects = run(program, text)
    assert counts(result) == (1, 1, 1, 1)
    assert [(reject.line, reject.code) for reject in rejects] == [(4, "conflict")]
    result, rejects = run(program, HEADER + "eve@example.org,1,2020-05-01,10.00,EUR,2\n")
    assert [reject.code for reject in rejects] == ["conflict"]
    assert Event.objects.get().person.email == "ann@example.org"
    assert Person.objects.count() == 1


@pytest.mark.parametrize("ids", [("a1", "A1"), ("1", "1 "), ("ß", "ss"), ("1", "１")])
def test_ids_are_told_apart_by_their_characters(program, ids):
    text = HEADER + "".join(GOOD.replace(",1,", f",{order_id},", 1) for order_id in ids)
    same = len({order_id.strip() for order_id in ids}) == 1
    assert counts(run(program, text)[0]) == (1, 1 if same else 2, 1 if same else 0, 0)


def test_values_may_run_over_lines(program):
    text = HEADER + 'ann@example.org,1,2020-05-01,10.00,EUR,"a bag\nof ""beans"""\n' + "\n" + "x\n"
    result, rejects = run(program, text)
    assert counts(result) == (1, 1, 0, 1)
    assert Event.objects.get().metadata == {"items": 'a bag\nof "beans"'}
    assert rejects[0].line == 5


def test_any_order_of_columns_and_others_beside_them(program):
    text = (
        "\ufeffItems,shop, amount ,currency,ordered_at,order_id,person_email\n"
        "3,north,1.50,eur,2020-05-01 08:00,7,ann@example.org\n"
    )
    assert counts(run(program, text)[0]) == (1, 1, 0, 0)
    assert Event.objects.get().amount == Decimal("1.50")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("person_email,order_id\n", "ordered_at, amount, currency, items"),
        ('"never closed\n', "first line"),
        ("a;b;c\n", "person_email"),
    ],
)
def test_a_file_without_our_columns_is_refused_in_one_sentence(program, text, word):
    with pytest.raises(imports.UnusableFile, match=word):
        run(program, text)


def test_customer_since_is_the_earliest_purchase(program):
    add_person("ann@example.org")
    run(program, HEADER + "ann@example.org,2,2021-01-01,1,EUR,\n" + GOOD)
    ann = Person.objects.get()
    assert ann.customer_since == datetime(2020, 5, 1, tzinfo=UTC)
    run(program, HEADER + "ann@example.org,3,2022-01-01,1,EUR,\n")
    assert Person.objects.get().customer_since == ann.customer_since
    run(program, HEADER + "ann@example.org,0,2019-01-01,1,EUR,\n")
    assert Person.objects.get().customer_since == datetime(2019, 1, 1, tzinfo=UTC)


def test_orders_since_the_start_earn_and_those_before_do_not(program, landing, advocate):
    program.starts_at = timezone.now() - timedelta(days=30)
    program.save()
    claim_offer(advocate, email="bo@example.org")
    claim_offer(advocate, email="cy@example.org")
    Decision.objects.all()._raw_delete("default")
    today = (timezone.now() + timedelta(minutes=5)).isoformat()
    text = (
        HEADER
        + f"bo@example.org,1,{today},50,EUR,1\n"
        + "cy@example.org,2,2020-05-01,50,EUR,1\n"
        + f"dee@example.org,3,{today},50,EUR,1\n"
    )
    result, rejects = run(program, text)
    assert (counts(result), rejects) == ((1, 3, 0, 0), [])
    assert [event.external_id for event in Event.objects.filter(decisions__granted=True)] == ["1"]
    assert Reward.objects.filter(event__external_id="1").count() == 1
    assert counts(run(program, text)[0]) == (0, 0, 3, 0)
    assert Reward.objects.filter(event__kind="purchase").count() == 1


@pytest.fixture
def long_file(program) -> str:
    """What a dry run and a real one must agree on, over several chunks and the program's start."""
    program.starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    program.save()
    chance = random.Random(7)
    lines = []
    for number in range(2_500):
        day = "2026-01-02" if number % 100 == 0 else f"20{chance.randint(10, 25)}-03-04"
        person = f"p{chance.randint(1, 300)}@example.org"
        order = number if number % 50 else number // 2
        amount = "-1" if number % 70 == 0 else f"{chance.randint(1, 99)}.50"
        lines.append(f"{person},{order},{day},{amount},{chance.choice(['EUR', 'USD'])},1\n")
    return HEADER + "".join(lines)


@pytest.mark.parametrize("create_people", [True, False])
def test_a_dry_run_says_the_same_and_writes_nothing(program, long_file, create_people):
    add_person("p7@example.org")
    options = {"create_people": create_people}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        dry, dry_rejects = run(program, long_file, dry_run=True, **options)
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert (Person.objects.count(), Event.objects.count()) == (1, 0)
    real, rejects = run(program, long_file, **options)
    assert dry == real
    assert dry_rejects == rejects
    assert Event.objects.count() == real.purchases_added
    assert Person.objects.count() == real.people_added + 1


def test_stopped_and_run_again(program, long_file):
    class Stop(Exception):
        pass

    def stop(result: ImportResult) -> None:
        raise Stop

    with pytest.raises(Stop):
        run(program, long_file, on_progress=stop)
    before = Event.objects.count()
    assert 0 < before < 1_000
    result, _rejects = run(program, long_file)
    assert Event.objects.count() == before + result.purchases_added
    assert counts(run(program, long_file)[0])[:2] == (0, 0)


@pytest.mark.parametrize(("amount", "code"), [("10.00", None), ("12.00", "conflict")])
def test_a_webhook_that_comes_in_between_wins(program, monkeypatch, amount, code):
    """The order is told by the shop after we looked and before we write."""

    def looked_too_early(run, keys):
        record_event(
            program,
            "purchase",
            external_id="1",
            email="ann@example.org",
            amount=amount,
            currency="EUR",
        )
        return {}

    monkeypatch.setattr(imports._Import, "_stored", looked_too_early)
    result, rejects = run(program, HEADER + GOOD + GOOD.replace(",1,", ",2,", 1))
    assert result.purchases_added == 1
    assert Event.objects.get(external_id="1").amount == Decimal(amount)
    assert [reject.code for reject in rejects] == ([code] if code else [])
    assert result.already_there == (0 if code else 1)


def test_queries_do_not_grow_with_rows(program):
    def queries(how_many: int, first: int) -> int:
        rows = "".join(
            f"p{n}@example.org,{n},2020-05-01,1,EUR,1\n" for n in range(first, first + how_many)
        )
        with CaptureQueriesContext(connection) as captured:
            run(program, HEADER + rows)
        ours = ("SELECT", "INSERT", "UPDATE")
        return len([q for q in captured.captured_queries if q["sql"].startswith(ours)])

    queries(1, 0)
    # What is there and who (2), people and their keys (2), events, who wrote them (2), and the
    # hours to be counted again.
    assert queries(10, 100) == queries(800, 1_000) <= 8


def test_an_unclosed_quote_at_the_end_is_told_with_its_line():
    records = list(read_records(iter(["a,b\n", '1,"2\n', "3,4\n", '5,"6\n'])))
    assert [(r.line, r.fault) for r in records] == [
        (1, ""),
        (2, "unreadable"),
        (3, ""),
        (4, "unreadable"),
    ]


def test_an_endless_line_is_cut():
    file = io.StringIO("x" * (3 * LONGEST_LINE) + "\nnext\n", newline="")
    lines = list(read_lines(file))
    assert [len(line) for line in lines] == [LONGEST_LINE, 5]


class TestCommand:
    @pytest.fixture
    def call(self, program):
        def call(path: Path, **options: Any) -> tuple[str, str]:
            out, err = io.StringIO(), io.StringIO()
            call_command(
                "referrals_import_purchases",
                str(path),
                program="friends",
                stdout=out,
                stderr=err,
                **options,
            )
            return out.getvalue(), err.getvalue()

        return call

    @pytest.mark.parametrize("packed", [True, False])
    def test_plain_and_packed(self, call, tmp_path, packed):
        path = tmp_path / "purchases"
        data = ("\ufeff" + HEADER + GOOD).encode()
        path.write_bytes(gzip.compress(data) if packed else data)
        out, err = call(path, create_people=True)
        assert out.splitlines() == [
            "people added: 1",
            "purchases added: 1",
            "already there: 0",
            "rejected: 0",
            "sum added: EUR 10.00",
        ]
        assert not err

    def test_rejects_can_be_mended_and_imported(self, call, tmp_path):
        path, rejects = tmp_path / "purchases.csv", tmp_path / "rejects.csv"
        good, bad = GOOD.encode(), GOOD.replace(",1,", ",2,", 1).replace("10", "-10").encode()
        header = b"person_email,order_id,ordered_at,amount,currency,items,shop\n"
        broken = b"ann@example.org,3\xff,2020-05-01,1,EUR,1,caf\xe9\n"
        path.write_bytes(
            header + good.replace(b"\n", b",s\n") + bad.replace(b"\n", b",s\n") + broken
        )
        out, err = call(path, create_people=True, rejects=str(rejects))
        assert "rejected: 2" in out
        assert [line.partition(":")[0] for line in err.splitlines()] == ["line 3", "line 4"]
        assert broken[:-1] in rejects.read_bytes()
        with rejects.open(encoding="utf-8", errors="surrogateescape") as file:
            rows = list(csv.DictReader(file))
        assert (rows[0]["line"], rows[0]["order_id"], rows[0]["shop"]) == ("3", "2", "s")
        rejects.write_bytes(rejects.read_bytes().replace(b"-10", b"10"))
        assert "purchases added: 1" in call(rejects)[0]

    def test_nothing_rejected_leaves_an_empty_file(self, call, tmp_path):
        path, rejects = tmp_path / "purchases.csv", tmp_path / "rejects.csv"
        path.write_text(HEADER + GOOD)
        call(path, create_people=True, rejects=str(rejects))
        assert rejects.read_text() == ""

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (None, "No such file"),
            (b"", "empty"),
            (b"a,b\n", "Columns are missing: person_email"),
            (b"\xff\xfe\x00", "first line"),
        ],
    )
    def test_a_file_that_cannot_be_read(self, call, tmp_path, data, sentence):
        path = tmp_path / "purchases.csv"
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(CommandError, match=sentence):
            call(path)

    def test_a_folder_an_unknown_program_and_its_own_rejects(self, call, tmp_path):
        with pytest.raises(CommandError, match="directory"):
            call(tmp_path)
        path = tmp_path / "purchases.csv"
        path.write_text(HEADER + GOOD)
        with pytest.raises(CommandError, match="is imported"):
            call(path, rejects=str(path))
        with pytest.raises(CommandError, match="no such program"):
            call_command("referrals_import_purchases", str(path), program="nope")
        assert path.read_text() == HEADER + GOOD

    def test_a_packed_file_that_breaks_off(self, call, tmp_path, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 10)
        chance = random.Random(1)
        rows = [
            f"p{n}-{chance.random()}@example.org,{n},2020-05-01,1,EUR,1\n" for n in range(3_000)
        ]
        path = tmp_path / "purchases.csv.gz"
        packed = gzip.compress((HEADER + "".join(rows)).encode())
        path.write_bytes(packed[: len(packed) // 2])
        with pytest.raises(CommandError, match="breaks off"):
            call(path, create_people=True)
        assert 0 < Event.objects.count() < 3_000
        path.write_bytes(packed)
        call(path, create_people=True)
        assert Event.objects.count() == 3_000

    def test_a_bar_on_a_terminal_only(self, program, tmp_path):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        path, err = tmp_path / "purchases.csv", Terminal()
        path.write_text(HEADER + GOOD)
        call_command(
            "referrals_import_purchases",
            str(path),
            program="friends",
            create_people=True,
            stdout=io.StringIO(),
            stderr=err,
        )
        assert "100%" in err.getvalue()
        assert err.getvalue().endswith("\r")

    def test_interrupted(self, call, tmp_path, monkeypatch):
        path = tmp_path / "purchases.csv"
        path.write_text(HEADER + GOOD)

        def interrupt(run: Any, chunk: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(imports._Import, "take", interrupt)
        with pytest.raises(CommandError, match="Run it again") as stopped:
            call(path, create_people=True)
        assert stopped.value.returncode == 130
