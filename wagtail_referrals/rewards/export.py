"""What a person is told we hold: rewards, and why they got some and not others."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Column, Part, part
from ..people.models import Person
from .models import Decision, Reward, RewardEntry
from .payout_models import Payout
from .words import for_customer


def export_rewards(person: Person) -> Iterable[Part]:
    """Rewards with their ledgers, payouts and decisions; staff's reasons stay with staff."""
    yield part(
        "rewards",
        _("Your rewards"),
        Reward.objects.filter(person=person),
        (
            *("program__name", "rule_name", "beneficiary", "kind", "amount", "currency"),
            *("balance", "owed", "state", "given", "hold_until", "expires_at", "created_at"),
        ),
    )
    yield part(
        "reward_entries",
        _("What became of your rewards"),
        RewardEntry.objects.filter(reward__person=person),
        ("reward__rule_name", "kind", "amount", "owed", "currency", "created_at"),
    )
    yield part(
        "payouts",
        _("What was paid to you"),
        Payout.objects.filter(reward__person=person),
        ("number_key", "state", "amount", "currency", "reference", "created_at", "paid_at"),
    )
    yield _decisions(person)
    yield part(
        "reward_reasons",
        _("Why staff changed your rewards"),
        RewardEntry.objects.filter(reward__person=person).exclude(reason=""),
        ("reward__rule_name", "kind", "reason", "created_at"),
        internal=True,
    )


def _decisions(person: Person) -> Part:
    columns = [
        Column("rule", _("Rule")),
        Column("granted", _("Granted")),
        Column("why", _("Why")),
        Column("decided_at", _("Time")),
    ]
    decisions = Decision.objects.filter(person=person).select_related("rule__program")
    rows = [
        {
            "rule": decision.rule.name,
            "granted": decision.granted,
            "why": for_customer(decision),
            "decided_at": decision.decided_at,
        }
        for decision in decisions
    ]
    return Part("decisions", _("What our rules decided"), Decision, columns, rows)
