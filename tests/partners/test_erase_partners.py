"""A contact who is erased goes; the business and what it earned stays."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.partners.meeting import introduced
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.contact_reminders import remind_of_contacts
from wagtail_referrals.partners.models import Partner, PartnerContact
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program


@pytest.fixture
def partner(program: Program) -> Partner:
    person = find_or_add_person("mia@example.org", name="Mia Miller")
    partner = Partner.objects.create(
        program=program,
        advocate=join_program(program, person),
        name="The Mill",
        state="active",
        phone="030 12 34",
        notes="Mia Miller likes tea",
    )
    for name, email in (("Mia Miller", "MIA@example.org"), ("Moe Miller", "moe@example.org")):
        PartnerContact.objects.create(partner=partner, name=name, email=email)
    return partner


def test_the_main_contact_goes_and_the_business_stays_ended(partner: Partner) -> None:
    erase_person(partner.person, reason="Asked for it")
    partner.refresh_from_db()
    assert (partner.name, partner.state, partner.phone) == ("The Mill", "ended", "")
    assert partner.notes == "– likes tea"
    assert [contact.name for contact in partner.contacts.all()] == ["Moe Miller"]


def test_a_business_called_like_its_owner_loses_the_name(partner: Partner) -> None:
    Partner.objects.update(name="Mia Miller")
    erase_person(partner.person, reason="Asked for it")
    partner.refresh_from_db()
    assert partner.name == "–"


def test_mails_to_others_do_not_name_such_a_business_any_more(partner: Partner) -> None:
    program = partner.program
    Partner.objects.update(name="Mia Miller", next_contact_on=timezone.localdate())
    program.notify_email = "owner@example.org"
    program.save()
    introduced(program, Partner.objects.get())
    remind_of_contacts()
    erase_person(partner.person, reason="Asked for it")
    told = Message.objects.filter(kind__in=["partners_due", "introduction_stage"])
    assert told.count() == 2
    assert not any("Miller" in str(message.context) for message in told)


def test_another_contact_goes_without_the_business(partner: Partner) -> None:
    moe = find_or_add_person("moe@example.org", name="Moe Miller")
    erase_person(moe, reason="Asked for it")
    partner.refresh_from_db()
    assert partner.state == "active"
    assert [contact.name for contact in partner.contacts.all()] == ["Mia Miller"]


def test_nobody_resumes_it_for_who_is_erased(partner: Partner, admin_client: Client) -> None:
    erase_person(partner.person, reason="Asked for it")
    address = f"/admin/referrals/partners/resume/{partner.pk}/"
    response = admin_client.post(address, {"reason": "Again"})
    assert "cannot be done any more" in response.content.decode()
    partner.refresh_from_db()
    assert partner.state == "ended"
