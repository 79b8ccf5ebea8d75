"""Ending an experiment: without a winner, or by giving everybody what was best."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log

from ..exceptions import ReferralsError
from ..people.log import TEST_KEPT, TEST_LOOKED_AT, TEST_STOPPED, TEST_UNDONE
from ..programs.experiment_models import Experiment, ExperimentState, Subject, Variant
from ..programs.models import Program
from ..programs.share_models import ShareText
from ..programs.variants import OFFERS, forget_experiments, words_of
from ..transactions import retried
from .experiment_counts import count, to_json
from .experiment_turns import count_now, take_program

Replaced = dict[str, Any]
# What was counted, and up to when; None where the count that decides is kept already.
Kept = tuple[dict[str, Any], datetime] | None
LANDING_WORDS = ("friend_heading", "introduction", "button_label")


def look_early(experiment: Experiment, *, user: Any = None) -> None:
    """Note that somebody looks before the end: each look makes a false winner likelier.

    What they see is the count that is kept; where none is yet, it is made now, so that one look
    shows the same however often it is loaded. Raises ReferralsError("not_possible") where it is
    not running any more.
    """
    running = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING)
    if running.filter(counted_until=None, is_settled=False).exists():
        count_now(experiment)
    _note_look(experiment, user)


@retried
def _note_look(experiment: Experiment, user: Any) -> None:
    running = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING)
    if not running.update(early_looks=F("early_looks") + 1):
        raise ReferralsError("not_possible")
    log(experiment, TEST_LOOKED_AT, user=user, data={"reason": ""})


def stop_experiment(experiment: Experiment, *, user: Any = None, reason: str = "") -> None:
    """End it; everybody has again what was before. Raises ReferralsError("not_possible")."""
    at = timezone.now()
    _stop(experiment, _counted(experiment, at), at, user, reason)


@retried
def _stop(experiment: Experiment, counted: Kept, at: datetime, user: Any, reason: str) -> None:
    running = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING)
    if not running.update(**_ended(at, user)):
        raise ReferralsError("not_possible")
    found = _settle(experiment, counted)
    log(found, TEST_STOPPED, user=user, data={"reason": reason})


def keep_winner(experiment: Experiment, variant: Variant, *, user: Any = None) -> None:
    """End it; from now on the variant is what everybody gets. Written to the history.

    What was promised or shared before stays as it was. Raises ReferralsError: "not_possible" where
    one is kept already, or the variant was never shown; "experiment_running" where another one
    puts the same to the test by now; "not_permitted" for a page the user may not publish (without
    a user nobody is asked).
    """
    at = timezone.now()
    if variant.experiment_id != experiment.pk or not variant.weight:
        raise ReferralsError("not_possible")
    _keep(experiment, variant, _counted(experiment, at), at, user)


@retried
def _keep(experiment: Experiment, variant: Variant, counted: Kept, at: datetime, user: Any) -> None:
    take_program(experiment)
    rows = Experiment.objects.filter(pk=experiment.pk, winner=None)
    ended = rows.filter(state=ExperimentState.ENDED).update(winner=variant, decided_by=user)
    if not ended:
        running = rows.filter(state=ExperimentState.RUNNING)
        if not running.update(**_ended(at, user), winner=variant):
            raise ReferralsError("not_possible")
    found = _settle(experiment, counted)
    if not variant.is_control or _has_moved(found, variant):
        _refuse_meanwhile(found)
        found.replaced = _KEEP[found.subject](found.program, variant, user)
        found.save(update_fields=["replaced"])
    _tell(found, TEST_KEPT, user, variant.name)


@retried
def undo_winner(experiment: Experiment, *, user: Any = None) -> None:
    """Everybody gets again what was before; the experiment says that this is kept.

    Raises ReferralsError: "not_possible" where nothing was put in its place, "edited_meanwhile"
    where somebody has changed it since, "experiment_running" and "not_permitted" as when it was
    kept.
    """
    take_program(experiment)
    found = _load(experiment)
    control = found.variants.filter(is_control=True).first()
    if control is None or found.winner is None or not found.replaced:
        raise ReferralsError("not_possible")
    # By its own columns only: who waits for another's change is to look again at what it says.
    kept = Experiment.objects.filter(pk=found.pk, winner=found.winner_id)
    if not kept.update(winner=control, replaced={}, decided_by=user):
        raise ReferralsError("not_possible")
    _refuse_meanwhile(found)
    _UNDO[found.subject](found.program, found.winner, found.replaced, user)
    _tell(found, TEST_UNDONE, user, control.name)


def another_runs(experiment: Experiment) -> bool:
    """Whether another experiment puts the same to the test: what it compares with must not move."""
    same = Experiment.objects.filter(
        program=experiment.program_id, subject=experiment.subject, state=ExperimentState.RUNNING
    )
    return same.exclude(pk=experiment.pk).exists()


def _refuse_meanwhile(experiment: Experiment) -> None:
    if another_runs(experiment):
        raise ReferralsError("experiment_running")


def _has_moved(experiment: Experiment, control: Variant) -> bool:
    """Whether the program gives something else by now than what was compared with."""
    if experiment.subject not in OFFERS:
        return False
    now = getattr(experiment.program, f"{experiment.subject}_id")
    return bool(now != control.offer_id)


def _ended(at: datetime, user: Any) -> dict[str, Any]:
    return {
        "state": ExperimentState.ENDED,
        "running_key": None,
        "ended_at": at,
        "decided_by": user,
    }


def _load(experiment: Experiment) -> Experiment:
    return Experiment.objects.select_related("program", "winner__offer").get(pk=experiment.pk)


def _counted(experiment: Experiment, at: datetime) -> Kept:
    """What came of it so far.

    Before the transaction that ends it: on SQLite nobody else could write meanwhile.
    """
    running = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.RUNNING)
    found = running.filter(is_settled=False).first()
    if found is None:
        return None
    until = min(at, found.ends_at or at)
    return to_json(count(found, until)), until


def _settle(experiment: Experiment, counted: Kept) -> Experiment:
    """Keep what was counted, and show nobody a variant any more."""
    found = _load(experiment)
    if counted and not found.is_settled:
        found.counted, found.counted_until = counted
        found.is_settled = True
        found.save(update_fields=["counted", "counted_until", "is_settled"])
    transaction.on_commit(lambda: forget_experiments(found.program_id), robust=True)
    return found


def _tell(experiment: Experiment, action: str, user: Any, name: str) -> None:
    """In the history of the experiment and of the program."""
    told = f"{experiment.name}, {experiment.get_subject_display()}: {name}"
    for target in (experiment, experiment.program):
        log(target, action, user=user, data={"reason": told})


# By what was put to the test


def _keep_offer(name: str) -> Callable[[Program, Variant, Any], Replaced]:
    def keep(program: Program, variant: Variant, user: Any) -> Replaced:
        before = getattr(program, f"{name}_id")
        setattr(program, name, variant.offer)
        program.save(update_fields=[name])
        return {"offer": before}

    return keep


def _undo_offer(name: str) -> Callable[[Program, Variant, Replaced, Any], None]:
    def undo(program: Program, variant: Variant, replaced: Replaced, user: Any) -> None:
        now = Program.objects.filter(pk=program.pk, **{name: variant.offer_id})
        if not now.update(**{name: replaced["offer"]}):
            raise ReferralsError("edited_meanwhile")

    return undo


def _keep_words(program: Program, variant: Variant, user: Any) -> Replaced:
    page = _landing_page(program, user)
    words = words_of(variant)
    before = _words_on(page, words)
    _publish(page, words, user)
    return {"page": page.pk, "words": before}


def _undo_words(program: Program, variant: Variant, replaced: Replaced, user: Any) -> None:
    page = _landing_page(program, user)
    kept = words_of(variant)
    if page.pk != replaced["page"] or _words_on(page, kept) != kept:
        raise ReferralsError("edited_meanwhile")
    _publish(page, replaced["words"], user)


def _landing_page(program: Program, user: Any) -> Any:
    """The page as it is live, else its draft. Raises ReferralsError("not_permitted")."""
    if program.landing_page is None:
        raise ReferralsError("not_possible")
    page: Any = program.landing_page.specific
    may = page.permissions_for_user(user) if user else None
    if may and (may.page_locked() or not may.can_publish()):
        raise ReferralsError("not_permitted")
    if not all(hasattr(page, name) for name in LANDING_WORDS):
        raise ReferralsError("not_possible")
    return page if page.live else page.get_latest_revision_as_object()


def _publish(page: Any, words: dict[str, str], user: Any) -> None:
    """Put words on the live page by a new revision; what somebody is drafting stays a draft.

    A page that is not live stays that, and has them in its draft: who took it down decides.
    """
    if not page.live:
        _write(page, words).save_revision(user=user, log_action=True)
        return
    draft = page.get_latest_revision_as_object() if page.has_unpublished_changes else None
    # What somebody is changing in the draft is theirs.
    same = [name for name in words if draft and getattr(draft, name) == getattr(page, name)]
    _write(page, words).save_revision(user=user, log_action=True).publish(user=user)
    if draft:
        untouched = {name: words[name] for name in same}
        _write(draft, untouched).save_revision(user=user, log_action=True)


def _words_on(page: Any, names: Iterable[str]) -> dict[str, str]:
    return {name: getattr(page, name) for name in names}


def _write(page: Any, words: dict[str, str]) -> Any:
    for name, text in words.items():
        setattr(page, name, text)
    return page


def _keep_text(program: Program, variant: Variant, user: Any) -> Replaced:
    """The first of the program's texts, for whom it was shown to.

    That is in the site's language if there are such texts, else for every language if there are
    texts for that; where there is none, it is in the site's language.
    """
    texts = ShareText.objects.filter(program=program)
    texts.update(position=F("position") + 1)
    ours = settings.LANGUAGE_CODE.partition("-")[0]
    spoken = texts.filter(is_active=True, locale__in=[settings.LANGUAGE_CODE, ours, ""])
    text = ShareText.objects.create(
        program=program,
        locale=max(spoken.order_by().values_list("locale", flat=True), default=ours),
        text=variant.text,
        disclosure=variant.disclosure,
    )
    log(text, "wagtail.create", user=user)
    return {"share_text": text.pk}


def _undo_text(program: Program, variant: Variant, replaced: Replaced, user: Any) -> None:
    text = ShareText.objects.filter(pk=replaced["share_text"], is_active=True).first()
    kept = (variant.text, variant.disclosure)
    if text is None or (text.text, text.disclosure) != kept:
        raise ReferralsError("edited_meanwhile")
    text.is_active = False
    text.save(update_fields=["is_active"])
    log(text, "wagtail.edit", user=user)


_KEEP: dict[str, Callable[[Program, Variant, Any], Replaced]] = {
    Subject.FRIEND_OFFER: _keep_offer("friend_offer"),
    Subject.ADVOCATE_OFFER: _keep_offer("advocate_offer"),
    Subject.LANDING: _keep_words,
    Subject.SHARE_TEXT: _keep_text,
}
_UNDO: dict[str, Callable[[Program, Variant, Replaced, Any], None]] = {
    Subject.FRIEND_OFFER: _undo_offer("friend_offer"),
    Subject.ADVOCATE_OFFER: _undo_offer("advocate_offer"),
    Subject.LANDING: _undo_words,
    Subject.SHARE_TEXT: _undo_text,
}
