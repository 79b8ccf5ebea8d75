"""Collateral: who sees what, at which address, and how its versions follow each other."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from tests.fixtures import BROWSER
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.partners.collateral import add_version, check_content, put_on_shelf
from wagtail_referrals.partners.collateral_models import Audience, Collateral, CollateralUse
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.partners.shelf import (
    address_of,
    shelf,
    shelf_about,
    shelf_of_advocate,
    shelf_of_partner,
    token_for,
)
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate


def make_partner(program: Program, name: str) -> Partner:
    person = find_or_add_person(f"{name.lower()}@example.org", name=name)
    advocate = join_program(program, person)
    return Partner.objects.create(program=program, advocate=advocate, name=name, state="active")


def make_document(name: str = "prices.pdf", content: bytes = b"%PDF-1.4 prices") -> Any:
    file = ContentFile(content, name=name)
    return get_document_model().objects.create(title=name, file=file)


def make(program: Program, title: str, audience: str = "public", **values: Any) -> Collateral:
    values = {"kind": "brochure", "url": "https://example.org/x", **values}
    collateral = Collateral(program=program, title=title, audience=audience, **values)
    put_on_shelf(collateral)
    return collateral


@pytest.fixture
def partner(program: Program) -> Partner:
    return make_partner(program, "Mill")


def titles(items: Any) -> set[str]:
    return {item.collateral.title for item in items}


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"user-agent": BROWSER})


def test_each_audience_sees_its_own_and_what_is_for_more_people(
    program: Program, partner: Partner, advocate: Advocate
) -> None:
    for audience in Audience:
        make(program, audience, audience)
    assert titles(shelf(program, "public")) == {"public"}
    assert titles(shelf_of_advocate(advocate)) == {"public", "customers", "advocates"}
    everything_but = {"public", "customers", "advocates", "partners"}
    assert titles(shelf_of_partner(partner)) == everything_but
    assert titles(shelf(program, "staff")) == {*everything_but, "staff"}


def test_stale_and_hidden_pieces_are_shown_to_nobody(program: Program) -> None:
    today = timezone.localdate()
    make(program, "until today", valid_until=today)
    make(program, "stale", valid_until=today - timedelta(days=1))
    make(program, "hidden", is_shown=False)
    assert titles(shelf(program, "public")) == {"until today"}


def test_a_language_has_its_own_pieces_and_those_of_none(program: Program) -> None:
    for language in ("en", "de", ""):
        make(program, language or "any", language=language)
    assert titles(shelf(program, "public", "de-at")) == {"de", "any"}
    assert titles(shelf(program, "public")) == {"en", "de", "any"}


def test_what_is_between_us_and_a_partner_is_no_other_partner_s(
    program: Program, partner: Partner
) -> None:
    other = make_partner(program, "Forge")
    make(program, "contract", "partners", partner=other)
    make(program, "leaflet", partner=other)
    assert titles(shelf_of_partner(partner)) == {"leaflet"}
    assert titles(shelf_of_partner(other)) == {"contract", "leaflet"}
    assert titles(shelf_about(other)) == {"leaflet"}


def test_a_partner_that_has_ended_takes_its_own_pieces_with_it(
    program: Program, partner: Partner
) -> None:
    make(program, "leaflet", partner=partner)
    Partner.objects.update(state="ended")
    assert titles(shelf(program, "public")) == set()


def test_a_shelf_costs_one_query(program: Program, django_assert_num_queries: Any) -> None:
    for number in range(3):
        make(program, f"piece {number}", url="", document=make_document())
    with django_assert_num_queries(1):
        assert [item.extension for item in shelf(program, "public")] == ["PDF"] * 3


def test_a_download_is_saved_and_never_runs(program: Program, visitor: Client) -> None:
    page = make_document("page.html", b"<script>alert(1)</script>")
    piece = make(program, "page", url="", document=page)
    response = visitor.get(address_of(piece))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_a_link_leads_to_where_it_is(program: Program, visitor: Client) -> None:
    assert visitor.get(address_of(make(program, "video"))).url == "https://example.org/x"  # type: ignore[attr-defined]


def test_people_s_downloads_are_counted_and_machines_are_not(
    program: Program, visitor: Client
) -> None:
    address = address_of(make(program, "video"))
    visitor.head(address)
    Client(headers={"user-agent": "Googlebot/2.1"}).get(address)
    assert CollateralUse.objects.count() == 0
    visitor.get(address)
    assert CollateralUse.objects.get().how == "download"


def test_sending_it_opens_a_mail_of_one_s_own_and_is_counted(
    program: Program, visitor: Client
) -> None:
    piece = make(program, "Prices & more", text="Have a look")
    response = visitor.get(f"{address_of(piece)}send/")
    assert response.status_code == 302
    assert response["Location"].startswith("mailto:?subject=For%20you%3A%20Prices%20%26%20more")
    assert f"refer%2Fcollateral%2F{piece.pk}%2F" in response["Location"]
    assert CollateralUse.objects.get().how == "send"


@pytest.mark.parametrize("audience", ["customers", "advocates", "partners", "staff"])
def test_what_is_private_is_found_by_no_number(
    audience: str, program: Program, visitor: Client
) -> None:
    document = make_document()
    piece = make(program, "private", audience, url="", document=document)
    for address in (f"/refer/collateral/{piece.pk}/", f"/refer/collateral/{piece.pk}/send/"):
        assert visitor.get(address).status_code == 404
    document.refresh_from_db()
    assert visitor.get(document.url).status_code != 200
    assert CollateralUse.objects.count() == 0


def test_nor_is_what_is_not_there(db: None, visitor: Client) -> None:
    for key in ("0", "999999", "99999999999999999999999", "abc", "x" * 3000):
        assert visitor.get(f"/refer/collateral/{key}/").status_code == 404, key


def test_a_document_moved_out_of_our_collection_is_still_kept_back(
    program: Program, visitor: Client, admin_client: Client
) -> None:
    from wagtail.models import Collection

    document = make_document()
    make(program, "private", "partners", url="", document=document)
    document.refresh_from_db()
    document.collection = Collection.get_first_root_node()
    document.save()
    assert visitor.get(document.url).status_code == 404


def test_an_old_version_of_what_is_private_is_kept_back_too(
    program: Program, visitor: Client
) -> None:
    first = make_document("first.pdf")
    piece = make(program, "private", "partners", url="", document=first)
    add_version(piece, document=make_document("second.pdf"))
    first.refresh_from_db()
    assert visitor.get(first.url).status_code != 200


def test_a_private_picture_is_refused(program: Program) -> None:
    image = get_image_model()(title="Logo", file=get_test_image_file())
    with pytest.raises(ValidationError) as refused:
        check_content("partners", document=None, image=image, url="")
    assert "document" in refused.value.message_dict["image"][0]
    check_content("public", document=None, image=image, url="")


@pytest.mark.parametrize("url", ["", "https://example.org/"])
def test_it_is_one_thing(url: str, program: Program) -> None:
    document = make_document() if url else None
    with pytest.raises(ValidationError):
        check_content("public", document=document, image=None, url=url)


def test_a_partner_takes_what_is_for_partners_by_its_own_address(
    program: Program, partner: Partner, visitor: Client
) -> None:
    make(program, "prices", "partners", url="", document=make_document())
    [item] = shelf_of_partner(partner)
    assert b"prices" in b"".join(visitor.get(item.address).streaming_content)
    assert visitor.get(item.send_address)["Location"].startswith("mailto:")


def test_a_token_ends_with_the_partnership_and_with_its_time(
    program: Program, partner: Partner, visitor: Client, settings: Any
) -> None:
    make(program, "prices", "partners")
    [item] = shelf_of_partner(partner)
    settings.WAGTAIL_REFERRALS = {"TOKEN_DAYS": 0}
    assert visitor.get(item.address).status_code == 404
    settings.WAGTAIL_REFERRALS = {}
    assert visitor.get(item.address).status_code == 302
    Partner.objects.update(state="ended")
    assert visitor.get(item.address).status_code == 404


def test_a_token_of_another_piece_of_another_partner_or_program_opens_nothing(
    program: Program, partner: Partner, advocate: Advocate, visitor: Client
) -> None:
    from tests.fixtures import make_program

    other = make_partner(program, "Forge")
    theirs = make(program, "contract", "partners", partner=other)
    elsewhere = make(make_program("others"), "elsewhere", "partners")
    ours = make(program, "prices", "partners")
    for token in (
        token_for(theirs, partner),
        token_for(elsewhere, partner),
        token_for(ours, advocate),
        token_for(ours, partner)[:-2],
    ):
        assert visitor.get(f"/refer/collateral/{token}/").status_code == 404


def test_a_new_version_keeps_the_address_and_remembers_the_old(program: Program) -> None:
    first, second = make_document("2025.pdf"), make_document("2026.pdf")
    piece = make(program, "prices", url="", document=first)
    address = address_of(piece)
    add_version(piece, document=second, note="Prices of 2026")
    assert address_of(piece) == address
    versions = list(piece.versions.values_list("number", "said", "note"))
    assert versions == [(2, "2026.pdf", "Prices of 2026"), (1, "2025.pdf", "")]


def test_of_two_new_versions_at_once_the_second_is_told(program: Program) -> None:
    piece = make(program, "prices")
    stale = Collateral.objects.get(pk=piece.pk)
    add_version(piece, url="https://example.org/2")
    with pytest.raises(ReferralsError) as refused:
        add_version(stale, url="https://example.org/3")
    assert refused.value.code == "edited_meanwhile"
    assert Collateral.objects.get(pk=piece.pk).url == "https://example.org/2"


def test_a_file_that_is_gone_from_the_disk_is_no_error(program: Program, visitor: Client) -> None:
    document = make_document()
    piece = make(program, "prices", url="", document=document)
    document.file.storage.delete(document.file.name)
    assert visitor.get(address_of(piece)).status_code == 404


def test_an_advocate_finds_material_beside_their_link(
    program: Program, feedback_page: Any, visitor: Client
) -> None:
    from wagtail_referrals.feedback.submit import Answers, submit_feedback
    from wagtail_referrals.tokens import make_token

    make(program, "Leaflet", "advocates", url="", document=make_document())
    make(program, "Price list", "partners")
    answers = Answers("ann@example.org", {"score": "9", "email": "ann@example.org"}, "Ann", score=9)
    response = submit_feedback(feedback_page, program, answers).response
    join_program(program, response.person)
    page = visitor.get(f"{feedback_page.url}thanks/{make_token('feedback', response.pk)}/")
    text = page.content.decode()
    assert "Leaflet" in text
    assert "Price list" not in text
    [item] = page.context["shelf"]
    assert visitor.get(item.address).status_code == 200


def test_a_public_document_is_served_without_looking_at_who_asks(
    program: Program, visitor: Client
) -> None:
    response = visitor.get(make_document().url)
    assert response.status_code == 200
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("url", ["", "https://example.org/x"])
def test_the_database_keeps_one_thing_in_each_piece(program: Program, url: str) -> None:
    document = make_document() if url else None
    with pytest.raises(IntegrityError):
        Collateral.objects.create(
            program=program, kind="brochure", title="Odd", url=url, document=document
        )
