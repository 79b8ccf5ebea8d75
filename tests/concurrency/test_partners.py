"""One business that applies however often at once is one partner."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from tests.pages.joining import ANSWERS
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages import drafts
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners import join
from wagtail_referrals.partners.join import invite_partner
from wagtail_referrals.partners.models import JointOffer, Partner
from wagtail_referrals.partners.states import activate, pause
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SPELLINGS = [f"{local}@gmail.com" for local in ("cem.cyclist", "CemCyclist", "c.e.m.cyclist+1")]


@pytest.fixture
def hub(landing):
    hub = PartnerHubPage(title="Hub", slug="hub", program=landing.program)
    hub = landing.get_parent().add_child(instance=hub)
    assert hub.loaded_program
    return hub


def apply(hub, number):
    answers = {**ANSWERS, "email": SPELLINGS[number % 3], "logo": None, "links": []}
    answers["takes_new_clients"] = True
    return drafts.take_application(PartnerHubPage.objects.get(pk=hub.pk), answers)


def race_of_applications(hub, monkeypatch):
    """All look whether it is a partner before the first of them is stored."""
    monkeypatch.setattr(join, "find_partner", Meeting(16).after(join.find_partner))
    return race([partial(apply, hub, number) for number in range(16)])


def test_16_applications_at_once_are_one_partner_with_one_page(hub, monkeypatch):
    results = race_of_applications(hub, monkeypatch)
    assert not refusals(results)
    assert sorted(successes(results)) == [False] * 15 + [True]
    assert Person.objects.filter(email__contains="gmail").count() == 1
    assert Partner.objects.count() == PartnerPage.objects.count() == JointOffer.objects.count() == 1
    assert Message.objects.filter(kind="partner_link").count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_one_business_becomes_many_partners(hub, monkeypatch):
    # They meet after they looked for a partner; the page's place in the tree would stop them, too.
    join_program(hub.program, find_or_add_person(SPELLINGS[0]))
    monkeypatch.setattr(join, "find_partner", Meeting(16).after(join.find_partner))
    with without_unique(Partner, "advocate_id"):
        race([lambda: join.apply(hub.program, join.Business("C"), email=SPELLINGS[0])] * 16)
        assert Partner.objects.count() > 1


def test_of_16_invitations_at_once_one_is_sent(hub):
    def invite():
        return invite_partner(hub.program, email="cem@example.org", name="C", kind="supplier")

    results = race([invite] * 16)
    assert refusals(results) == {"partner_known": 15}
    assert Partner.objects.count() == 1
    assert Message.objects.filter(kind="partner_invitation").count() == 1


def test_of_16_that_pause_at_once_one_does(hub):
    partner = invite_partner(hub.program, email="cem@example.org", name="C", kind="supplier")
    activate(partner)
    results = race([lambda: pause(Partner.objects.get(pk=partner.pk))] * 16)
    assert refusals(results) == {"not_possible": 15}
    assert all(isinstance(error, ReferralsError | None) for error in results)
    assert Message.objects.filter(kind="partner_state").count() == 1
