"""How often the hot paths ask the database. What they cost in time is in tests/benchmarks."""

from collections.abc import Callable
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from tests.fixtures import BROWSER, make_pages, make_program, make_root
from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.redeem import redeem_coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.variants import forget_experiments
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.links import forget_link
from wagtail_referrals.referrals.models import Click
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

# The frame of a transaction; savepoints count, for each is a round trip.
FRAME = ("BEGIN", "COMMIT", "START TRANSACTION")


@contextmanager
def at_most(limit: int):
    """No more than so many statements, BEGIN and COMMIT left aside; all are told when it fails."""
    with CaptureQueriesContext(connection) as captured:
        yield
    queries = [query["sql"] for query in captured if not query["sql"].startswith(FRAME)]
    told = "\n".join(query[:200] for query in queries)
    assert len(queries) <= limit, f"{len(queries)} queries, not {limit}:\n{told}"


def count(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


@pytest.fixture
def open_link(client: Client, advocate, landing) -> Callable[[str], None]:
    """Opens the advocate's link from an address; the salt of the day is known already."""

    def open_it(address: str) -> None:
        url = f"/refer/r/{advocate.display_code}/?via=email"
        response = client.get(url, HTTP_USER_AGENT=BROWSER, REMOTE_ADDR=address)
        assert response.status_code == 302

    open_it("10.0.0.1")
    return open_it


def test_click_with_its_link_in_the_cache(open_link):
    with at_most(1):
        open_link("10.0.0.2")
    assert Click.objects.count() == 2


def test_click_with_its_link_not_in_the_cache(open_link, advocate):
    forget_link(advocate)
    forget_experiments(advocate.program_id)
    with at_most(2):
        open_link("10.0.0.2")


def test_second_click_of_a_day(open_link):
    with at_most(1):
        open_link("10.0.0.1")
    assert Click.objects.count() == 1


@pytest.fixture
def plain_page(db) -> Page:
    return make_root().add_child(instance=Page(title="Plain", slug="plain"))


def served(client: Client, page: Page, *, to: str = "") -> Callable[[], None]:
    """One GET of the page, what Wagtail keeps in the cache being there."""
    url = page.get_url() + to

    def get() -> None:
        assert client.get(url).status_code == 200

    get()
    return get


@pytest.fixture
def plain_count(monkeypatch, client, plain_page) -> int:
    """The queries that Wagtail itself makes for any page type: one more than for a bare Page."""
    monkeypatch.setattr(Page, "template", "base.html")
    return count(served(client, plain_page)) + 1


def test_landing_page(plain_count, client, landing, advocate):
    get = served(client, landing, to=f"with/{advocate.display_code}/")
    with at_most(plain_count + 2):
        get()


def test_landing_page_without_a_code(plain_count, client, landing):
    get = served(client, landing)
    with at_most(plain_count + 1):
        get()


def test_feedback_page(plain_count, client, feedback_page):
    # A form page of Wagtail's asks for its questions; ours may ask three times more.
    get = served(client, feedback_page)
    with at_most(plain_count + 1 + 3):
        get()


@pytest.mark.django_db(transaction=True)
def test_feedback_post_of_somebody_new(client, no_time_trap):
    """Outside of a test's own transaction, so that ours are no savepoints."""
    make_root()
    _landing, page = make_pages(make_program())

    def post(email: str) -> None:
        response = client.get(page.get_url())
        form = response.context["form"]
        data = {name: form[name].value() or "" for name in form.fields}
        data |= {"score": "9", "email": email, "name": "Bo", "publish": "on"}
        action = response.context["form_action"]
        with at_most(17) if email.startswith("bo") else CaptureQueriesContext(connection):
            answer = client.post(action, data, HTTP_USER_AGENT=BROWSER)
        assert answer.status_code == 303

    post("ann@example.org")
    post("bo@example.org")
    assert FeedbackResponse.objects.exclude(coupon=None).count() == 2


@pytest.mark.django_db(transaction=True)
def test_redeem():
    make_root()
    program = make_program()
    find_or_add_person("bo@example.org")
    coupon = issue_coupon(program, program.friend_offer, amount=Decimal(10))
    cache.clear()
    with at_most(6):
        redeem_coupon(
            coupon.display_code,
            order_id="1001",
            email="bo@example.org",
            order_total=Decimal("49.90"),
            currency="EUR",
        )
    coupon.refresh_from_db()
    assert coupon.uses == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rules", [2, 20])
def test_a_purchase_with_twenty_rules_asks_as_often_as_with_two(rules):
    make_root()
    program = make_program()
    advocate = join_program(program, find_or_add_person("ann@example.org"))
    program.budget_rewards = 1000
    program.save()
    for number in range(rules - 1):
        limit = {"per": "advocate", "period": "year", "measure": "count", "most": "100"}
        rule = RewardRule(program=program, name=f"Rule {number}", trigger="first_purchase")
        rule.limits, rule.hold_days = [limit], 0
        effect = RuleEffect(formula="fixed", formula_options={"amount": "2.00"})
        save_rule(rule, [effect])

    def buy(number: int) -> int:
        result = record_event(
            program,
            "purchase",
            external_id=str(number),
            email=f"friend-{number}@example.org",
            amount=50,
            currency="EUR",
            referral_code=advocate.display_code,
        )
        return len(result.rewards)

    buy(1)
    claim_offer(advocate, email="friend-2@example.org")
    with at_most(18):
        assert buy(2) == rules
