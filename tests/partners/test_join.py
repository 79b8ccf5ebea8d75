"""Where a business stands: invited, applied, active, at rest, ended; its link follows."""

import pytest
from wagtail.models import ModelLogEntry

from wagtail_referrals.exceptions import InvalidInput, ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.join import (
    Business,
    accept_invitation,
    apply,
    ask_for_link,
    invite_partner,
)
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.partners.states import activate, end, pause, resume
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.referrals.join import join_program


@pytest.fixture
def partner(program):
    return invite_partner(program, email="cem@example.org", name="Bicycles", kind="supplier")


@pytest.fixture
def active(partner):
    activate(partner)
    return partner


def stored(partner):
    row = Partner.objects.select_related("advocate").get(pk=partner.pk)
    return row.state, row.advocate.state


def test_who_is_invited_has_a_link_that_leads_nowhere_yet(partner):
    assert stored(partner) == ("invited", "paused")
    assert Message.objects.get().kind == "partner_invitation"


@pytest.mark.parametrize(
    ("email", "name", "code"),
    [("nonsense", "Bicycles", "invalid_email"), ("cem@example.org", " \n", "invalid_text")],
)
def test_nobody_is_invited_without_an_address_and_a_name(program, email, name, code):
    with pytest.raises(InvalidInput) as refused:
        invite_partner(program, email=email, name=name, kind="supplier")
    assert refused.value.code == code
    assert not Partner.objects.exists()


def test_who_asked_not_to_be_contacted_is_not_invited(program):
    suppress("cem@example.org")
    with pytest.raises(ReferralsError) as refused:
        invite_partner(program, email="Cem@example.org", name="Bicycles", kind="supplier")
    assert refused.value.code == "no_contact"


def test_who_is_on_the_block_list_is_not_invited_and_cannot_apply(program):
    block_person("cem@example.org", reason="fraud")
    with pytest.raises(ReferralsError) as refused:
        invite_partner(program, email="cem@example.org", name="Bicycles", kind="supplier")
    assert refused.value.code == "blocked"
    assert apply(program, Business("Bicycles"), email="cem@example.org") == (None, False)


def test_a_customer_can_become_a_partner_and_keeps_the_link(program, advocate):
    partner = invite_partner(program, email="ann@example.org", name="Ann's", kind="strategic")
    assert partner.advocate == advocate
    assert stored(partner) == ("invited", "active")


def test_one_business_may_be_a_partner_of_two_programs(program):
    from tests.fixtures import make_program

    for one in (program, make_program("others")):
        invite_partner(one, email="cem@example.org", name="Bicycles", kind="supplier")
    assert Partner.objects.count() == 2


def test_an_invitation_is_accepted_once(partner):
    business = Business("Harbour Bicycles", cooperation=("article", "nonsense"))
    assert accept_invitation(partner, business, contact="Cem Cyclist")
    assert not accept_invitation(partner, Business("Other"))
    partner.refresh_from_db()
    assert (partner.name, partner.cooperation) == ("Harbour Bicycles", ["article"])
    assert partner.person.name == "Cem Cyclist"


def test_a_partner_becomes_active_once_and_is_told_once(partner):
    assert [activate(partner), activate(partner)] == [True, False]
    assert stored(partner) == ("active", "active")
    assert Message.objects.filter(kind="partner_published").count() == 1


def test_who_asked_not_to_be_contacted_since_gets_the_link_they_ask_for_and_no_more(active):
    Message.objects.all().delete()
    suppress(active.person.email)
    pause(active, reason="x")
    ask_for_link(active.person.email)
    assert list(Message.objects.values_list("kind", flat=True)) == ["partner_link"]


@pytest.mark.parametrize(
    ("steps", "ends"),
    [
        ([pause], ("paused", "paused")),
        ([pause, resume], ("active", "active")),
        ([end], ("ended", "paused")),
        ([pause, end], ("ended", "paused")),
        ([end, resume], ("active", "active")),
    ],
)
def test_the_link_works_while_the_partner_is_active(active, steps, ends):
    for step in steps:
        step(active)
    assert stored(active) == ends
    assert Message.objects.filter(kind="partner_state").count() == len(steps)


@pytest.mark.parametrize("again", [pause, end])
def test_what_is_done_is_not_done_again(active, again):
    again(active)
    with pytest.raises(ReferralsError) as refused:
        again(active)
    assert refused.value.code == "not_possible"


def test_a_partner_takes_up_what_it_paused_and_no_more(active):
    pause(active, by_itself=True)
    resume(active, by_itself=True)
    for stop in (pause, end):
        stop(active)
        with pytest.raises(ReferralsError):
            resume(active, by_itself=True)
        resume(active)
    # What it does itself, it need not be told.
    assert Message.objects.filter(kind="partner_state").count() == 4


def test_an_ended_partner_does_not_come_back_by_publishing_its_page(active):
    end(active)
    assert not activate(active)
    assert stored(active) == ("ended", "paused")


def test_every_step_is_in_the_log_without_the_name(active, admin_user):
    pause(active, reason="On holiday", user=admin_user)
    lines = ModelLogEntry.objects.for_instance(active).order_by("pk")
    assert [line.data["state"] for line in lines] == ["invited", "active", "paused"]
    assert lines[2].data["reason"] == "On holiday"
    assert not any("Bicycles" in line.label for line in lines)


def test_a_new_link_is_sent_to_partners_once_an_hour_and_to_nobody_else(program, active):
    join_program(program, active.person)
    for email in ("cem@example.org", "cem@example.org", "nobody@example.org"):
        ask_for_link(email)
    assert Message.objects.filter(kind="partner_link").count() == 1
