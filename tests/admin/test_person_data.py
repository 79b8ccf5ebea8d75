"""All data of a person for staff to hand out, and permissions that are taken back by letter."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.fixtures import make_program
from tests.people.rich_story import tell_all
from wagtail_referrals.people.models import Consent, Person

from .conftest import staff


@pytest.fixture
def ann(db: None, django_user_model: Any) -> Person:
    writer = django_user_model.objects.create_user("writer", "writer@example.org", "x")
    return tell_all(writer).advocate.person


def download(client: Client, person: Person, **values: str) -> Any:
    data = {"reason": "Asked by letter", "kind": "json", **values}
    return client.post(f"/admin/referrals/people/export/{person.pk}/", data)


@pytest.mark.parametrize(("kind", "begins"), [("json", "{"), ("html", "<!doctype html>")])
def test_staff_download_it_and_the_log_says_so(
    ann: Person, owner: Client, kind: str, begins: str
) -> None:
    answer = download(owner, ann, kind=kind)
    assert answer.content.decode().startswith(begins)
    assert answer["Content-Disposition"] == f'attachment; filename="person-{ann.pk}.{kind}"'
    assert "private" in answer["Cache-Control"] and "no-store" in answer["Cache-Control"]
    screen = owner.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
    assert "All data downloaded" in screen and "Asked by letter" in screen


def test_without_a_reason_nothing_is_downloaded(ann: Person, owner: Client) -> None:
    answer = download(owner, ann, reason="")
    assert "Content-Disposition" not in answer


def test_only_who_may_erase_somebody_may_download_all_of_them(
    ann: Person, django_user_model: Any
) -> None:
    clerk = staff(django_user_model, "office", ("view", "change"))
    assert download(clerk, ann).status_code in (302, 403)
    assert "export/" not in clerk.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
    head = staff(django_user_model, "head", ("view", "change", "delete"))
    assert "Content-Disposition" in download(head, ann)


def test_who_does_not_see_a_program_does_not_download_what_is_of_it(
    ann: Person, django_user_model: Any
) -> None:
    other = make_program("other", name="Others")
    other.groups.add(Group.objects.create(name="Others"))
    head = staff(django_user_model, "head", ("view", "change", "delete"))
    assert "Content-Disposition" not in download(head, ann)


def test_staff_withdraw_it_on_the_person_s_screen(ann: Person, owner: Client) -> None:
    consent = ann.consents.get(kind="listed")
    url = f"/admin/referrals/people/withdraw/{ann.pk}/"
    owner.post(url, {"consent": consent.pk, "reason": "By letter"})
    consent.refresh_from_db()
    assert consent.withdrawn_at
    screen = owner.get(f"/admin/referrals/people/inspect/{ann.pk}/").content.decode()
    assert "Permission withdrawn" in screen and consent.version in screen


def test_nobody_withdraws_the_permission_of_somebody_else(ann: Person, owner: Client) -> None:
    other = Consent.objects.exclude(person=ann).first()
    assert other
    url = f"/admin/referrals/people/withdraw/{ann.pk}/"
    assert owner.post(url, {"consent": other.pk, "reason": "By letter"}).status_code == 200
    other.refresh_from_db()
    assert other.withdrawn_at is None
