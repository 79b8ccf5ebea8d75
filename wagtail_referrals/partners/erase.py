"""What is kept of a person at a partner."""

from django.db.models import QuerySet

from ..exceptions import InvalidInput
from ..messages.models import Message
from ..people.erase import GONE, Identity, redact_logs
from ..people.identity import email_key
from ..people.models import Person
from .collateral_models import Collateral
from .contact_reminders import DUE_MAIL as CONTACTS_MAIL
from .introduction_mails import STAGE_MAIL
from .introduction_models import Introduction, WantedContact
from .models import Partner, PartnerContact, PartnerState


def erase_partners(identity: Identity) -> None:
    """The business stays, ended when its main contact goes; whoever was a contact goes.

    Its page is an editor's, as all pages are: what it says of people is theirs to change.
    """
    own = Partner.objects.filter(advocate__person=identity.person)
    keys = list(own.order_by().values_list("pk", flat=True))
    contacts = [row.pk for row in PartnerContact.objects.all() if _is_them(row, identity, keys)]
    PartnerContact.objects.filter(pk__in=contacts).delete()
    mine = Partner.objects.filter(pk__in=keys)
    # Nobody is left to be called at the number they gave, nor to have the link.
    mine.update(phone="", state=PartnerState.ENDED)
    if identity.name:
        # A one-person business is often called like its owner.
        renamed = list(mine.filter(name__iexact=identity.name).values_list("pk", flat=True))
        mine.filter(pk__in=renamed).update(name=GONE)
        identity.redact_rows(_mails_about(renamed), "context")
    identity.redact_rows(Partner.objects.all(), "notes")
    identity.redact_rows(WantedContact.objects.all(), "name", "why")
    identity.redact_rows(Collateral.objects.filter(partner__in=keys), "title", "text")
    redact_logs(identity, mine)


def phones_of(person: Person) -> set[str]:
    """The numbers they gave, as a partner, as a contact of one, or when they were introduced."""
    own = Partner.objects.filter(advocate__person=person).values_list("phone", flat=True)
    introduced = Introduction.objects.filter(introduced=person).values_list("phone", flat=True)
    contacts = PartnerContact.objects.filter(email__iexact=person.email or None)
    return {*own, *introduced, *contacts.values_list("phone", flat=True)}


def _mails_about(keys: list[int]) -> QuerySet[Message]:
    """The mails that name these businesses to others: to staff, and to who introduced somebody."""
    programs = Partner.objects.filter(pk__in=keys).order_by().values("program")
    return Message.objects.filter(kind__in=[CONTACTS_MAIL, STAGE_MAIL], program__in=programs)


def _is_them(contact: PartnerContact, identity: Identity, own: list[int]) -> bool:
    """By the address, however it is written; at their own business by the name, too."""
    if contact.email:
        try:
            return email_key(contact.email) == identity.person.email_key
        except InvalidInput:
            return False
    return contact.partner_id in own and contact.name == identity.name
