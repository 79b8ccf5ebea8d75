"""What stands on a partner's own page beside its link: introductions, wishes, material."""

import pytest

from tests.pages.joining import text
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.introduction_models import WantedContact
from wagtail_referrals.partners.introductions import Told, introduce
from wagtail_referrals.partners.mail import own_page_path
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.referrals.models import Advocate

pytestmark = pytest.mark.usefixtures("no_time_trap")


def told(email):
    return Told(email=email, name=email.split("@")[0].title(), way="call", consent="They agreed.")


def test_both_ways_of_introductions_are_there_with_their_stage(client, partner, advocate):
    program = partner.program
    introduce(program, told("dora@example.org"), giver_email="ann@example.org", to=partner)
    introduce(program, told("emil@example.org"), giver_email=partner.person.email)
    own = client.get(own_page_path(partner))
    assert [str(each["introduction"]) for each in own.context["from_us"]] == ["Ann Advocate → Dora"]
    assert [str(one.introduced) for one in own.context["from_you"]] == ["Emil"]
    assert "received" in text(own)


def test_whom_we_would_like_to_meet_leads_to_a_form_with_their_name(client, partner):
    WantedContact.objects.create(program=partner.program, name="Harbour Hotel")
    own = client.get(own_page_path(partner))
    (wanted,) = own.context["wanted"]
    form = client.get(wanted["url"])
    assert form.context["form"]["name"].value() == "Harbour Hotel"


def test_material_for_partners_is_there_and_can_be_taken(client, partner):
    Collateral.objects.create(
        program=partner.program,
        kind="video",
        title="How we roast",
        audience="partners",
        url="https://example.org/film",
    )
    own = client.get(own_page_path(partner))
    (item,) = own.context["shelf"]
    assert client.get(item.address).status_code in (200, 302)


def test_the_ready_made_words_name_the_partners_own_offer(client, partner):
    offer = Offer.objects.create(name="P", kind="percent", amount=25, wording="A quarter off")
    Advocate.objects.filter(pk=partner.advocate_id).update(friend_offer=offer)
    assert "A quarter off" in client.get(own_page_path(partner)).context["share"].text
