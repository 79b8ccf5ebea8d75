"""Partners in the admin: invited, edited, paused and ended; what may not be done."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.referrals.models import Advocate

from .conftest import Story, make_partner, staff

LIST = "/admin/referrals/partners/"


@pytest.fixture
def partner(story: Story) -> Partner:
    return Partner.objects.select_related("advocate").get()


def address(partner: Partner, action: str) -> str:
    return f"{LIST}{action}/{partner.pk}/"


def typed(partner: Partner, **values: Any) -> dict[str, Any]:
    """The form as it is shown, with these values."""
    contact = partner.contacts.get()
    return {
        "name": partner.name,
        "kind": partner.kind,
        "website": "",
        "phone": "",
        "notes": "",
        "owner": "",
        "next_contact_on": "",
        "friend_offer": "",
        "landing_page": "",
        "contacts-TOTAL_FORMS": "1",
        "contacts-INITIAL_FORMS": "1",
        "contacts-0-id": contact.pk,
        "contacts-0-name": contact.name,
        "contacts-0-email": contact.email,
        "joint_offers-TOTAL_FORMS": "0",
        "joint_offers-INITIAL_FORMS": "0",
        **values,
    }


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    form = response.context["form"]
    return {**form.errors, **{f"{e}": e for e in form.non_field_errors()}}


def test_a_business_is_invited_by_its_name_and_an_e_mail(story: Story, owner: Client) -> None:
    data = {
        "program": story.program.pk,
        "name": "Kiln",
        "email": "kim@example.org",
        "kind": "content",
    }
    response = owner.post(f"{LIST}new/", data)
    kiln = Partner.objects.get(name="Kiln")
    assert response.url == address(kiln, "inspect")  # type: ignore[attr-defined]
    assert (kiln.state, kiln.kind, kiln.advocate.state) == ("invited", "content", "paused")
    assert Message.objects.filter(kind="partner_invitation").count() == 1


def test_two_partners_with_one_e_mail_are_refused_at_the_field(story: Story, owner: Client) -> None:
    data = {
        "program": story.program.pk,
        "name": "Kiln",
        "email": "Pia@Example.org",
        "kind": "content",
    }
    response = owner.post(f"{LIST}new/", data)
    assert list(errors(response)) == ["email"]
    assert Partner.objects.count() == 1


def test_what_is_typed_is_kept(partner: Partner, owner: Client) -> None:
    offer = Offer.objects.get(name="Friend")
    values = typed(
        partner,
        website="https://lane.example",
        cooperation=["article", "event"],
        next_contact_on="2030-05-01",
        friend_offer=offer.pk,
        **{
            "joint_offers-TOTAL_FORMS": "1",
            "joint_offers-0-title": "Ten off the first roast",
            "joint_offers-0-ends_on": "2030-06-01",
        },
    )
    response = owner.post(address(partner, "edit"), values)
    assert response.status_code == 302, errors(response)
    partner.refresh_from_db()
    assert partner.website == "https://lane.example"
    assert partner.cooperation == ["article", "event"]
    assert partner.joint_offers.get().title == "Ten off the first roast"
    assert Advocate.objects.get(pk=partner.advocate_id).friend_offer == offer


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("website", "ftp://example.org"),
        ("name", ""),
        ("name", "x" * 200),
        ("kind", "friend"),
        ("next_contact_on", "soon"),
        ("notes", "x" * 6000),
    ],
)
def test_bad_input_is_told_at_the_field(
    field: str, value: str, partner: Partner, owner: Client
) -> None:
    assert list(errors(owner.post(address(partner, "edit"), typed(partner, **{field: value})))) == [
        field
    ]


def test_a_joint_offer_s_link_is_a_web_address(partner: Partner, owner: Client) -> None:
    values = typed(
        partner,
        **{
            "joint_offers-TOTAL_FORMS": "1",
            "joint_offers-0-title": "Roast",
            "joint_offers-0-url": "javascript:alert(1)",
        },
    )
    response = owner.post(address(partner, "edit"), values)
    assert response.status_code == 200
    assert partner.joint_offers.count() == 0


def test_an_offer_in_another_currency_is_refused(partner: Partner, owner: Client) -> None:
    dollars = Offer.objects.create(name="Dollars", kind="fixed", amount=Decimal(5), currency="USD")
    response = owner.post(address(partner, "edit"), typed(partner, friend_offer=dollars.pk))
    assert "USD" in str(errors(response)["friend_offer"])
    values = typed(
        partner,
        **{
            "joint_offers-TOTAL_FORMS": "1",
            "joint_offers-0-title": "Roast",
            "joint_offers-0-offer": dollars.pk,
        },
    )
    response = owner.post(address(partner, "edit"), values)
    assert "USD" in response.content.decode()
    assert partner.joint_offers.count() == 0


def test_a_form_left_open_does_not_undo_a_pause(partner: Partner, owner: Client) -> None:
    owner.get(address(partner, "edit"))
    values = typed(partner, phone="030 12")
    owner.post(address(partner, "pause"), {"reason": "On holiday"})
    owner.post(address(partner, "edit"), values)
    partner.refresh_from_db()
    assert (partner.state, partner.phone) == ("paused", "030 12")


def test_a_partner_s_program_stays(partner: Partner, owner: Client) -> None:
    from tests.fixtures import make_program

    other = make_program("others")
    owner.post(address(partner, "edit"), typed(partner, program=other.pk))
    partner.refresh_from_db()
    assert partner.program != other


def test_pause_resume_and_end_take_the_link_with_them(partner: Partner, owner: Client) -> None:
    for action, state, link in (
        ("pause", "paused", "paused"),
        ("resume", "active", "active"),
        ("end", "ended", "paused"),
    ):
        owner.post(address(partner, action), {"reason": "Because"})
        partner.refresh_from_db()
        advocate = Advocate.objects.get(pk=partner.advocate_id)
        assert (partner.state, advocate.state) == (state, link)
        assert "Because" in owner.get(address(partner, "inspect")).content.decode()


def test_what_is_not_possible_any_more_is_said(partner: Partner, owner: Client) -> None:
    owner.post(address(partner, "end"), {"reason": "Moved"})
    response = owner.post(address(partner, "end"), {"reason": "Again"})
    assert "cannot be done any more" in response.content.decode()
    response = owner.post(address(partner, "link"), {})
    assert "cannot be done any more" in response.content.decode()


def test_their_link_is_sent(partner: Partner, owner: Client) -> None:
    owner.post(address(partner, "link"))
    assert Message.objects.filter(kind="partner_link", person=partner.person).count() == 1


def test_a_favour_is_noted_with_its_day_and_an_older_one_takes_nothing_back(
    partner: Partner, owner: Client
) -> None:
    today = timezone.localdate()
    for on in (today, today - timedelta(days=9)):
        response = owner.post(address(partner, "favour"), {"reason": "Lunch", "on": on.isoformat()})
        assert response.status_code == 302
    partner.refresh_from_db()
    assert partner.last_favour_on == today
    tomorrow = (today + timedelta(days=1)).isoformat()
    response = owner.post(address(partner, "favour"), {"reason": "Lunch", "on": tomorrow})
    assert list(errors(response)) == ["on"]


def test_the_list_finds_and_filters(story: Story, owner: Client) -> None:
    bakery = make_partner(story.program, "ole@example.org", "Ole's Bakery")
    Partner.objects.filter(pk=bakery.pk).update(
        kind="supplier", next_contact_on=timezone.localdate()
    )
    for query in ("q=ole", "q=ole@example.org", "kind=supplier", "due=true"):
        rows = owner.get(f"{LIST}?{query}").context["object_list"]
        assert [row.name for row in rows] == ["Ole's Bakery"], query


def test_the_qr_code_is_a_file(partner: Partner, owner: Client) -> None:
    response = owner.get(address(partner, "qr"))
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"].startswith("attachment")


def test_a_screen_costs_as_much_with_more_friends(
    partner: Partner, owner: Client, django_assert_max_num_queries: Any
) -> None:
    owner.get(address(partner, "inspect"))
    with django_assert_max_num_queries(30):
        assert owner.get(address(partner, "inspect")).status_code == 200


def test_who_may_only_invite_partners_is_led_back_to_the_list(
    story: Story, django_user_model: Any
) -> None:
    client = staff(django_user_model, "few", ("add",))
    sent = {
        "program": story.program.pk,
        "name": "Mill",
        "email": "m@example.org",
        "kind": "strategic",
    }
    response = client.post(f"{LIST}new/", sent, follow=True)
    assert response.status_code == 200
    assert list(response.context["object_list"]) == []
    assert Partner.objects.filter(name="Mill").exists()
