"""One fact told a thousand times to eight server processes over HTTP has one effect."""

import json
from contextlib import closing, suppress
from decimal import Decimal
from functools import partial
from http.client import HTTPConnection
from threading import BrokenBarrierError

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.http import JsonResponse
from django.test import override_settings
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from tests.concurrency.processes import barrier, next_word, workers
from tests.concurrency.racing import race, refusals, without_unique
from tests.concurrency.shop import faults, join, make_rule
from wagtail_referrals.api import record_event
from wagtail_referrals.events import record
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.models import Decision, Reward

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SERVERS = 8
REPLAYS = 1000


@csrf_exempt
def report(request):
    """What a shop's web hook does with a delivery."""
    values = json.loads(request.body)
    try:
        result = record_event("friends", "purchase", **values)
    except ReferralsError as error:
        return JsonResponse({"error": error.code}, status=409)
    return JsonResponse({"event": result.event.pk, "created": result.created})


urlpatterns = [path("report/", report), path("refer/", include("wagtail_referrals.urls"))]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Nobody reads it."""


def once_after(find_event, all_look):
    """The first look of each server waits for those of the others."""

    def find_and_wait(*args):
        record.find_event = find_event
        found = find_event(*args)
        with suppress(BrokenBarrierError):
            all_look.wait(20)
        return found

    return find_and_wait


def serve(say, all_look=None):
    """A server on a port of its own, which it says."""
    if all_look:
        record.find_event = once_after(record.find_event, all_look)
    connections.settings["default"]["CONN_MAX_AGE"] = None
    # The middleware says how long an answer is: so the next request needs no new connection.
    middleware = ["django.middleware.common.CommonMiddleware"]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware):
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(WSGIHandler())
        say(server.server_port)
        server.serve_forever()


def deliver(port, times, values):
    """The answers to so many deliveries of one fact."""
    shop = HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(shop):
        return [_post(shop, values) for _ in range(times)]


def _post(shop, values):
    shop.request("POST", "/report/", json.dumps(values), {"Content-Type": "application/json"})
    answer = shop.getresponse()
    body = answer.read()
    assert answer.status in (200, 409), body
    return json.loads(body)


def purchase(advocate, amount="50.00"):
    return {
        "external_id": "order-1",
        "email": "bo@example.org",
        "amount": amount,
        "currency": "EUR",
        "referral_code": advocate.display_code,
    }


@pytest.fixture
def advocate(program):
    make_rule(program, hold_days=14)
    return join(program, 1)[0]


def deliver_at_once(times, values_of, *args):
    """All servers are brought the fact at the same time, each as often."""
    with workers(SERVERS, serve, *args) as started:
        ports = [next_word(server) for server in started]
        answers = race(
            [partial(deliver, port, times, values_of(number)) for number, port in enumerate(ports)]
        )
    assert not refusals(answers)
    return [answer for some in answers for answer in some]


def effects():
    kinds = (Event, Decision, Reward, Message)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_1000_replays_by_eight_servers_are_one_purchase(advocate):
    answers = deliver_at_once(REPLAYS // SERVERS, lambda number: purchase(advocate))
    assert len(answers) == REPLAYS
    assert {answer["event"] for answer in answers} == {Event.objects.get().pk}
    assert sum(answer["created"] for answer in answers) == 1
    assert effects() == {"Event": 1, "Decision": 1, "Reward": 1, "Message": 1}
    assert Person.objects.count() == 2
    assert Advocate.objects.get().friends_converted == 1
    assert Advocate.objects.get().friends_value == Decimal("50.00")
    assert not faults()


def test_of_servers_that_are_told_otherwise_one_is_believed(advocate):
    answers = deliver_at_once(10, lambda number: purchase(advocate, f"{50 + number}.00"))
    told = [answer for answer in answers if "event" in answer]
    assert len(told) == 10
    assert all(answer == {"error": "conflict"} for answer in answers if "error" in answer)
    assert effects() == {"Event": 1, "Decision": 1, "Reward": 1, "Message": 1}
    assert not faults()


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_a_purchase_told_to_eight_servers_is_many(advocate):
    claim_offer(advocate, email="bo@example.org")
    with without_unique(Event, "program_id", "kind", "source_key"):
        deliver_at_once(1, lambda number: purchase(advocate), barrier(SERVERS))
        assert Event.objects.filter(kind="purchase").count() > 1
