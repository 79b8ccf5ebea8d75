"""What is kept of a person who introduced somebody, or was introduced."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from ..messages.models import Message
from ..people.erase import GONE, Identity, redact_logs
from ..people.models import Consent
from .introduction_mails import STAGE_MAIL
from .introduction_models import Introduction, IntroductionEntry, IntroductionStage


def erase_introductions(identity: Identity) -> None:
    """That there was one stays, and what it was worth; what says who and what about goes."""
    own = Introduction.objects.filter(introduced=identity.person)
    keys = list(own.values_list("pk", flat=True))
    own.update(name="", phone="", need="", best_time="")
    Introduction.objects.filter(giver=identity.person).update(giver_name="")
    involved = Introduction.objects.filter(Q(introduced=identity.person) | Q(giver=identity.person))
    identity.redact_rows(involved, "need", "next_step", "lost_reason", "best_time")
    lines = IntroductionEntry.objects.filter(introduction__in=involved.order_by().values("pk"))
    identity.redact_rows(lines, "text")
    # Of who was introduced, what staff noted is about nobody else.
    notes = IntroductionEntry.objects.filter(introduction__in=keys, kind="note")
    QuerySet(IntroductionEntry).filter(pk__in=list(notes.values_list("pk", flat=True))).update(
        text=GONE
    )
    _forget_mails(keys)
    redact_logs(identity, involved)
    Consent.objects.filter(pk__in=own.values("consent"), withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )


def _forget_mails(keys: list[int]) -> None:
    """The givers' mails name who was introduced: their words go."""
    names = [f"{STAGE_MAIL}:{key}:{stage.value}" for key in keys for stage in IntroductionStage]
    Message.objects.filter(key__in=names).update(context={"words": GONE})
