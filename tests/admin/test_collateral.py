"""Collateral in the admin: put on the shelf, replaced, kept back; what may not be done."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.fixtures import make_program
from wagtail_referrals.partners.collateral_models import Collateral, CollateralUse
from wagtail_referrals.partners.models import Partner

from .conftest import Story, make_partner

LIST = "/admin/referrals/collateral/"


def document(name: str = "prices.pdf") -> Any:
    return get_document_model().objects.create(title=name, file=ContentFile(b"%PDF", name=name))


def image() -> Any:
    return get_image_model().objects.create(title="Logo", file=get_test_image_file())


@pytest.fixture
def piece(story: Story) -> Collateral:
    """For partners, a link."""
    return Collateral.objects.get()


def typed(story: Story, **values: Any) -> dict[str, Any]:
    return {
        "program": story.program.pk,
        "title": "Prices",
        "kind": "price_list",
        "audience": "public",
        "language": "",
        "is_shown": "on",
        **values,
    }


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def test_a_document_is_put_on_the_shelf(story: Story, owner: Client) -> None:
    response = owner.post(f"{LIST}new/", typed(story, document=document().pk))
    assert response.status_code == 302, errors(response)
    prices = Collateral.objects.get(title="Prices")
    assert prices.versions.get().said == "prices.pdf"


def test_a_private_document_is_moved_and_its_editor_told(story: Story, owner: Client) -> None:
    prices = document()
    typed_in = typed(story, document=prices.pk, audience="partners")
    page = owner.post(f"{LIST}new/", typed_in, follow=True).content.decode()
    assert "Referrals: private material" in page
    prices.refresh_from_db()
    assert prices.collection.name == "Referrals: private material"


def test_what_becomes_private_later_is_moved_then(story: Story, owner: Client) -> None:
    prices = document()
    owner.post(f"{LIST}new/", typed(story, document=prices.pk))
    piece = Collateral.objects.get(title="Prices")
    response = owner.post(f"{LIST}edit/{piece.pk}/", typed(story, audience="staff"))
    assert response.status_code == 302, errors(response)
    prices.refresh_from_db()
    assert prices.collection.name == "Referrals: private material"


@pytest.mark.parametrize("audience", ["partners", "staff"])
def test_a_picture_cannot_be_private(audience: str, story: Story, owner: Client) -> None:
    logo = image()
    found = errors(owner.post(f"{LIST}new/", typed(story, image=logo.pk, audience=audience)))
    assert "document" in str(found["image"])
    owner.post(f"{LIST}new/", typed(story, image=logo.pk))
    piece = Collateral.objects.get(title="Prices")
    found = errors(owner.post(f"{LIST}edit/{piece.pk}/", typed(story, audience=audience)))
    assert "document" in str(found["audience"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "javascript:alert(1)"),
        ("url", "data:text/html,x"),
        ("document", "999"),
        ("title", ""),
        ("title", "x" * 200),
        ("kind", "song"),
        ("audience", "nobody"),
        ("language", "xx"),
        ("valid_until", "soon"),
        ("program", "999"),
    ],
)
def test_bad_input_is_told_at_the_field(
    field: str, value: str, story: Story, owner: Client
) -> None:
    data = typed(story, **{"url": "https://example.org/x", field: value})
    assert field in errors(owner.post(f"{LIST}new/", data))
    assert Collateral.objects.count() == 1


def test_it_is_one_thing(story: Story, owner: Client) -> None:
    both = typed(story, document=document().pk, url="https://example.org/x")
    for data in (typed(story), both):
        assert "one of the three" in str(errors(owner.post(f"{LIST}new/", data)))


def test_a_partner_of_another_program_is_refused(story: Story, owner: Client) -> None:
    theirs = make_partner(make_program("others"), "ole@example.org", "Ole's")
    data = typed(story, url="https://example.org/x", partner=theirs.pk)
    assert "partner" in errors(owner.post(f"{LIST}new/", data))


def test_a_new_version_takes_its_place(piece: Collateral, owner: Client) -> None:
    prices = document()
    data = {"document": prices.pk, "note": "Now on paper", "seen": piece.version}
    response = owner.post(f"{LIST}version/{piece.pk}/", data)
    assert response.status_code == 302, errors(response)
    piece.refresh_from_db()
    assert (piece.version, piece.document, piece.url) == (2, prices, "")
    assert "Now on paper" in owner.get(f"{LIST}inspect/{piece.pk}/").content.decode()
    response = owner.post(f"{LIST}version/{piece.pk}/", data)
    assert "changed this meanwhile" in response.content.decode()


def test_a_document_on_a_shelf_is_not_deleted(piece: Collateral, owner: Client) -> None:
    prices = document()
    owner.post(f"{LIST}version/{piece.pk}/", {"document": prices.pk, "seen": piece.version})
    address = f"/admin/documents/delete/{prices.pk}/"
    assert (
        "Leaflet of Cuppers Lane"
        in owner.get(f"/admin/documents/usage/{prices.pk}/").content.decode()
    )
    assert owner.get(address).status_code == 200
    assert owner.post(address).status_code in (302, 403)
    assert get_document_model().objects.filter(pk=prices.pk).exists()


def test_a_picture_on_a_shelf_is_not_deleted(story: Story, owner: Client) -> None:
    logo = image()
    owner.post(f"{LIST}new/", typed(story, image=logo.pk))
    assert owner.post(f"/admin/images/{logo.pk}/delete/").status_code in (302, 403)
    assert get_image_model().objects.filter(pk=logo.pk).exists()


def test_a_piece_that_is_deleted_leaves_its_document(story: Story, owner: Client) -> None:
    prices = document()
    owner.post(f"{LIST}new/", typed(story, document=prices.pk))
    piece = Collateral.objects.get(title="Prices")
    assert owner.post(f"{LIST}delete/{piece.pk}/").status_code == 302
    assert not Collateral.objects.filter(pk=piece.pk).exists()
    assert get_document_model().objects.filter(pk=prices.pk).exists()


def test_stale_pieces_are_found_and_their_uses_counted(
    story: Story, piece: Collateral, owner: Client
) -> None:
    Collateral.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    fresh = Collateral.objects.create(
        program=story.program, title="New", kind="logo", url="https://example.org"
    )
    for how in ("download", "download", "send"):
        CollateralUse.objects.create(collateral=piece, how=how)
    [row] = owner.get(f"{LIST}?stale=true").context["object_list"]
    assert (row.pk, row.taken, row.sent) == (piece.pk, 2, 1)
    [row] = owner.get(f"{LIST}?stale=false").context["object_list"]
    assert row.pk == fresh.pk


def test_staff_look_at_what_is_private_and_are_not_counted(
    story: Story, viewer: Client, stranger: Client, owner: Client
) -> None:
    owner.post(f"{LIST}new/", typed(story, document=document().pk, audience="staff"))
    piece = Collateral.objects.get(title="Prices")
    response = viewer.get(f"{LIST}file/{piece.pk}/")
    assert b"".join(response.streaming_content) == b"%PDF"
    assert stranger.get(f"{LIST}file/{piece.pk}/").status_code == 302
    assert CollateralUse.objects.count() == 0


def test_a_partner_s_pieces_are_on_its_screen(story: Story, owner: Client) -> None:
    partner = Partner.objects.get()
    page = owner.get(f"/admin/referrals/partners/inspect/{partner.pk}/").content.decode()
    assert "Leaflet of Cuppers Lane" in page


@pytest.mark.parametrize("role", ["anonymous", "stranger", "viewer", "owner"])
@pytest.mark.parametrize("audience", ["customers", "advocates", "partners", "staff"])
def test_no_role_gets_at_what_is_private_by_guessing(
    role: str, audience: str, story: Story, owner: Client, request: pytest.FixtureRequest
) -> None:
    prices = document()
    owner.post(f"{LIST}new/", typed(story, document=prices.pk, audience=audience))
    piece = Collateral.objects.get(title="Prices")
    client = Client() if role == "anonymous" else request.getfixturevalue(role)
    for address in (f"/refer/collateral/{piece.pk}/", f"/refer/collateral/{piece.pk}/send/"):
        assert client.get(address).status_code == 404
    prices.refresh_from_db()
    # Wagtail's own address of a document can be guessed: only superusers get through.
    assert (client.get(prices.url).status_code == 200) == (role == "owner")
    seen = client.get(f"{LIST}file/{piece.pk}/").status_code == 200
    assert seen == (role in ("viewer", "owner"))


def test_nor_does_staff_of_another_program_s_group(
    story: Story, owner: Client, viewer: Client
) -> None:
    from django.contrib.auth.models import Group

    prices = document()
    owner.post(f"{LIST}new/", typed(story, document=prices.pk, audience="staff"))
    piece = Collateral.objects.get(title="Prices")
    story.program.groups.add(Group.objects.create(name="Others"))
    assert viewer.get(f"{LIST}file/{piece.pk}/").status_code == 404
