"""What is kept of a person who recommended or was recommended."""

from django.db.models import Q, QuerySet

from ..coupons.codes import LINK_LENGTH, new_code
from ..people.erase import Identity, redact_logs
from ..people.models import Person
from .links import forget_link
from .models import Advocate, AdvocateState, AttributionChange, Referral, ShownAs


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
    referrals = referrals_about(person)
    changes = AttributionChange.objects.filter(referral__in=referrals.values("pk"))
    identity.redact_rows(changes, "reason")
    redact_logs(identity, referrals)


def referrals_about(person: Person) -> QuerySet[Referral]:
    """Those they have a part in, or had before a repair."""
    own = Advocate.objects.filter(person=person).order_by().values("pk")
    repaired = AttributionChange.objects.filter(Q(from_advocate__in=own) | Q(to_advocate__in=own))
    return Referral.objects.filter(
        Q(friend=person) | Q(referrer=person) | Q(pk__in=repaired.order_by().values("referral"))
    ).order_by()
