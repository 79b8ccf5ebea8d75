"""The plan of an experiment: what has to be right before it begins, and what is fixed then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from ..exceptions import ReferralsError
from ..feedback.fairness import unfair_mail
from ..people.log import TEST_BEGUN
from ..programs.experiment_models import Experiment, ExperimentState, Metric, Subject, Variant
from ..programs.models import Program
from ..programs.variants import OFFERS, forget_experiments
from ..rewards.rule_models import Beneficiary, RuleEffect, RuleState
from ..transactions import retried
from .experiment_counts import rows_counted
from .experiment_turns import take_program
from .proportions import sample_size

MOST_VARIANTS = 5
LANDING_FIELDS = ("heading", "introduction", "button_label")
# What a variant says, by what is put to the test.
FIELDS: dict[str, tuple[str, ...]] = {
    Subject.FRIEND_OFFER: ("offer",),
    Subject.ADVOCATE_OFFER: ("offer",),
    Subject.LANDING: LANDING_FIELDS,
    Subject.SHARE_TEXT: ("text", "disclosure"),
}
PLANNED = (
    *("program", "name", "subject", "metric"),
    *("baseline_percent", "smallest_percent", "horizon_days"),
)
# What can be learned of the last weeks, and how many rows are looked at for it.
RECENT = timedelta(days=28)
_MOST_COUNTED = 100_000


@dataclass(frozen=True)
class Problem:
    """``field`` of the variant, or of the experiment where that is None; "" for neither."""

    words: str | Promise
    field: str = ""
    variant: Variant | None = None


@dataclass(frozen=True)
class Plan:
    """``each``: visitors (or new advocates) a variant needs; ``weeks`` for the rarest one, if it
    goes on as it did lately: ``weekly`` in all. None where nobody came lately; ``lately``, the part
    of them who did what is measured, also where more came than are counted."""

    each: int
    weekly: float
    weeks: int | None
    lately: float | None


# What has to be right


def unfair(experiment: Experiment, variants: Iterable[Variant]) -> Iterator[Problem]:
    """What a test must not be used for, whatever else is missing."""
    for variant in variants:
        yield from _unfair(experiment, variant)


def _unfair(experiment: Experiment, variant: Variant) -> Iterator[Problem]:
    fields = FIELDS.get(experiment.subject, ())
    for field, text in _texts(variant, fields):
        for found in unfair_mail([text], for_review=False):
            yield Problem(found.words, field, variant)
            break
    if "text" in fields:
        yield from _unfair_text(experiment, variant)
    offer = variant.offer if "offer" in fields else None
    if offer and offer.currency and offer.currency != experiment.program.currency:
        words = gettext("This offer is in %(offer)s, the program in %(program)s.")
        names = {"offer": offer.currency, "program": experiment.program.currency}
        yield Problem(words % names, "offer", variant)


def _unfair_text(experiment: Experiment, variant: Variant) -> Iterator[Problem]:
    if not variant.text.strip():
        return
    if "://" in variant.text:
        words = _("Leave the link out: each advocate's own is added at the end.")
        yield Problem(words, "text", variant)
    if experiment.program.advocate_offer_id and not variant.disclosure.strip():
        words = _(
            "Whoever shares this gets something for it, and has to say so: “I get a thank-you, "
            "too.”"
        )
        yield Problem(words, "disclosure", variant)


def _texts(variant: Variant, fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        if field != "offer":
            yield field, getattr(variant, field)
        elif variant.offer:
            offer = variant.offer
            yield field, f"{offer.headline}\n{offer.wording}\n{offer.fine_print}"


def missing(
    experiment: Experiment, variants: Sequence[Variant], *, click_days: int | None = None
) -> Iterator[Problem]:
    """What it needs to begin. ``click_days``: for how long clicks are kept; None: for ever."""
    program = experiment.program
    controls = [variant for variant in variants if variant.is_control]
    if not program.is_open():
        yield Problem(_("The program does not run."), "program")
    if sum(variant.weight > 0 for variant in variants) < 2:
        yield Problem(_("At least two variants need a weight: else there is nothing to compare."))
    if len(controls) != 1 or not controls[0].weight:
        yield Problem(_("One variant, with a weight, has to be as it is now."))
    yield from _missing_now(experiment, program)
    yield from _missing_words(experiment, variants)
    if experiment.subject == Subject.LANDING and experiment.metric == Metric.BROUGHT:
        words = _("Only who has opened a link sees the page: measure who claims or buys.")
        yield Problem(words, "metric")
    if planned_size(experiment, variants) is None:
        words = _("Such a difference cannot be: it would be less than none or more than all.")
        yield Problem(words, "smallest_percent")
    if click_days is not None and experiment.horizon_days > click_days:
        too_late = gettext("Clicks are deleted after %(days)d days: it has to end before.")
        yield Problem(too_late % {"days": click_days}, "horizon_days")


def _missing_now(experiment: Experiment, program: Program) -> Iterator[Problem]:
    """What is put to the test has to be there as it is now."""
    if experiment.subject in OFFERS and not getattr(program, f"{experiment.subject}_id"):
        yield Problem(_("The program has no such offer yet."), "program")
    elif experiment.subject in OFFERS and not _is_given(experiment, program):
        words = _(
            "No reward rule in use gives the program's offer: each has an offer or an amount of "
            "its own, and would go on giving that."
        )
        yield Problem(words, "program")
    if experiment.subject == Subject.LANDING and not program.landing_page_id:
        yield Problem(_("The program has no landing page yet."), "program")
    if program.audience == "partners":
        words = _("It would count nobody: the program is for partners, who are no part of a test.")
        yield Problem(words, "program")


def _is_given(experiment: Experiment, program: Program) -> bool:
    """Whether some rule gives what is put to the test: not an offer or a sum of its own."""
    friend = experiment.subject == Subject.FRIEND_OFFER
    not_over = Q(rule__ends_at=None) | Q(rule__ends_at__gt=timezone.now())
    effects = RuleEffect.objects.filter(
        not_over,
        rule__program=program,
        rule__state=RuleState.ACTIVE,
        beneficiary=Beneficiary.FRIEND if friend else Beneficiary.ADVOCATE,
        offer=None,
        formula="",
    )
    # What is given for feedback is never put to the test.
    return effects.exclude(rule__event_kind__startswith="feedback.").exists()


def _missing_words(experiment: Experiment, variants: Sequence[Variant]) -> Iterator[Problem]:
    """Each of the others has to be something else, and no two the same."""
    fields = FIELDS.get(experiment.subject, ())
    seen: dict[tuple[Any, ...], str] = {}
    if experiment.subject in OFFERS:
        now = getattr(experiment.program, f"{experiment.subject}_id")
        seen[(now,)] = gettext("as it is now")
    for variant in variants:
        said = tuple(
            variant.offer_id if field == "offer" else getattr(variant, field).strip()
            for field in fields
        )
        if variant.is_control:
            continue
        if not (any(said) if fields == LANDING_FIELDS else said and said[0]):
            yield Problem(_("Say what is different in this variant."), fields[0], variant)
        elif said in seen:
            words = gettext("This is the same as “%(other)s”.") % {"other": seen[said]}
            yield Problem(words, fields[0], variant)
        seen[said] = variant.name


def problems(
    experiment: Experiment, variants: Sequence[Variant], *, click_days: int | None = None
) -> list[Problem]:
    """All that keeps it from beginning."""
    return [
        *missing(experiment, variants, click_days=click_days),
        *unfair(experiment, variants),
    ]


# How long it takes


def planned_size(experiment: Experiment, variants: Sequence[Variant]) -> int | None:
    """Visitors each variant needs; None where no such difference is possible."""
    others = sum(variant.weight > 0 and not variant.is_control for variant in variants)
    try:
        return sample_size(
            float(experiment.baseline_percent) / 100,
            float(experiment.smallest_percent) / 100,
            comparisons=max(others, 1),
        )
    except ValueError:
        return None


def plan_of(
    experiment: Experiment, variants: Sequence[Variant], *, at: datetime | None = None
) -> Plan | None:
    """How many it needs and how long that takes by the last four weeks; counts so many at most."""
    each = experiment.sample_size or planned_size(experiment, variants)
    if each is None:
        return None
    weights = [variant.weight for variant in variants if variant.weight]
    came, reached = _lately(experiment, at or timezone.now())
    weekly = came / (RECENT.days / 7)
    needed = each * sum(weights) / min(weights) if weights else None
    weeks = ceil(needed / weekly) if weekly and needed else None
    lately = reached / came if came and reached is not None else None
    return Plan(each, weekly, weeks, lately)


def _lately(experiment: Experiment, at: datetime) -> tuple[int, int | None]:
    """How many came in the last four weeks, and how many of them reached what is measured.

    None for these where more came than are counted: of those nobody knows how many did.
    """
    past = copy(experiment)
    past.started_at = at - RECENT
    visits, claims = rows_counted(past, at)
    came = _some(visits)
    return came, min(_some(claims), came) if came < _MOST_COUNTED else None


def _some(rows: Any) -> int:
    return int(rows.order_by().values("pk")[:_MOST_COUNTED].count())


# Writing it, and beginning


def _draft(experiment: Experiment) -> QuerySet[Experiment]:
    return Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.DRAFT)


@retried
def save_plan(experiment: Experiment, variants: Sequence[Variant]) -> Experiment:
    """Write a plan and its variants, in their order; the ones that were there before go.

    Returns it as it is stored. Raises ReferralsError("edited_meanwhile") where it has begun:
    nothing of it changes then; IntegrityError where two variants' names are the same for the
    database.
    """
    # What is given stays as it is: when this is run again, nothing was stored yet.
    stored = copy(experiment)
    if stored.pk is None:
        stored.save()
    elif not _draft(stored).update(**{name: getattr(stored, name) for name in PLANNED}):
        raise ReferralsError("edited_meanwhile")
    stored.variants.all().delete()
    for position, variant in enumerate(variants):
        variant.pk, variant.experiment, variant.position = None, stored, position
    Variant.objects.bulk_create(variants)
    return stored


@retried
def start_experiment(
    experiment: Experiment, *, user: Any = None, click_days: int | None = None
) -> Experiment:
    """Fix the plan and begin. The visitors' variants are drawn from now on.

    Raises ReferralsError: "not_possible" where it has begun already, "experiment_running" where
    another one puts the same to the test, "incomplete" with the first problem as its detail.
    """
    at = timezone.now()
    draft = _draft(experiment).filter(program=experiment.program_id, subject=experiment.subject)
    key = f"{experiment.program_id}:{experiment.subject}"
    take_program(experiment)
    try:
        with transaction.atomic():
            begun = draft.update(state=ExperimentState.RUNNING, running_key=key, started_at=at)
    except IntegrityError:
        raise ReferralsError("experiment_running") from None
    if not begun:
        raise ReferralsError("not_possible")
    found = Experiment.objects.select_related("program").get(pk=experiment.pk)
    variants = list(found.variants.select_related("offer"))
    for problem in problems(found, variants, click_days=click_days):
        raise ReferralsError("incomplete", str(problem.words))
    if found.subject in OFFERS:
        _write_down(found)
    found.sample_size = planned_size(found, variants)
    found.ends_at = at + timedelta(days=found.horizon_days)
    found.save(update_fields=["sample_size", "ends_at"])
    for target in (found, found.program):
        told = f"{found.name}: {found.get_subject_display()}"
        log(target, TEST_BEGUN, user=user, data={"reason": told})
    transaction.on_commit(lambda: forget_experiments(found.program_id), robust=True)
    return found


def _write_down(experiment: Experiment) -> None:
    """What is compared with stays what it was, whatever becomes of the program's offer."""
    now = getattr(experiment.program, f"{experiment.subject}_id")
    experiment.variants.filter(is_control=True).update(offer=now)
