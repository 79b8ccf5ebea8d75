"""What a person is told we hold: whom they brought, and who brought them. Nobody else's name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from ..programs.models import Offer
from ..programs.offers import as_promised
from .friend_mail_models import FriendMail
from .models import Advocate, Referral, Share

_REFERRAL = (
    *("program__name", "stage", "grade", "source", "channel", "clicked_at", "claimed_at"),
    *("offer", "offer_terms", "counts_until", "qualified_at", "converted_at"),
)


def export_referrals(person: Person) -> Iterable[Part]:
    """Their links, their recommendations and what they did with them."""
    yield part(
        "advocacies",
        _("Programs you recommend in"),
        Advocate.objects.filter(person=person),
        (
            *("program__name", "code_key", "state", "tier", "friends_converted", "friends_value"),
            *("shown_as", "alias", "created_at"),
        ),
    )
    yield _with_offers(
        part(
            "recommendations",
            _("Friends you brought"),
            Referral.objects.filter(referrer=person),
            (*_REFERRAL, "advocate_offer", "advocate_offer_terms"),
            offer=_("What they were promised"),
            advocate_offer=_("What you were promised"),
        )
    )
    yield _with_offers(
        part(
            "recommended",
            _("How you came to us"),
            Referral.objects.filter(friend=person),
            (*_REFERRAL, "page__title", "would_have_come", "terms__body"),
            offer=_("What you were promised"),
            terms__body=_("Terms you agreed to"),
        )
    )
    yield part(
        "shares",
        _("When you used a button to share"),
        Share.objects.filter(advocate__person=person),
        ("channel", "occurred_at"),
    )
    # Whether one was sent says whether we know the friend: it is read before it is handed out.
    yield part(
        "mails_to_friends",
        _("Mails to friends that we sent for you"),
        FriendMail.objects.filter(advocate__person=person),
        ("program__name", "note", "created_at"),
        internal=True,
    )
    yield part(
        "mails_from_friends",
        _("Mails to you that somebody asked us to send"),
        FriendMail.objects.filter(friend=person),
        ("program__name", "note", "created_at", "reminded_at", "declined_at"),
    )


def _with_offers(referrals: Part) -> Part:
    """In the words that visitors read instead of a key; an offer's name is for our lists."""
    promised = [
        (row, name) for row in referrals.rows for name in ("offer", "advocate_offer") if name in row
    ]
    offers = Offer.objects.in_bulk({row[name] for row, name in promised if row[name]})
    for row, name in promised:
        offer = as_promised(offers.get(row[name]), row.pop(f"{name}_terms"))
        row[name] = offer.headline if offer else ""
    columns = [column for column in referrals.columns if not column.name.endswith("_terms")]
    return replace(referrals, columns=columns)
