"""What feedback costs: a long form with conditions, and the inbox and the report by the million."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from tests.fixtures import make_root
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.insights.tallies import recount
from wagtail_referrals.pages.models import FeedbackPage, FeedbackQuestion

from .database import _NUMBERS
from .exports import side_in_a_process
from .measure import Call, Comparison, Spent, compare, statements
from .models import PlainFormField, PlainFormPage
from .paths import PAGE_CALLS, PAGE_ROUNDS, _attribute, _expect, _new_address, _pages, _posted
from .results import LeftOut, Result
from .rewards import _of_sizes
from .site import PLAIN_KINDS, WORDS, Bench

MILLION = 1_000_000
EXPORTED = 100_000
# A million of them over two years.
_EARLIER = {
    "postgresql": "CURRENT_TIMESTAMP - n * interval '63 seconds'",
    "sqlite": "datetime(CURRENT_TIMESTAMP, '-' || (n * 63) || ' seconds')",
    "mysql": "CURRENT_TIMESTAMP - INTERVAL n * 63 SECOND",
}
_numbers = itertools.count(1)


def _only_if(question: str, test: str, value: str) -> list[Any]:
    return [("condition", {"question": question, "test": test, "value": value})]


_UNHAPPY = _only_if("Would you recommend us?", "at_most", "6")
_HAPPY = _only_if("Would you recommend us?", "at_least", "9")
_BEANS = _only_if("What did you buy?", "is", "beans")
# (name, label, kind, required, choices, only if)
LONG_FORM: list[tuple[str, str, str, bool, str, list[Any]]] = [
    ("score", "Would you recommend us?", "score", True, "", []),
    ("why", "What went wrong?", "multiline", False, "", _UNHAPPY),
    ("call", "Shall we call you?", "radio", False, "yes\nno", _UNHAPPY),
    ("phone", "Your number", "singleline", False, "", _only_if("Shall we call you?", "is", "yes")),
    ("liked", "What did you like most?", "multiline", False, "", _HAPPY),
    ("product", "What did you buy?", "dropdown", False, "beans\na cup\na course", []),
    (
        "grind",
        "How fine?",
        "radio",
        False,
        "fine\ncoarse",
        _BEANS,
    ),
    ("better", "What could be better?", "multiline", False, "", []),
    ("often", "How often do you come?", "radio", False, "daily\nweekly\nrarely", []),
    ("name", "Your name", "name", False, "", []),
    ("email", "Your e-mail", "email", True, "", []),
    ("publish", "You may publish my words", "checkbox", False, "", []),
]


@dataclass
class _Pages:
    ours: FeedbackPage
    plain: PlainFormPage


def _long_pages(bench: Bench) -> _Pages:
    """The twelve questions on our page and on one of Wagtail's; made once."""
    found = FeedbackPage.objects.filter(slug="long").first()
    if found:
        return _Pages(found, PlainFormPage.objects.get(slug="plain-long"))
    root = make_root()
    ours = FeedbackPage(title="Long", slug="long", program=bench.program, introduction=WORDS)
    plain = PlainFormPage(title="Long", slug="plain-long", intro=WORDS, thank_you_text=WORDS)
    for order, (name, label, kind, required, choices, conditions) in enumerate(LONG_FORM):
        same = {
            "sort_order": order,
            "clean_name": name,
            "label": label,
            "required": required,
            "choices": choices,
        }
        ours.form_fields.add(FeedbackQuestion(field_type=kind, conditions=conditions, **same))
        if kind == "score":
            same["choices"] = "\n".join(map(str, range(11)))
        plain.form_fields.add(PlainFormField(field_type=PLAIN_KINDS.get(kind, kind), **same))
    for page in (ours, plain):
        root.add_child(instance=page)
    return _Pages(ours, plain)


def long_get(bench: Bench) -> Iterator[Result]:
    """Twelve questions with conditions against a form page of Wagtail's with the same fields."""
    pages = _long_pages(bench)
    yield _pages(
        "12 questions, GET",
        bench.site.get(pages.ours.get_url()),
        bench.site.get(pages.plain.get_url()),
        reach=1.5,
        more_queries=3,
        words="recommend us",
    )


def long_post(bench: Bench) -> Iterator[Result]:
    """An answer of a new person to it, with its coupon, against the form page's POST."""
    pages = _long_pages(bench)
    shown = _expect(bench.site.get(pages.ours.get_url())(), 200)
    stamp = _attribute(shown.body.partition('name="referrals-shown"')[2], "value")
    form_shown = _expect(bench.site.get(pages.plain.get_url())(), 200)
    cookie = form_shown.headers["Set-Cookie"].partition(";")[0]
    token = _attribute(form_shown.body.partition('name="csrfmiddlewaretoken"')[2], "value")
    # A form that comes back at once is not taken for a person's.
    time.sleep(2.1)

    def answers() -> dict[str, str]:
        return {
            "score": "3",
            "why": "The beans were old, and the door is hard to open with a pram.",
            "call": "no",
            "product": "beans",
            "better": "Say on the bag when they were roasted.",
            "often": "weekly",
            "name": "Bo Example",
            "email": f"long{next(_numbers)}@example.org",
            "publish": "on",
        }

    def ours(count: int) -> list[Call]:
        action, traps = pages.ours.form_action(), {"referrals-shown": stamp}
        posts = [
            bench.site.post(action, {**answers(), **traps}, address=_new_address())
            for _ in range(count)
        ]
        return [partial(_posted, post, 303) for post in posts]

    def plain(count: int) -> list[Call]:
        url, data = pages.plain.get_url(), {"csrfmiddlewaretoken": token}
        posts = [
            bench.site.post(url, {**answers(), **data}, address=_new_address(), HTTP_COOKIE=cookie)
            for _ in range(count)
        ]
        return [partial(_posted, post, 200) for post in posts]

    with_coupon = FeedbackResponse.objects.exclude(coupon=None)
    before = with_coupon.count()
    comparison = compare(ours, plain, calls=PAGE_CALLS, rounds=PAGE_ROUNDS)
    stored = with_coupon.count() - before
    assert stored == (PAGE_ROUNDS + 1) * PAGE_CALLS, "not every answer got its coupon"
    yield Result(
        "12 questions, POST",
        comparison,
        reach=1.8,
        queries=len(statements(ours(1)[0])),
        plain_queries=len(statements(plain(1)[0])),
        reach_queries=18,
    )


def inbox(bench: Bench) -> Iterator[Result]:
    """The inbox at 1 million answers against the same at 10 thousand, as the rewards' list is."""
    if connection.vendor != "postgresql":
        raise LeftOut("it is measured on PostgreSQL")
    yield from _by_size(
        bench,
        {
            "first page": "feedback/",
            "of a page": f"feedback/?page={bench.feedback.pk}",
            "detractors": "feedback/?group=detractors",
            "held": "feedback/?state=held",
            "of a source": "feedback/?source=mail",
        },
        "inbox, {}: 1 million, 10 thousand",
        most_queries=20,
    )


def nps_report(bench: Bench) -> Iterator[Result]:
    """The NPS report at 1 million answers against the same at 10 thousand."""
    yield from _by_size(
        bench,
        {"whole": "nps/", "of a page": f"nps/?page={bench.feedback.pk}"},
        "NPS report, {}: 1 million, 10 thousand",
        prepare=recount,
    )


def _by_size(
    bench: Bench,
    screens: dict[str, str],
    name: str,
    *,
    most_queries: int | None = None,
    prepare: Callable[[], Any] = lambda: None,
) -> Iterator[Result]:
    """A table has one size at a time: each is measured against the list of people."""
    staff = _staff()
    people = partial(_shown, staff, "people/")
    measured: dict[str, list[Comparison]] = {screen: [] for screen in screens}
    for size in (10_000, MILLION):
        fill_responses(bench, size)
        prepare()
        for screen, address in screens.items():
            ours = partial(_shown, staff, address)
            measured[screen].append(
                compare(
                    lambda count, ours=ours: [ours] * count,
                    lambda count: [people] * count,
                    calls=2,
                    rounds=9,
                )
            )
    for screen, (small, large) in measured.items():
        yield Result(
            name.format(screen),
            _of_sizes(small, large),
            reach=1.5,
            queries=len(statements(partial(_shown, staff, screens[screen]))),
            reach_queries=most_queries,
        )


def _staff() -> Client:
    user, _is_new = get_user_model().objects.get_or_create(
        username="reader", defaults={"is_superuser": True, "is_staff": True}
    )
    staff = Client()
    staff.force_login(user)
    return staff


def _shown(staff: Client, address: str) -> None:
    assert staff.get(f"/admin/referrals/{address}").status_code == 200


def export(bench: Bench) -> Iterator[Result]:
    """100,000 answers as CSV against Wagtail's own export of as many, each in its own process."""
    fill_responses(bench, EXPORTED)
    result = Comparison(Spent(), Spent())
    memory = []
    sides = [("ours", result.path), ("plain", result.yardstick)]
    for number in range(3):
        for side, spent in sides if number % 2 else reversed(sides):
            told = _child(side, bench)
            spent.add(told["cpu"], told["wall"])
            if side == "ours":
                memory.append(told["memory_mb"])
    yield Result(
        "export 100,000 answers",
        result,
        reach=0.7,
        memory_mb=max(memory),
        reach_memory_mb=50,
    )


def _child(side: str, bench: Bench) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.exports", side, str(bench.feedback.pk)]
    done = subprocess.run(  # noqa: S603 - ourselves
        command, env=side_in_a_process(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def fill_responses(bench: Bench, count: int) -> None:
    """Answers until there are so many, of all scores, over two years; by the database itself."""
    there = FeedbackResponse.objects.filter(page=bench.feedback.pk).count()
    numbers, _digits = _NUMBERS[connection.vendor]
    people = [one.person_id for one in bench.advocates]
    quote = connection.ops.quote_name
    said = json.dumps(
        {"score": "7", "better": "Say on the bag when the beans were roasted.", "name": "Ann"}
    )
    values = {
        "form_data": f"'{said}'",
        "page_id": str(bench.feedback.pk),
        "program_id": str(bench.program.pk),
        "submit_time": _EARLIER[connection.vendor],
        "person_id": f"{people[0]} + n % {len(people)}",
        "state": "CASE WHEN n % 1000 = 0 THEN 'held' ELSE 'received' END",
        "score": "n * 7 % 11",
        "source": "CASE WHEN n % 50 = 0 THEN 'mail' ELSE '' END",
        "locale": "'en'",
        "visitor": "''",
        "words": f"'{json.loads(said)['better']}'",
    }
    table = quote(FeedbackResponse._meta.db_table)
    with connection.cursor() as cursor:
        if there < count:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(map(quote, values))}) "  # noqa: S608
                f"SELECT {', '.join(values.values())} "
                f"FROM ({numbers % (there + 1, count)}) AS numbers"
            )
        cursor.execute(f"ANALYZE {'TABLE ' * (connection.vendor == 'mysql')}{table}")
        if connection.vendor == "mysql":
            cursor.fetchall()


PATHS = {
    "long_get": long_get,
    "long_post": long_post,
    "export": export,
    "inbox": inbox,
    "nps_report": nps_report,
}
