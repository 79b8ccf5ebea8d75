"""Taking turns, and the count that is kept: once an hour up to the one that decides.

That is the first to find the sample full, or the one up to the planned end. There is one look at
who is better: who looks again and again until somebody is, finds a winner where there is none.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ..exceptions import ReferralsError
from ..programs.experiment_models import Experiment, ExperimentState
from ..programs.models import Program
from .experiment_counts import count, is_full, to_json

TURN = timedelta(hours=1)


def count_due(*, at: datetime | None = None) -> int:
    """Count those that run, each once an hour and at its planned end; how many were counted.

    Safe to run twice at once: who comes second finds the turn taken.
    """
    at = at or timezone.now()
    return sum(_take_turn(experiment, at) for experiment in _waiting(at))


def count_now(experiment: Experiment, *, at: datetime | None = None) -> None:
    """Count it without waiting for the hour.

    Raises ReferralsError("not_possible") where it does not run, or is settled.
    """
    found = _unsettled().filter(pk=experiment.pk).first()
    if found is None:
        raise ReferralsError("not_possible")
    _keep(found, at or timezone.now())


def take_program(experiment: Experiment) -> None:
    """Have a program's experiments begun, kept and taken back one after the other.

    Within a transaction, and before anything is read: what others do meanwhile is seen then.
    """
    # It changes nothing, and holds the row as a change does, on every database.
    program = Program.objects.filter(pk=experiment.program_id)
    program.update(is_active=F("is_active"))


def _unsettled() -> QuerySet[Experiment]:
    return Experiment.objects.filter(state=ExperimentState.RUNNING, is_settled=False)


def _waiting(at: datetime) -> QuerySet[Experiment]:
    hourly = Q(count_turn_at=None) | Q(count_turn_at__lte=at - TURN)
    last = Q(ends_at__lte=at, count_turn_at__lt=F("ends_at"))
    return _unsettled().filter(hourly | last)


def _take_turn(experiment: Experiment, at: datetime) -> bool:
    if not _waiting(at).filter(pk=experiment.pk).update(count_turn_at=at):
        return False
    return _keep(experiment, at)


def _keep(experiment: Experiment, at: datetime) -> bool:
    """Count it and keep that, unless somebody has counted further meanwhile, or ended it."""
    until = min(at, experiment.ends_at or at)
    found = count(experiment, until)
    is_last = until == experiment.ends_at
    newer = _unsettled().filter(pk=experiment.pk).exclude(counted_until__gte=until)
    kept = newer.update(
        counted=to_json(found),
        counted_until=until,
        is_settled=is_last or is_full(experiment, found),
    )
    return bool(kept)
