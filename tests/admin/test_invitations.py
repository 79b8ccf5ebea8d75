"""Staff invite from a file: everybody in it or nobody; the links can be taken along."""

import csv
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import GroupPagePermission

from tests.admin.conftest import open_pages_to, staff
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person

pytestmark = pytest.mark.django_db
URL = "/admin/referrals/invitations/"


@pytest.fixture
def send(owner, feedback_page):
    def send(text=b"", client=owner, **values):
        data = {"page": feedback_page.pk, "days": 30, **values}
        if text:
            data["file"] = SimpleUploadedFile("people.csv", text)
        return client.post(f"{URL}new/", data)

    return send


def test_everybody_in_a_file_is_invited_and_mailed(send):
    assert send(b"e-mail,name\nann@example.org,Ann\nbo@example.org,Bo", send="on").url == URL
    assert Invitation.objects.count() == Message.objects.count() == 2


def test_typed_lines_do_as_well_and_nobody_is_mailed_unasked(send):
    assert send(people="ann@example.org, Ann").status_code == 302
    assert Person.objects.get().name == "Ann"
    assert not Message.objects.exists()


def test_a_broken_line_is_named_and_nobody_is_invited(send):
    response = send(b"ann@example.org\nnobody\n")
    assert "Line 2: Enter an e-mail address" in response.content.decode()
    assert not Invitation.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a file, or type the people"),
        ({"people": "a@example.org", "days": "x"}, "Enter a whole number"),
        ({"people": "a@example.org", "days": 400}, "less than or equal to 365"),
        ({"people": "a@example.org", "page": 1}, "Select a valid choice"),
    ],
)
def test_what_is_missing_is_said(send, values, words):
    assert words in send(**values).content.decode()


def test_a_mail_needs_a_program(send, feedback_page):
    type(feedback_page).objects.update(program=None)
    assert "The page has no program" in send(people="a@example.org", send="on").content.decode()


def test_the_exported_links_open_the_form(send, owner):
    send(people="ann@example.org, =Ann()")
    rows = list(csv.reader(StringIO(b"".join(owner.get(f"{URL}?export=csv")).decode())))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["E-mail"], row["Name"], row["State"]) == ("ann@example.org", "'=Ann()", "open")
    assert "form" in Client().get(row["Link"]).context


def test_states_filter_the_list(send, owner):
    send(people="ann@example.org")
    for state, count in (("open", 1), ("answered", 0), ("expired", 0)):
        listed = owner.get(f"{URL}?state={state}").context["object_list"]
        assert len(listed) == count, state


def test_who_may_not_open_a_pages_answers_neither_sees_nor_makes_invitations(
    send, django_user_model, feedback_page
):
    send(people="ann@example.org")
    client = staff(django_user_model, "clara", ("view", "add"))
    GroupPagePermission.objects.all().delete()
    one = Invitation.objects.get()
    assert "ann@example.org" not in client.get(URL).content.decode()
    assert client.get(f"{URL}inspect/{one.pk}/").status_code == 404
    assert "Select a valid choice" in send(people="b@example.org", client=client).content.decode()
    open_pages_to(Group.objects.get(name="clara"), feedback_page.page_ptr)
    assert client.get(f"{URL}inspect/{one.pk}/").status_code == 200
    assert send(people="b@example.org", client=client).status_code == 302


def test_the_button_to_invite_stands_in_the_header_like_wagtails_own(owner):
    page = owner.get(URL).content.decode()
    assert f'<a href="{URL}new/" class="w-header-button' in page


def test_who_may_only_invite_reads_the_links_they_made(send, feedback_page, django_user_model):
    send(people="ann@example.org")
    client = staff(django_user_model, "clara", ("add",))
    send(people="bo@example.org", client=client)
    listed = client.get(URL).context["object_list"]
    assert [invitation.person.email for invitation in listed] == ["bo@example.org"]
    anns = Invitation.objects.get(person__email="ann@example.org")
    assert client.get(f"{URL}inspect/{listed[0].pk}/").status_code == 200
    assert client.get(f"{URL}inspect/{anns.pk}/").status_code == 404
