"""Introducing somebody by a page: to us or a partner on a hub, and the partner's page about it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from tests.partner_fixtures import list_partner
from tests.partners.meeting import introduced, make_partner
from wagtail_referrals.exceptions import ClaimRefused
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.introduction_mails import introduction_path
from wagtail_referrals.partners.introduction_models import Introduction, WantedContact
from wagtail_referrals.partners.introductions import wanted_token
from wagtail_referrals.partners.mail import own_page_path
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.partners.stages import move
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import suppress

pytestmark = pytest.mark.usefixtures("no_time_trap")

SAID = {
    "name": "Dora Keen",
    "email": "dora@example.org",
    "need": "A new shop window",
    "known": "well",
    "way": "mail",
    "agreed": "yes",
    "giver_name": "Ann Advocate",
    "giver_email": "ann@example.org",
}


@pytest.fixture
def hub(program):
    root = program.site.root_page
    return root.add_child(instance=PartnerHubPage(title="Guide", slug="guide", program=program))


def shown(hub, program, name="Kiln", **values):
    """A partner with a page in the hub's directory."""
    partner = make_partner(program, name)
    page = PartnerPage(title=name, slug=name.lower(), partner=partner, **values)
    hub.add_child(instance=page)
    return partner


def send(client, hub, **values):
    form = client.get("/guide/introduce/").context.get("form")
    values = {"to": "us", **values}
    stamp = {"referrals-shown": form["referrals-shown"].value()} if form else {}
    return client.post(hub.form_action("introduce"), {**SAID, **stamp, **values})


def test_the_form_is_shown_without_a_cookie(client, hub):
    response = client.get("/guide/introduce/")
    assert response.status_code == 200
    assert not response.cookies
    assert "They agree that I pass on their name" in response.content.decode()


def test_an_introduction_leads_to_a_thank_you_of_its_own_address(client, hub):
    response = send(client, hub)
    assert response.status_code == 303
    assert response["Location"].startswith("/guide/introduce/thanks/")
    assert Introduction.objects.get().introduced.name == "Dora Keen"
    thanks = client.get(response["Location"])
    assert "I would like to introduce you to" in thanks.content.decode()
    assert "no-store" in thanks["Cache-Control"]


def test_on_a_hub_it_can_be_to_a_partner_of_choice(client, hub, program):
    partner = shown(hub, program)
    assert "Kiln" in client.get("/guide/introduce/").content.decode()
    send(client, hub, to=partner.pk)
    assert Introduction.objects.get().partner == partner


@pytest.mark.parametrize("to", ["", "0", "x", "99999999999999999999", "-1"])
def test_to_nobody_we_know_is_an_error_at_the_field(client, hub, program, to):
    shown(hub, program)
    response = send(client, hub, to=to)
    assert "to" in response.context["form"].errors
    assert not Introduction.objects.exists()


def test_a_partner_who_rests_is_no_choice(client, hub, program):
    resting = shown(hub, program)
    Partner.objects.update(state="paused")
    shown(hub, program, "Loom")
    assert "Kiln" not in client.get("/guide/introduce/").content.decode()
    assert "to" in send(client, hub, to=resting.pk).context["form"].errors


@pytest.mark.parametrize("values", [{"takes_new_clients": False}, {"live": False}])
def test_a_partner_without_a_page_to_be_seen_or_room_for_clients_is_no_choice(
    client, hub, program, values
):
    shown(hub, program, **values)
    assert "Kiln" not in client.get("/guide/introduce/").content.decode()


def test_what_was_meant_for_a_partner_who_is_no_choice_any_more_does_not_go_to_us(
    client, hub, program
):
    partner = shown(hub, program)
    Partner.objects.update(state="paused")
    response = send(client, hub, to=partner.pk)
    assert "Begin anew" in response.content.decode()
    assert not Introduction.objects.exists()


def test_whoever_knows_an_address_is_not_told_whose_it_is(client, hub):
    find_or_add_person("dora@example.org", name="Dora Secret")
    find_or_add_person("ann@example.org", name="Ann Secret")
    thanks = client.get(send(client, hub)["Location"])
    deliver_due()
    told = thanks.content.decode() + "".join(one.body for one in mail.outbox)
    assert "Dora Keen" in told
    assert "Secret" not in told.replace("Hello Ann Secret", "")


def test_whoever_sends_the_same_later_does_not_read_what_was_said_before(client, hub):
    send(client, hub, need="A doctor for it")
    Introduction.objects.update(created_at=timezone.now() - timedelta(hours=1))
    thanks = client.get(send(client, hub, need="Anything")["Location"])
    assert "Thank you for the introduction" in thanks.content.decode()
    assert "A doctor" not in thanks.content.decode()


@pytest.mark.parametrize("field", ["name", "giver_name"])
@pytest.mark.parametrize("name", ["Win at https://x.example", "WWW.x.example", "x.example/win"])
def test_no_name_is_an_advertisement_in_our_mails(client, hub, field, name):
    response = send(client, hub, **{field: name})
    assert "not an address" in str(response.context["form"].errors[field])
    assert not Introduction.objects.exists()


def test_the_forms_of_all_partners_pages_are_counted_together(client, hub, program, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "2/h"}
    cache.clear()
    for name in ("Kiln", "Loom", "Mill"):
        shown(hub, program, name)
    stamp = hub._form_to_introduce()["referrals-shown"].value()
    sent = {**SAID, "referrals-shown": stamp}
    pages = PartnerPage.objects.all()
    statuses = [client.post(page.form_action("introduce"), sent).status_code for page in pages]
    assert statuses == [303, 303, 429]


def test_a_partner_sees_the_names_that_it_gave(client, program):
    partner = make_partner(program)
    find_or_add_person("dora@example.org", name="Dora Secret")
    introduced(program, giver_email=partner.person.email)
    own = client.get(own_page_path(partner)).content.decode()
    assert "Dora Keen" in own
    assert "Secret" not in own


def test_without_consent_there_is_a_text_and_nothing_is_stored(client, hub):
    response = send(client, hub, agreed="no", email="", giver_email="", known="", way="")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Hello Dora Keen," in page and "A new shop window" in page
    assert not Person.objects.exists() and not Introduction.objects.exists()


def test_somebody_who_is_not_to_be_contacted_is_refused_without_a_reason(client, hub):
    suppress("dora@example.org")
    page = send(client, hub).content.decode()
    assert "We cannot take this introduction." in page
    assert "contacted" not in page.split("We cannot take this introduction.")[1][:200]
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("agreed", ""),
        ("agreed", "maybe"),
        ("email", "no address"),
        ("email", "ANN@example.org"),
        ("email", "a" * 300 + "@example.org"),
        ("giver_email", ""),
        ("name", " \x00 "),
        ("name", "\u200b"),
        ("name", "x" * 121),
        ("need", "x" * 2001),
        ("need", "\x00"),
        ("phone", "javascript:alert(1)"),
        ("known", "x"),
        ("way", "x"),
        ("best_time", "x" * 121),
    ],
)
def test_what_cannot_be_is_an_error_at_the_field(client, hub, field, value):
    response = send(client, hub, **{field: value})
    assert field in response.context["form"].errors
    assert not Person.objects.exists()


def test_a_machine_is_caught(client, hub):
    assert send(client, hub, **{"referrals-website": "x"}).status_code == 200
    assert not Introduction.objects.exists()


def test_twice_is_once(client, hub):
    send(client, hub)
    assert send(client, hub).status_code == 303
    assert Introduction.objects.count() == 1


def test_an_ended_program_takes_none(client, hub, program):
    program.ends_at = timezone.now()
    program.save()
    assert "has ended" in client.get("/guide/introduce/").content.decode()
    assert "has ended" in send(client, hub).content.decode()
    assert not Introduction.objects.exists()


def test_a_wanted_contact_is_named_in_the_form_for_whoever_has_the_address(client, hub, program):
    wanted = WantedContact.objects.create(program=program, name="Museum of Boats")
    token = wanted_token(wanted)
    assert "Museum of Boats" in client.get(f"/guide/introduce/?wanted={token}").content.decode()
    assert "Museum of Boats" not in client.get("/guide/introduce/?wanted=1").content.decode()
    send(client, hub, wanted=token)
    assert Introduction.objects.get().wanted == wanted


@pytest.mark.parametrize("token", ["x", "x" * 600, "1"])
def test_a_thank_you_nobody_was_given_says_so(client, hub, token):
    response = client.get(f"/guide/introduce/thanks/{token}/")
    assert response.status_code == 404
    assert "coupon" not in response.content.decode()


def test_the_partner_sees_who_it_is_and_says_how_far_it_is(client, program):
    partner = make_partner(program)
    introduction = introduced(program, partner, phone="+49 30 123")
    deliver_due()
    sent = next(one for one in mail.outbox if partner.person.email in one.to)
    assert introduction_path(introduction).split("/")[-3] in sent.body
    path = introduction_path(introduction)
    response = client.get(path)
    page = response.content.decode()
    assert "dora@example.org" in page and "+49 30 123" in page
    assert response["X-Robots-Tag"] == "noindex" and "no-store" in response["Cache-Control"]
    assert client.post(path, {"stage": "accepted"}).status_code == 303
    introduction.refresh_from_db()
    assert introduction.stage == "accepted"
    assert introduction.entries.last().actor == "partner"


@pytest.mark.parametrize("stage", ["won", "lost", "received", "", "x", "offer"])
def test_the_partner_does_not_say_what_is_ours_to_say(client, program, stage):
    introduction = introduced(program, make_partner(program))
    client.post(introduction_path(introduction), {"stage": stage})
    introduction.refresh_from_db()
    assert introduction.stage == "received"


@pytest.mark.parametrize("token", ["x", "x" * 600, "MTox"])
def test_a_private_page_of_nobody_is_not_found(client, program, token):
    assert client.get(f"/referrals/introduction/{token}/").status_code == 404


def test_an_ended_partner_sees_nobody(client, program):
    partner = make_partner(program)
    introduction = introduced(program, partner)
    type(partner).objects.update(state="ended")
    assert client.get(introduction_path(introduction)).status_code == 404


def test_a_partner_on_the_block_list_sees_and_gets_nobody(client, program):
    partner = make_partner(program)
    address = introduction_path(introduced(program, partner))
    block_person(partner.person, reason="fraud")
    assert client.get(address).status_code == 404
    assert client.get(own_page_path(partner)).status_code == 404
    with pytest.raises(ClaimRefused):
        introduced(program, Partner.objects.get(), email="emil@example.org")


def test_what_was_introduced_to_us_is_no_partners_to_see(client, program):
    introduction = introduced(program)
    assert client.get(introduction_path(introduction)).status_code == 404


def test_a_move_of_staff_is_what_the_page_says(client, program):
    introduction = introduced(program, make_partner(program))
    move(introduction, "meeting")
    assert "meeting" in client.get(introduction_path(introduction)).content.decode()


def test_the_title_of_the_window_says_what_the_form_is_for(client, hub):
    assert "<title>Introduce somebody" in client.get("/guide/introduce/").content.decode()


def test_the_title_of_the_window_says_that_there_are_errors(client, hub):
    page = send(client, hub, name="").content.decode()
    assert "<title>Error: Introduce somebody" in page


def test_whoever_takes_no_new_clients_says_so_and_leads_back_to_the_page(client, hub):
    page = list_partner(hub, "Bay Bicycles", takes_new_clients=False)
    said = client.get(f"{page.url}introduce/").content.decode()
    assert "They take no new clients at the moment" in said
    assert f'href="{page.url}"' in said


def test_whoever_takes_no_new_clients_is_not_among_those_to_choose(client, hub):
    for name, takes in [("Anchor Bakery", True), ("Bay Bicycles", False)]:
        list_partner(hub, name, takes_new_clients=takes)
    form = client.get("/guide/introduce/").context["form"]
    assert [label for _value, label in form.fields["to"].choices][1:] == ["Anchor Bakery"]
