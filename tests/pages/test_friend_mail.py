"""The form with which an advocate has the site write to a friend, and the friend's no."""

import pytest

from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.referrals.own_link import own_page_path

pytestmark = pytest.mark.usefixtures("no_time_trap")


@pytest.fixture
def address(program, advocate):
    program.mails_to_friends = True
    program.save()
    return f"{own_page_path(advocate)}friend/"


def send(client, address, **values):
    form = client.get(address).context["form"]
    shown = {form.stamp_name: form[form.stamp_name].value()}
    return client.post(address, {"email": "bo@example.org", "note": "Try it", **shown, **values})


def test_a_mail_is_sent_and_reloading_sends_none(client, address):
    response = send(client, address)
    assert (response.status_code, response.url) == (303, f"{address}?sent")
    assert "Thank you" in client.get(response.url).content.decode()
    assert Message.objects.get().context["note"] == "Try it"


def test_the_answer_is_the_same_for_who_may_not_be_written_to(client, address):
    suppress("cleo@example.org")
    sent, kept = send(client, address), send(client, address, email="cleo@example.org")
    assert (sent.status_code, sent.url) == (kept.status_code, kept.url)
    assert Message.objects.count() == 1


def test_looking_sends_nothing(client, address):
    assert client.get(address).status_code == 200
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": "x"}, "e-mail address"),
        ({"email": "ann@example.org"}, "somebody else"),
        ({"note": "https://example.org"}, "without web addresses"),
        ({"note": "x" * 301}, "300"),
        ({"name": "www.example.org"}, "not an address"),
        ({"note": "a\x00b"}, "Null characters"),
    ],
)
def test_an_error_stands_beside_its_field(client, address, values, words):
    response = send(client, address, **values)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not Message.objects.exists()


def test_who_has_no_name_is_asked_for_it(client, address, advocate):
    advocate.person.name = ""
    advocate.person.save()
    assert "sender" in client.get(address).context["form"].fields
    assert send(client, address).status_code == 200
    assert send(client, address, sender="Ann").status_code == 303
    assert Message.objects.get().context["advocate_name"] == "Ann"
    assert "sender" not in client.get(address).context["form"].fields


def test_a_name_that_is_an_address_is_no_name(client, address, advocate):
    advocate.person.name = "https://example.org"
    advocate.person.save()
    assert send(client, address).status_code == 200
    assert send(client, address, sender="casino.example").status_code == 200
    assert send(client, address, sender="Ann").status_code == 303


def test_too_many_are_refused(client, address, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "1/h"}
    send(client, address)
    assert send(client, address, email="cy@example.org").status_code == 429
    assert Message.objects.count() == 1


def test_where_it_is_off_there_is_no_form(client, advocate):
    page = client.get(f"{own_page_path(advocate)}friend/")
    assert "We don&#x27;t write to friends" in page.content.decode()
    client.post(f"{own_page_path(advocate)}friend/", {"email": "bo@example.org"})
    assert not Message.objects.exists()


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "🦆"])
@pytest.mark.parametrize("path", ["/refer/me/{}/friend/", "/refer/friend/{}/"])
def test_a_forged_address_is_friendly(client, db, path, token):
    for ask in (client.get, client.post):
        assert ask(path.format(token)).status_code == 404


def test_it_is_kept_nowhere_and_named_to_nobody(client, address):
    response = client.get(address)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
