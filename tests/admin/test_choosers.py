"""Choosing a partner or collateral in pages: of those one sees, found by any part of the name."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail import blocks

from tests.fixtures import make_program
from wagtail_referrals.blocks_choosers import CollateralChooserBlock, PartnerChooserBlock
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.models import Partner

from .conftest import Story, make_partner

PARTNERS = "/admin/referrals/partners/choose/"
COLLATERAL = "/admin/referrals/collateral/choose/"


def results(client: Client, address: str, query: str = "") -> str:
    response = client.get(f"{address}results/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", [PARTNERS, COLLATERAL])
def test_any_part_of_a_name_finds_it(address: str, story: Story, owner: Client) -> None:
    assert "Cuppers Lane" in results(owner, address, "?q=lane")
    assert "Cuppers Lane" not in results(owner, address, "?q=harbour")


@pytest.mark.parametrize("address", [PARTNERS, COLLATERAL])
def test_any_query_is_survived(address: str, story: Story, owner: Client) -> None:
    for query in ("?q=%00", f"?q={'x' * 2000}", "?multiple=1", "?q='"):
        results(owner, address, query)
    assert owner.get(f"{address}chosen/abc/").status_code == 404
    assert owner.get(f"{address}chosen-multiple/?id=abc&id=999").status_code == 200


def test_only_those_of_programs_one_sees_are_offered(
    story: Story, viewer: Client, owner: Client
) -> None:
    other = make_program("others", name="Another")
    make_partner(other, "ole@example.org", "Ole's Bakery")
    other.groups.add(Group.objects.create(name="Others"))
    assert "Bakery" not in results(viewer, PARTNERS)
    assert "Bakery" in results(owner, PARTNERS)
    theirs = Partner.objects.get(program=other)
    assert viewer.get(f"{PARTNERS}chosen/{theirs.pk}/").status_code == 404


def test_what_is_chosen_says_where_to_look_at_it(story: Story, owner: Client) -> None:
    partner = Partner.objects.get()
    chosen = owner.get(f"{PARTNERS}chosen/{partner.pk}/").json()["result"]
    assert chosen["title"] == "Cuppers Lane"
    assert chosen["edit_url"] == f"/admin/referrals/partners/inspect/{partner.pk}/"


@pytest.mark.parametrize(
    ("block", "model"), [(PartnerChooserBlock, Partner), (CollateralChooserBlock, Collateral)]
)
def test_a_block_holds_what_was_chosen_and_nothing_once_it_is_gone(
    block: type[blocks.ChooserBlock], model: Any, story: Story
) -> None:
    found, chooser = model.objects.get(), block()
    assert chooser.to_python(found.pk) == found
    assert chooser.to_python(found.pk + 1) is None
    assert "chooser" in type(chooser.widget).__name__.lower()
