"""Who deletes a site, or the page it begins with, is told of its program and loses nothing."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, Site

from wagtail_referrals.programs.models import Program

from .conftest import staff


def addresses(site: Site) -> list[str]:
    first: Any = site.root_page
    return [
        f"/admin/sites/delete/{site.pk}/",
        f"/admin/pages/{first.pk}/delete/",
        f"/admin/bulk/wagtailcore/page/delete/?id={first.pk}&next=/admin/",
    ]


@pytest.mark.parametrize("number", range(3))
def test_a_site_with_a_program_stays_and_why_is_said(
    owner: Client, program: Program, number: int
) -> None:
    answer = owner.post(addresses(program.site)[number], follow=True)
    assert answer.status_code == 200
    assert "1 referral program is of this site" in answer.content.decode()
    assert Program.objects.filter(site__root_page__isnull=False).exists()


@pytest.mark.parametrize("number", range(3))
def test_another_site_goes_as_before(owner: Client, program: Program, number: int) -> None:
    first = Page.get_first_root_node().add_child(title="Another", slug="another")
    site = Site.objects.create(hostname="another.example", root_page=first)
    owner.post(addresses(site)[number])
    assert not Site.objects.filter(pk=site.pk).exists()


def test_the_question_is_not_asked_in_vain(owner: Client, program: Program) -> None:
    address = addresses(program.site)[0]
    assert owner.get(address).status_code == 302
    program.delete()
    assert owner.get(address).status_code == 200


def test_who_may_not_delete_a_site_is_told_nothing_of_its_programs(
    django_user_model: Any, program: Program
) -> None:
    visitor = staff(django_user_model, "visitor")
    for address in addresses(program.site):
        answer = visitor.post(address, follow=True)
        assert "referral program" not in answer.content.decode()
