"""Somebody who bought, a touchpoint after it, and a day on which it is due."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.asks.send import send_due_asks
from wagtail_referrals.events.models import Event
from wagtail_referrals.people.models import Person

NOW = timezone.now()
LATER = NOW + timedelta(days=4)


def make_touchpoint(program: Any, **values: Any) -> Touchpoint:
    """After a purchase everybody is asked for feedback, three days later."""
    values = {
        "name": "After the purchase",
        "stage": "buy",
        "event_kind": "purchase",
        "asks_for": "feedback",
        "delay_hours": 72,
        "planned_until": NOW - timedelta(days=60),
        **values,
    }
    return Touchpoint.objects.create(program=program, **values)


def buy(program: Any, order: str = "1", email: str = "bo@example.org", at: Any = NOW) -> Event:
    """A purchase of 20 euros."""
    return record_event(
        program,
        "purchase",
        external_id=order,
        email=email,
        amount=Decimal("20.00"),
        currency="EUR",
        occurred_at=at,
    ).event


def ask_all(at: Any = LATER) -> int:
    """Plan and ask what is due by then; how many were asked."""
    plan_asks(at=timezone.now())
    return send_due_asks(at=at)


def outcomes() -> list[str]:
    """The state of every ask, or why it was dropped, the first planned first."""
    return [ask.reason or ask.state for ask in Ask.objects.order_by("event__occurred_at", "pk")]


@pytest.fixture
def touchpoint(program: Any, feedback_page: Any) -> Touchpoint:
    program.starts_at = NOW - timedelta(days=400)
    program.save()
    return make_touchpoint(program)


@pytest.fixture
def purchase(touchpoint: Touchpoint) -> Event:
    return buy(touchpoint.program)


@pytest.fixture
def bo(purchase: Event) -> Person:
    assert purchase.person
    return purchase.person
