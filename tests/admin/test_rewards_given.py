"""Pools and payouts in the admin: uploads, lists, answers, and offers that use them."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from tests.rewards.buying import buy, give_by, issue_all
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.payout_models import Payout, PayoutRun
from wagtail_referrals.rewards.pool_models import CodePool, PoolCode
from wagtail_referrals.rewards.pools import add_codes

from .conftest import Story

POOLS = "/admin/referrals/pools/"
PAYOUTS = "/admin/referrals/payouts/"


@pytest.fixture
def pool(db: None) -> CodePool:
    return CodePool.objects.create(name="Museum", low_at=2)


def upload(text: str | bytes, name: str = "codes.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def test_a_pool_is_made_and_filled_from_a_file(owner: Client) -> None:
    owner.post(f"{POOLS}create/", {"name": "Museum", "low_at": "5"})
    pool = CodePool.objects.get(name="Museum")
    page = owner.post(f"{POOLS}codes/{pool.pk}/", {"file": upload("A1\nA2\n")}, follow=True)
    assert "2 codes are added." in page.content.decode()
    assert pool.codes.count() == 2
    owner.post(f"{POOLS}codes/{pool.pk}/", {"codes": "B1\r\nB2"})
    assert pool.codes.count() == 4


def test_broken_lines_are_named_by_the_field_and_nothing_is_stored(
    pool: CodePool, owner: Client
) -> None:
    url = f"{POOLS}codes/{pool.pk}/"
    for values, field in (
        ({"file": upload("A1\nA1\nB 1\n")}, "file"),
        ({"codes": "A1\nA1\nB 1"}, "codes"),
    ):
        errors = owner.post(url, values).context["form"].errors
        assert errors[field] == [
            "Line 2: The same code as on line 1.",
            "Line 3: There is a blank in the code.",
        ]
    for nothing in ({}, {"file": upload("")}, {"file": upload("A"), "codes": "B"}):
        assert owner.post(url, nothing).context["form"].errors
    many = "\n".join("A B" for _ in range(30))
    errors = owner.post(url, {"file": upload(many)}).context["form"].errors["file"]
    assert (len(errors), errors[-1]) == (21, "… and 10 other lines.")
    assert not pool.codes.exists()


def test_a_pool_that_runs_low_says_so(pool: CodePool, viewer: Client) -> None:
    add_codes(pool, b"A1\nA2\nA3")
    assert "add more codes" not in viewer.get(f"{POOLS}inspect/{pool.pk}/").content.decode()
    PoolCode.objects.filter(code="A1").update(award_key="somebody")
    for url in (POOLS, f"{POOLS}inspect/{pool.pk}/"):
        assert "2 – add more codes" in viewer.get(url).content.decode()


def test_no_screen_of_a_pool_shows_its_codes(pool: CodePool, owner: Client) -> None:
    add_codes(pool, b"SECRET-CODE-1")
    for url in (POOLS, f"{POOLS}inspect/{pool.pk}/", f"{POOLS}edit/{pool.pk}/"):
        assert "SECRET-CODE-1" not in owner.get(url).content.decode()


def test_a_pool_with_codes_is_not_deleted(pool: CodePool, owner: Client) -> None:
    add_codes(pool, b"A1")
    page = owner.post(f"{POOLS}delete/{pool.pk}/").content.decode()
    assert "Its codes are kept" in page
    assert CodePool.objects.filter(pk=pool.pk).exists()


@pytest.fixture
def due(story: Story) -> list[Payout]:
    """Two payouts of €10."""
    Payout.objects.all().delete()
    give_by(story.program, "", kind="cash")
    for number in range(2):
        buy(story.advocate, f"p{number}")
    issue_all()
    return list(Payout.objects.order_by("pk"))


def sheet_of(client: Client, query: str) -> list[list[Any]]:
    response = client.get(f"{PAYOUTS}{query}&export=xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    return [list(row) for row in book.active.values]  # type: ignore[union-attr]


def as_xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def filled_in(rows: list[list[Any]], results: list[str]) -> list[list[Any]]:
    """The list with its column filled in, in the order of its lines."""
    place, problem = rows[0].index("Result"), rows[0].index("Problem")
    for row, result in zip(rows[1:], results, strict=True):
        row[place] = result
        row[problem] = "closed account" if result == "failed" else ""
    return rows


def test_a_list_is_made_downloaded_filled_in_and_imported(due: list[Payout], clerk: Client) -> None:
    assert "Due: 2 · €20" in clerk.get(PAYOUTS).content.decode()
    made = clerk.post(f"{PAYOUTS}export/", {})
    run = PayoutRun.objects.get()
    assert made.url == f"{PAYOUTS}?run={run.pk}"  # type: ignore[attr-defined]
    here = clerk.get(f"{PAYOUTS}?run={run.pk}").content.decode()
    assert all(f"?run={run.pk}&amp;export={kind}" in here for kind in ("xlsx", "csv"))
    rows = filled_in(sheet_of(clerk, f"?run={run.pk}"), ["paid", "failed"])
    number = rows[1][rows[0].index("Number")]
    page = clerk.post(f"{PAYOUTS}answer/", {"file": upload(as_xlsx(rows), "list.xlsx")})
    words = page.content.decode()
    assert "1 was paid. 1 failed." in words
    assert "closed account" in words
    paid = next(payout for payout in due if payout.number == number)
    assert set(Payout.objects.values_list("state", flat=True)) == {"paid", "due"}
    assert Payout.objects.get(state="paid") == paid
    csv = "number;result\n" + f"{number};paid\n"
    again = clerk.post(f"{PAYOUTS}answer/", {"file": upload(csv, "list.csv")}, follow=True)
    assert "1 were known before." in again.content.decode()
    clerk.post(f"{PAYOUTS}export/", {})
    clerk.post(f"{PAYOUTS}answer/", {"file": upload(as_xlsx(rows), "list.xlsx")})
    assert set(Payout.objects.values_list("state", flat=True)) == {"paid", "exported"}


def test_a_list_tells_times_to_the_second_by_the_sites_clock(
    due: list[Payout], clerk: Client, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    at = datetime(2026, 1, 31, 20, 5, 5, 176452, tzinfo=UTC)
    Payout.objects.update(created_at=at)
    response = clerk.get(f"{PAYOUTS}?export=csv")
    table = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert ",2026-02-01 05:05:05," in table
    [heading, first, *_more] = sheet_of(clerk, "?")
    assert first[heading.index("Due since")] == datetime(2026, 2, 1, 5, 5, 5)


def test_nothing_due_makes_no_list(due: list[Payout], clerk: Client) -> None:
    clerk.post(f"{PAYOUTS}export/", {})
    page = clerk.post(f"{PAYOUTS}export/", {})
    assert "Nothing is due." in page.content.decode()
    assert PayoutRun.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"number,result\n", "No line of it says"),
        (b"one,two\nP-1,paid\n", "has to name the columns"),
        (b"number,result\nP-1234,paid\n", "Line 2: “P-1234” is no number"),
        (b"number,result\n{number},maybe\n", "Line 2: The result is"),
        (
            b"number,result\n\n{number},paid\n{number},paid\n",
            "Line 4: The same payout as on line 3",
        ),
        (b"number,result\n{other},paid\n", "Line 2: There is no payout of this number."),
        (b"\xff\xff\xff", "save the file as UTF-8"),
        (b"PK\x03\x04 and no sheet", "no spreadsheet"),
        (b"number,result\n" + b"P-1,paid\n" * 20_001, "At most 20,000 lines"),
        (b'number,result\n"' + b"x" * 200_000 + b'",paid\n', "Line 2"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_by_line_and_changes_nothing(
    data: bytes, words: str, due: list[Payout], clerk: Client
) -> None:
    clerk.post(f"{PAYOUTS}export/", {})
    for name, payout in (("number", due[0]), ("other", Payout())):
        data = data.replace(f"{{{name}}}".encode(), payout.number.encode())
    response = clerk.post(f"{PAYOUTS}answer/", {"file": upload(data, "list.csv")})
    assert words in " ".join(response.context["form"].errors["file"])
    assert set(Payout.objects.values_list("state", flat=True)) == {"exported"}


def with_part(name: str, content: bytes) -> bytes:
    """A spreadsheet with one part of it replaced."""
    stored = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(as_xlsx([["Number", "Result"], ["P-1", "paid"]])))
    with zipfile.ZipFile(stored, "w") as changed:
        for part in whole.namelist():
            changed.writestr(part, content if part == name else whole.read(part))
    return stored.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
FAR = b'<worksheet %s><sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (SHEET, b"<worksheet"),
        (SHEET, FAR % MAIN),
        (SHEET, b"\xff\xfe"),
        ("xl/workbook.xml", b"<workbook"),
        ("xl/workbook.xml", b"<workbook %s><sheets/></workbook>" % MAIN),
        ("xl/styles.xml", b"<styleSheet"),
        ("xl/sharedStrings.xml", b"<sst><si>"),
        ("[Content_Types].xml", b""),
    ],
)
def test_a_broken_spreadsheet_is_said_to_be_none(name: str, content: bytes, clerk: Client) -> None:
    file = upload(with_part(name, content), "list.xlsx")
    response = clerk.post(f"{PAYOUTS}answer/", {"file": file})
    assert response.status_code == 200 and response.context["form"].errors["file"]


def test_an_encrypted_or_oddly_packed_spreadsheet_is_said_to_be_none(clerk: Client) -> None:
    good = with_part("", b"")
    # In each part's entry of the directory: the flags, and how it is packed.
    for place, value in ((8, b"\x01\x00"), (10, b"\x63\x00")):
        bad = bytearray(good)
        entry = bad.find(b"PK\x01\x02")
        while entry >= 0:
            bad[entry + place : entry + place + 2] = value
            entry = bad.find(b"PK\x01\x02", entry + 4)
        response = clerk.post(f"{PAYOUTS}answer/", {"file": upload(bytes(bad), "list.xlsx")})
        assert "no spreadsheet" in " ".join(response.context["form"].errors["file"])


def test_another_programs_payouts_are_neither_listed_nor_answered(
    due: list[Payout], story: Story, clerk: Client, django_user_model: Any
) -> None:
    from django.contrib.auth.models import Group

    story.program.groups.add(Group.objects.create(name="others"))
    assert not clerk.get(PAYOUTS).context["object_list"]
    assert "Nothing is due." in clerk.post(f"{PAYOUTS}export/", {}).content.decode()
    answer = upload(f"number,result\n{due[0].number},paid\n", "list.csv")
    page = clerk.post(f"{PAYOUTS}answer/", {"file": answer})
    assert "There is no payout of this number." in page.content.decode()
    assert set(Payout.objects.values_list("state", flat=True)) == {"due"}


OFFER = {
    "name": "Museum ticket",
    "kind": "gift_card",
    "amount": "12.00",
    "currency": "EUR",
    "max_uses": "1",
    "valid_days": "90",
    "products": "",
}


def test_an_offer_says_how_it_is_given(pool: CodePool, owner: Client) -> None:
    page = owner.get("/admin/referrals/offers/create/").content.decode()
    assert "a code from a pool" in page
    assert page.count('name="fulfilment"') == page.count('name="pool-pool"') == 1
    owner.post(
        "/admin/referrals/offers/create/",
        {**OFFER, "fulfilment": "pool", "pool-pool": pool.pk, "pool-when_empty": "coupon"},
    )
    offer = Offer.objects.get(name="Museum ticket")
    assert (offer.fulfilment, offer.fulfilment_options) == (
        "pool",
        {"pool": pool.pk, "when_empty": "coupon"},
    )
    page = owner.get(f"/admin/referrals/offers/edit/{offer.pk}/").content.decode()
    assert '<option value="pool" selected>' in page
    assert f'<option value="{pool.pk}" selected>' in page
    owner.post(f"/admin/referrals/offers/edit/{offer.pk}/", {**OFFER, "fulfilment": ""})
    offer.refresh_from_db()
    assert (offer.fulfilment, offer.fulfilment_options) == ("", {})


def test_what_is_wrong_with_how_it_is_given_is_said_by_the_field(
    pool: CodePool, owner: Client
) -> None:
    url = "/admin/referrals/offers/create/"
    page = owner.post(url, {**OFFER, "fulfilment": "pool", "pool-when_empty": "wait"})
    assert page.context["form"].errors["pool-pool"]
    page = owner.post(url, {**OFFER, "kind": "percent", "fulfilment": "payout"})
    assert page.context["form"].errors["fulfilment"]
    assert not Offer.objects.filter(name="Museum ticket").exists()


def test_a_reward_shows_what_was_handed_over(story: Story, pool: CodePool, owner: Client) -> None:
    add_codes(pool, b"A1")
    give_by(story.program, "pool", pool=pool.pk)
    reward = buy(story.advocate, "g1")
    issue_all()
    page = owner.get(f"/admin/referrals/rewards/inspect/{reward.pk}/").content.decode()
    assert "A1" in page
    assert "Museum" in page
    assert Reward.objects.get(pk=reward.pk).balance == Decimal("10.00")
