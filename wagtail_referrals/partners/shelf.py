"""Shelves of collateral: who sees what, and the address each may have it at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from ..lookups import Lookup
from ..programs.models import Program
from ..referrals.models import Advocate, AdvocateState
from ..tokens import read_value, sign_value
from .collateral_models import Audience, Collateral, CollateralUse
from .models import Partner, PartnerState

# What each of them sees: a partner is an advocate, too, and an advocate mostly a customer.
SEEN_BY: dict[str, list[Audience]] = {
    Audience.PUBLIC: [Audience.PUBLIC],
    Audience.CUSTOMERS: [Audience.PUBLIC, Audience.CUSTOMERS],
    Audience.ADVOCATES: [Audience.PUBLIC, Audience.CUSTOMERS, Audience.ADVOCATES],
    Audience.PARTNERS: [
        Audience.PUBLIC,
        Audience.CUSTOMERS,
        Audience.ADVOCATES,
        Audience.PARTNERS,
    ],
    Audience.STAFF: list(Audience),
}
TOKEN = "collateral"  # noqa: S105 - a kind, not a secret
# How somebody has used a piece.
DOWNLOAD, SEND = "download", "send"


@dataclass(frozen=True)
class ShelfItem:
    """One thing on a shelf. ``address`` takes it, ``send_address`` opens a mail with it."""

    collateral: Collateral
    address: str
    send_address: str

    @property
    def is_file(self) -> bool:
        """Whether it is downloaded, not opened somewhere else."""
        return not self.collateral.url

    @property
    def size(self) -> int | None:
        """Bytes, where they are known."""
        document = self.collateral.document
        return document.file_size if document else None

    @property
    def extension(self) -> str:
        """Like PDF; "" for what is not a document."""
        document = self.collateral.document
        return document.file_extension.upper() if document else ""


def on_shelf() -> QuerySet[Collateral]:
    """What may be shown at all: what is stale or off the shelf may not."""
    return _of_ours().filter(Q(valid_until=None) | Q(valid_until__gte=timezone.localdate()))


def _of_ours() -> QuerySet[Collateral]:
    """The same, stale or not."""
    ours = Q(partner=None) | Q(partner__state=PartnerState.ACTIVE)
    rows = Collateral.objects.select_related("document", "image", "preview", "partner")
    return rows.filter(ours, is_shown=True).order_by("kind", "title", "pk")


def in_language(rows: QuerySet[Collateral], language: str) -> QuerySet[Collateral]:
    """Those in a language, and those in none; all for ""."""
    if not language:
        return rows
    return rows.filter(language__in=["", language, language.partition("-")[0]])


def shelf(
    program: Program, audience: str, language: str = "", partner: Partner | None = None
) -> list[ShelfItem]:
    """What may be shown to an audience, of one language or of none, by kind.

    Addresses are given for what is public only: for the rest see ``shelf_of_partner`` and
    ``shelf_of_advocate``. Of partners' own material: the public, and that of ``partner``.
    """
    return [item(row) for row in _rows(program, audience, language, partner)]


def shelf_of_partner(partner: Partner, language: str = "") -> list[ShelfItem]:
    """For the partner's own page: each with an address for it alone."""
    rows = _rows(partner.program, Audience.PARTNERS, language, partner)
    return [item(row, token_for(row, partner)) for row in rows]


# The SQL of the shelf that every customer's own page shows, written once.
_of_advocates = Lookup(
    lambda: _of_ours().filter(
        Q(partner=None) | Q(audience=Audience.PUBLIC), audience__in=SEEN_BY[Audience.ADVOCATES]
    ),
    "program",
)


def shelf_of_advocate(advocate: Advocate, language: str = "") -> list[ShelfItem]:
    """For an advocate's own page: each with an address for them alone."""
    today, spoken = timezone.localdate(), ("", language, language.partition("-")[0])
    rows = [
        row
        for row in _of_advocates.all(advocate.program_id)
        if (row.valid_until is None or row.valid_until >= today)
        and (not language or row.language in spoken)
    ]
    return [item(row, token_for(row, advocate)) for row in rows]


def shelf_about(partner: Partner, language: str = "") -> list[ShelfItem]:
    """For the public page of a partner: its own."""
    rows = on_shelf().filter(partner=partner, audience=Audience.PUBLIC)
    return [item(row) for row in in_language(rows, language)]


def _rows(
    program: Program, audience: str, language: str, partner: Partner | None
) -> QuerySet[Collateral]:
    rows = on_shelf().filter(program=program, audience__in=SEEN_BY[audience])
    whose = Q(partner=None) | Q(audience=Audience.PUBLIC)
    if partner:
        whose |= Q(partner=partner)
    return in_language(rows.filter(whose), language)


def item(collateral: Collateral, token: str = "") -> ShelfItem:
    """A piece with its addresses: public, or by the token of whom it is for."""
    return ShelfItem(collateral, address_of(collateral, token), send_address(collateral, token))


def address_of(collateral: Collateral, token: str = "") -> str:
    """The path where it is taken. What is not public needs a token, or the permission of staff."""
    public = collateral.audience == Audience.PUBLIC or not token
    return reverse("wagtail_referrals:collateral", args=[collateral.pk if public else token])


def send_address(collateral: Collateral, token: str = "") -> str:
    """The path that opens a mail of one's own, with words and the address."""
    public = collateral.audience == Audience.PUBLIC or not token
    return reverse("wagtail_referrals:collateral_send", args=[collateral.pk if public else token])


def token_for(collateral: Collateral, holder: Partner | Advocate) -> str:
    """For one piece and one holder; it holds for TOKEN_DAYS, and while they may have it."""
    kind = "partner" if isinstance(holder, Partner) else "advocate"
    return sign_value(TOKEN, [collateral.pk, kind, holder.pk])


def find_public(pk: int) -> Collateral | None:
    """A piece that everybody may have."""
    rows = on_shelf().select_related("program__site")
    return rows.filter(pk=pk, audience=Audience.PUBLIC).first()


def find_by_token(token: str) -> Collateral | None:
    """The piece a token is for, while it is on the shelf of whoever the token is for."""
    value = read_value(TOKEN, token)
    if not (isinstance(value, list) and len(value) == 3):
        return None
    pk, kind, holder = value
    found = on_shelf().select_related("program__site").filter(pk=pk).first()
    return found if found and _is_for(found, kind, holder) else None


def _is_for(collateral: Collateral, kind: str, holder: int) -> bool:
    if kind == "partner":
        partners = Partner.objects.filter(pk=holder, program=collateral.program_id)
        # Who is paused can still look at what they have.
        known = partners.filter(state__in=[PartnerState.ACTIVE, PartnerState.PAUSED]).exists()
        own = collateral.partner_id in (None, holder) or collateral.audience == Audience.PUBLIC
        return known and own and collateral.audience in SEEN_BY[Audience.PARTNERS]
    if kind != "advocate" or collateral.audience not in SEEN_BY[Audience.ADVOCATES]:
        return False
    advocates = Advocate.objects.filter(pk=holder, program=collateral.program_id)
    there = advocates.filter(state=AdvocateState.ACTIVE, person__erased_at=None)
    own = collateral.partner_id is None or collateral.audience == Audience.PUBLIC
    return own and there.exists()


def count_use(collateral: Collateral, how: str) -> None:
    """Note that somebody took or sent it: one INSERT."""
    CollateralUse.objects.create(collateral=collateral, how=how)


def draft(collateral: Collateral, address: str) -> str:
    """A mail of one's own, as an address that opens it: words and the way to the piece."""
    words = "\n\n".join(part for part in (collateral.text, address) if part)
    subject = gettext("For you: %(title)s") % {"title": collateral.title}
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(words, safe='')}"


def file_of(collateral: Collateral) -> Any:
    """The document or the picture; None for what is somewhere else."""
    return collateral.document or collateral.image
