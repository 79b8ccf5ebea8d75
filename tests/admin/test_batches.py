"""Batches in the admin: set up, made, exported, printed, ended; and what support does."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook

from wagtail_referrals.admin import batches as screens
from wagtail_referrals.api import quote_coupon, redeem_coupon
from wagtail_referrals.coupons.batches import make_codes
from wagtail_referrals.coupons.issue import issue_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon, CouponBatch
from wagtail_referrals.coupons.upload import upload_codes
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.offers import Offer

from .conftest import Story

NEW = "/admin/referrals/batches/new/"
EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}


def new(client: Client, program: Any, **values: Any) -> Any:
    data = {
        "name": "Spring",
        "program": program.pk,
        "source": "generated",
        "wanted": "20",
        "prefix_text": "",
        "length": "12",
        "pattern": "",
        "kind": "percent",
        "amount": "10",
        "max_uses": "1",
        "valid_from": "2026-01-01 00:00",
        "combinable": "on",
        **values,
    }
    return client.post(NEW, data)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def spring() -> CouponBatch:
    return CouponBatch.objects.get(name="Spring")


def url(action: str, batch: Any) -> str:
    return f"/admin/referrals/batches/{action}/{batch.pk}/"


def test_a_batch_is_set_up_with_its_rules_in_one_screen(story: Story, owner: Client) -> None:
    assert "Begins with" in owner.get(NEW).content.decode()
    rules = {"products": "mug\n bag-250 \nmug", "max_uses_per_person": "2"}
    answer = new(owner, story.program, prefix_text="spring", **rules)
    batch = spring()
    assert answer.url == url("inspect", batch)
    assert (batch.pattern, batch.made, batch.state) == ("SPRING-####-####-####", 20, "ready")
    assert (batch.products, batch.max_uses_per_person) == (["mug", "bag-250"], 2)
    assert batch.created_by and batch.created_by.get_username() == "owner"
    page = owner.get(answer.url).content.decode()
    assert "20 of 20" in page and "On certain products" in page


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"wanted": ""}, "wanted", "Say how many"),
        ({"wanted": "1000001"}, "wanted", "At most 1,000,000"),
        ({"length": "8"}, "length", "Too easy to guess"),
        ({"length": "99"}, "length", "less than or equal to 24"),
        ({"pattern": "#" * 41}, "pattern", "at most 40"),
        ({"pattern": "ABC-####"}, "pattern", "Too easy to guess"),
        ({"prefix_text": "Größe"}, "prefix_text", "Use letters a-z"),
        ({"amount": "101"}, "amount", "at most 100"),
        ({"kind": "fixed"}, "currency", "needs its currency"),
        ({"expires_at": "2025-01-01 00:00"}, "expires_at", "after the start"),
        ({"kind": "free_item"}, "item", "Say what it is"),
        ({"kind": "nonsense"}, "kind", "Select a valid choice"),
        ({"products": "x" * 65}, "products", "no article number"),
        ({"max_uses_per_person": "0"}, "max_uses_per_person", "greater than or equal to 1"),
        ({"name": "x" * 121}, "name", "at most 120"),
        ({"source": "uploaded"}, "file", "Choose a file"),
    ],
)
def test_what_does_not_fit_is_said_by_its_field_and_nothing_is_stored(
    story: Story, owner: Client, values: dict[str, str], field: str, words: str
) -> None:
    said = errors(new(owner, story.program, **values))
    assert list(said) == [field], said
    assert words in said[field][0]
    assert not CouponBatch.objects.filter(name="Spring").exists()


def test_codes_are_uploaded_with_each_broken_line_named(story: Story, owner: Client) -> None:
    def send(lines: list[str]) -> Any:
        file = SimpleUploadedFile("codes.csv", "\n".join(lines).encode())
        return new(owner, story.program, source="uploaded", wanted="", file=file)

    lines = [f"OLD-{number}" for number in range(200)]
    said = errors(send([*lines, "old 5", "OLD5", "x" * 65]))
    assert said["file"] == [
        "Line 201: There is a blank in the code.",
        "Line 202: The same code as on line 6.",
        "Line 203: Longer than 64 characters.",
    ]
    many = errors(send(["one two"] * 70))["file"]
    assert len(many) == 21 and many[-1] == "… and 50 other lines."
    assert send(lines).url == url("inspect", spring())
    assert spring().made == 200
    assert quote_coupon("old7", **EUR).valid


def test_many_codes_are_made_in_slices_by_a_button_or_a_script(
    story: Story, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "SLICE", 50)
    answer = new(owner, story.program, wanted="5120")
    batch = spring()
    make = url("make", batch)
    assert answer.url == make and batch.made == 5000
    page = owner.get(make).content.decode()
    assert "5,000 of 5,120" in page and 'value="97"' in page
    assert "<script" in page and "making.js" in page
    assert owner.post(make).url == make  # type: ignore[attr-defined]
    told = owner.post(make, headers={"Accept": "application/json"}).json()
    assert (told["percent"], told["words"], told["done"]) == (99, "5,100 of 5,120", False)
    told = owner.post(make, headers={"Accept": "application/json"}).json()
    assert told["done"] and told["url"] == url("inspect", batch)
    assert batch.coupons.count() == 5120


def batch_of(story: Story, *codes: str, **terms: Any) -> CouponBatch:
    values = {"name": "Ours", "kind": "percent", "amount": Decimal(10), **terms}
    return upload_codes(CouponBatch(program=story.program, **values), "\n".join(codes).encode())


def test_a_batch_is_exported_without_a_cell_that_a_spreadsheet_would_run(
    story: Story, owner: Client
) -> None:
    batch = batch_of(story, "=SUM(A1)", "+49", "@x", "plain", wording="=1+1")
    screen = owner.get(url("inspect", batch)).content.decode()
    for kind in ("csv", "xlsx"):
        address = f"/admin/referrals/coupons/?batch={batch.pk}&export={kind}"
        assert address.replace("&", "&amp;") in screen
        content = b"".join(owner.get(address).streaming_content)  # type: ignore[attr-defined]
        if kind == "csv":
            assert content.count(b"\n") == 5 and b"'=SUM(A1)" in content and b",=" not in content
        else:
            rows = list(load_workbook(io.BytesIO(content)).active.values)
            assert {row[0] for row in rows[1:]} == {"'=SUM(A1)", "'+49", "'@x", "plain"}


def test_cards_are_ten_to_a_sheet_with_code_qr_and_words(story: Story, owner: Client) -> None:
    batch = CouponBatch.objects.create(
        program=story.program,
        name="Cards",
        wanted=213,
        kind="free_item",
        item="قهوة " * 20,
        fine_print="<b>" + "Donaudampfschifffahrt" * 10,
        expires_at=timezone.now() + timedelta(days=9),
        new_customers_only=True,
    )
    make_codes(batch)
    void_coupon(batch.coupons.order_by("pk").first())
    page = owner.get(url("cards", batch)).content.decode()
    assert page.count('class="sheet"') == 20 and page.count("<svg") == 200
    site = story.program.site
    assert (site.site_name or story.program.name) in page and f"<bdi>{site.hostname}" in page
    assert "Part 1 of 2" in page and "For new customers" in page and "&lt;b&gt;" in page
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", page)
    last = owner.get(url("cards", batch) + "?p=2").content.decode()
    assert last.count('class="sheet"') == 2 and last.count("<svg") == 12
    for coupon in list(batch.coupons.order_by("pk"))[-12:]:
        assert coupon.display_code in last
    with translation.override("ar"):
        response = owner.get(url("cards", batch), headers={"Accept-Language": "ar"})
    assert 'dir="rtl"' in response.content.decode() or 'lang="en' in response.content.decode()


def test_a_qr_code_is_a_picture_to_download(story: Story, owner: Client) -> None:
    coupon = Coupon.objects.first()
    assert coupon
    for kind, beginning in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        response = owner.get(f"/admin/referrals/coupons/qr/{coupon.pk}.{kind}")
        assert response.content.startswith(beginning)
        assert f".{kind}" in response["Content-Disposition"]
    assert owner.get("/admin/referrals/coupons/qr/999999.png").status_code == 404


def test_a_batch_is_voided_with_a_reason(story: Story, clerk: Client) -> None:
    batch = CouponBatch.objects.get(name="Flyers")
    assert "required" in clerk.post(url("void", batch), {"reason": ""}).content.decode()
    assert clerk.post(url("void", batch), {"reason": "Typing error"}).status_code == 302
    page = clerk.get(url("inspect", batch)).content.decode()
    assert "Typing error" in page and "clerk" in page
    assert not batch.coupons.filter(state="active").exists()
    again = clerk.post(url("void", batch), {"reason": "x"}).content.decode()
    assert "cannot be done any more" in again


def test_a_batch_is_deleted_only_as_long_as_it_is_unused(
    story: Story, owner: Client, clerk: Client
) -> None:
    batch = CouponBatch.objects.get(name="Flyers")
    assert clerk.post(url("delete", batch)).status_code == 302
    code = batch.coupons.first().code_key
    redeem_coupon(code, order_id="77", **EUR)
    assert "void it instead" in owner.post(url("delete", batch)).content.decode()
    other = batch_of(story, "A1", "A2")
    assert owner.post(url("delete", other)).status_code == 302
    assert not CouponBatch.objects.filter(pk=other.pk).exists()


@pytest.fixture
def coupon(story: Story) -> Coupon:
    terms = Offer(kind="percent", amount=Decimal(10))
    holder = find_or_add_person("z@example.org")
    return issue_coupon(story.program, terms, amount=terms.amount, holder=holder, valid_days=9)


def of(action: str, coupon: Coupon) -> str:
    return f"/admin/referrals/coupons/{action}/{coupon.pk}/"


def test_a_coupon_is_extended_with_a_reason(coupon: Coupon, clerk: Client) -> None:
    assert of("extend", coupon) in clerk.get(of("inspect", coupon)).content.decode()
    early = clerk.post(of("extend", coupon), {"until": "2020-01-01 10:00", "reason": "x"})
    assert early.context["form"].errors["until"]
    for until in ("2030-05-01 10:00", ""):
        answer = clerk.post(of("extend", coupon), {"until": until, "reason": "On holiday"})
        assert answer.status_code == 302
    coupon.refresh_from_db()
    assert coupon.expires_at is None
    page = clerk.get(of("inspect", coupon)).content.decode()
    assert "On holiday" in page and "2030" in page and of("extend", coupon) not in page


def test_a_coupon_is_reissued_with_a_reason_and_both_are_linked(
    coupon: Coupon, clerk: Client
) -> None:
    answer: Any = clerk.post(of("reissue", coupon), {"reason": "Lost"})
    new = Coupon.objects.get(replaces=coupon)
    assert answer.url == of("inspect", new)
    assert coupon.display_code in clerk.get(of("inspect", new)).content.decode()
    page = clerk.get(of("inspect", coupon)).content.decode()
    assert new.display_code in page and "Lost" in page and of("reissue", coupon) not in page
    again = clerk.post(of("reissue", coupon), {"reason": "x"}).content.decode()
    assert "cannot be done any more" in again


@pytest.mark.parametrize(
    ("term", "hits"),
    [
        ("{code}", 1),
        ("{beginning}", 1),
        ("spring-a", 1),
        ("SPR1NG a", 1),
        ("äpfel_20%", 1),
        ("spring", 2),
        ("sprang", 0),
        ("z@exam", 1),
        ("Z@EXAMPLE.ORG", 1),
        ("order 5", 1),
        ("order", 1),
        ("der 5", 0),
        ("%", 0),
        ("_____", 0),
    ],
)
def test_support_finds_a_coupon_by_the_beginning_of_what_they_were_told(
    story: Story, coupon: Coupon, owner: Client, term: str, hits: int
) -> None:
    batch_of(story, "SPRING-A-1", "SPRING-B-1", "ÄPFEL_20%")
    redeem_coupon("SPRING-B-1", order_id="order 5/2026", **EUR)
    key = coupon.code_key
    term = term.format(code=coupon.display_code.lower(), beginning=key[:5].lower())
    response = owner.get("/admin/referrals/coupons/", {"q": term})
    assert len(response.context["object_list"]) == hits
