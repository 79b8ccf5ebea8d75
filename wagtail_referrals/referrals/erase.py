"""What is kept of a person who recommended or was recommended."""

from django.db.models import Q, QuerySet

from ..coupons.codes import LINK_LENGTH, new_code
from ..messages.erase import empty
from ..messages.models import Message
from ..people.erase import Identity, redact_logs
from ..people.models import Person
from .friend_mail_models import INVITATION, REMINDER, FriendMail
from .links import forget_link
from .models import Advocate, AdvocateState, AttributionChange, Referral, ShownAs

# What one statement may name: SQLite takes some hundred values.
MOST_KEYS = 200


def erase_referrals(identity: Identity) -> None:
    """Their links are dead, their code is another; who brought whom stays, without the browser."""
    person = identity.person
    for advocate in Advocate.objects.filter(person=person):
        forget_link(advocate)
        Advocate.objects.filter(pk=advocate.pk).update(
            state=AdvocateState.PAUSED,
            code_key=new_code(LINK_LENGTH),
            own_visitor="",
            shown_as=ShownAs.NOBODY,
            alias="",
            alias_key=None,
        )
        redact_logs(identity, [advocate])
    Referral.objects.filter(friend=person).update(visitor="")
    _erase_friend_mails(person)
    referrals = referrals_about(person)
    changes = AttributionChange.objects.filter(referral__in=referrals.values("pk"))
    identity.redact_rows(changes, "reason")
    redact_logs(identity, referrals)


def _erase_friend_mails(person: Person) -> None:
    """Mails to their friends and to them: what was written goes, also out of the outbox."""
    own = Advocate.objects.filter(person=person).order_by().values_list("pk", flat=True)
    about = FriendMail.objects.filter(Q(advocate__in=list(own)) | Q(friend=person))
    pks = list(about.order_by().values_list("pk", flat=True))
    for start in range(0, len(pks), MOST_KEYS):
        some = pks[start : start + MOST_KEYS]
        keys = [f"{kind}:{pk}" for kind in (INVITATION, REMINDER) for pk in some]
        # Of nobody: emptied, it is nothing that could be sent once more.
        empty(Message.objects.filter(key__in=keys), person=None)
        FriendMail.objects.filter(pk__in=some).update(note="")
    FriendMail.objects.filter(friend=person).update(friend=None)


def aliases_of(person: Person) -> list[str]:
    """The names they chose for the board."""
    own = Advocate.objects.filter(person=person).exclude(alias="")
    return list(own.values_list("alias", flat=True))


def referrals_about(person: Person) -> QuerySet[Referral]:
    """Those they have a part in, or had before a repair."""
    own = Advocate.objects.filter(person=person).order_by().values("pk")
    repaired = AttributionChange.objects.filter(Q(from_advocate__in=own) | Q(to_advocate__in=own))
    return Referral.objects.filter(
        Q(friend=person) | Q(referrer=person) | Q(pk__in=repaired.order_by().values("referral"))
    ).order_by()
