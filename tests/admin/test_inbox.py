"""The inbox: found by words and filters, tagged, noted, kept as a view; for its page's editors."""

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from wagtail.models import GroupPagePermission

from wagtail_referrals.admin import feedback_bulk
from wagtail_referrals.admin.bounded import MOST_COUNTED
from wagtail_referrals.admin.exports import safe_cell
from wagtail_referrals.feedback.case_models import Case
from wagtail_referrals.feedback.cases import close_case, reply_to_case
from wagtail_referrals.feedback.guests import Guest
from wagtail_referrals.feedback.inbox_models import SavedView
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.notes import add_tags
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.identity import email_key

from .conftest import Story, staff

INBOX = "/admin/referrals/feedback/"


def found(client: Client, query: str = "") -> list[FeedbackResponse]:
    response = client.get(f"{INBOX}{query}")
    assert response.status_code == 200
    return list(response.context["object_list"])


def answer(story: Story, email: str, **values: Any) -> FeedbackResponse:
    text = values.pop("text", "")
    answers = Answers(email, {"better": text}, words=text, **values)
    return submit_feedback(story.feedback_page, story.program, answers).response


@pytest.fixture
def two(story: Story) -> tuple[FeedbackResponse, FeedbackResponse]:
    """Bo is unhappy and came from a QR code, Cy has nothing to say."""
    bo = answer(story, "bo@example.org", text="The waiter was rude", score=2, source="QR")
    return bo, answer(story, "cy@example.org", score=8)


def test_the_newest_is_first_and_says_what_was_said(story: Story, two: Any, owner: Client) -> None:
    assert found(owner) == [two[1], two[0], story.response]
    page = owner.get(INBOX).content.decode()
    assert "The waiter was rude" in page and "open case" in page


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("?q=waiter", ["bo"]),
        ("?q=RUDE+wait", ["bo"]),
        ("?q=opening+hours", ["ann"]),
        ("?q=advocate", ["ann"]),
        ("?q=bo%40", ["bo"]),
        ("?q=nothing+of+it", []),
        ("?q=%25_%27", []),
        ("?group=detractors", ["bo"]),
        ("?group=passives", ["cy"]),
        ("?group=promoters", ["ann"]),
        ("?group=nonsense", ["cy", "bo", "ann"]),
        ("?score_min=8&score_max=8", ["cy"]),
        ("?source=qr", ["bo"]),
        ("?source=QR", ["bo"]),
        ("?source=x", []),
        ("?open_case=true", ["bo", "ann"]),
        ("?open_case=false", ["cy"]),
        ("?page={page}", ["cy", "bo", "ann"]),
        ("?page=99999999", ["cy", "bo", "ann"]),
        ("?program={program}&group=passives", ["cy"]),
        ("?tag={tag}", ["cy"]),
        ("?regular=false", ["cy", "bo", "ann"]),
        ("?submit_time_from=2001-01-01&submit_time_to=2001-02-01", []),
    ],
)
def test_it_is_filtered_and_searched(
    query: str, hits: list[str], story: Story, two: Any, owner: Client
) -> None:
    add_tags([two[1]], ["Quiet"])
    tag = two[1].tags.get()
    query = query.format(page=story.feedback_page.pk, program=story.program.pk, tag=tag.pk)
    assert [row.person.email.partition("@")[0] for row in found(owner, query)] == hits


def test_a_list_costs_no_more_than_twenty_queries(story: Story, two: Any, owner: Client) -> None:
    of_page = f"?page={story.feedback_page.pk}&program={story.program.pk}"
    for query in ("", "?q=waiter", "?group=detractors&open_case=true", of_page):
        owner.get(INBOX + query)
        with CaptureQueriesContext(connection) as queries:
            found(owner, query)
        assert len(queries) <= 20, query


def test_it_is_counted_no_further_than_somebody_turns_pages(story: Story, owner: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(owner)
    counts = [one["sql"] for one in queries if "COUNT(" in one["sql"] and "feedback" in one["sql"]]
    assert counts and all(f"LIMIT {MOST_COUNTED + 1}" in sql for sql in counts)


@pytest.mark.needs_database("postgresql")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "referrals_feedback_time"),
        ("?score_min=2&score_max=2", "referrals_feedback_scores"),
        ("?q=waiter", "referrals_feedback_word"),
    ],
)
def test_every_list_has_its_index(
    query: str, index: str, story: Story, two: Any, owner: Client
) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(owner, query)
    listed = [
        one["sql"] for one in queries if 'FROM "wagtail_referrals_feedbackresponse"' in one["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        plans = []
        # The list and the count of its pages.
        for statement in listed:
            cursor.execute(f"EXPLAIN {statement}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert any(index in plan for plan in plans), plans


def test_tags_and_notes_stay_with_an_answer(story: Story, two: Any, clerk: Client) -> None:
    key = two[0].pk
    assert clerk.post(f"{INBOX}tags/{key}/", {"tags": 'Service, "Rude waiter"'}).status_code == 302
    assert clerk.post(f"{INBOX}note/{key}/", {"text": "Rang <b>them</b>"}).status_code == 302
    page = clerk.get(f"{INBOX}inspect/{key}/").content.decode()
    assert "Rude waiter, Service" in page and "Rang &lt;b&gt;them" in page
    assert "Service" in clerk.get(INBOX).content.decode()
    assert clerk.post(f"{INBOX}note/{key}/", {"text": "\x00 "}).status_code == 200


def test_a_case_is_opened_from_an_answer_once(story: Story, two: Any, clerk: Client) -> None:
    values = {"reason": "Ring them", "hours": "8", "owner": ""}
    first = clerk.post(f"{INBOX}open_case/{two[1].pk}/", values)
    case = two[1].cases.get()
    assert first.url == f"/admin/referrals/cases/inspect/{case.pk}/"  # type: ignore[attr-defined]
    again = clerk.post(f"{INBOX}open_case/{two[1].pk}/", values)
    assert again.url == first.url  # type: ignore[attr-defined]
    assert "to 1000" in clerk.post(
        f"{INBOX}open_case/{two[1].pk}/", {**values, "hours": "9999"}
    ).content.decode().replace("equal to 1000", "to 1000")


def test_what_a_person_said_at_other_times_is_beside_it(
    story: Story, two: Any, owner: Client
) -> None:
    FeedbackResponse.objects.filter(pk=two[0].pk).update(person=two[1].person)
    page = owner.get(f"{INBOX}inspect/{two[1].pk}/").content.decode()
    assert "What they said at other times" in page and "The waiter was rude" in page


def bulk(action: str, query: str) -> str:
    return f"/admin/bulk/wagtail_referrals/feedbackresponse/{action}/?{query}&next=/admin/"


def test_many_are_tagged_and_followed_up_at_once(
    story: Story, two: Any, clerk: Client, monkeypatch: Any
) -> None:
    address = bulk("tag", f"id={two[0].pk}&id={two[1].pk}")
    assert clerk.post(address, {"tags": "June"}).status_code == 302
    assert FeedbackResponse.objects.filter(tags__name="June").count() == 2
    assert clerk.post(address, {"tags": ""}).status_code == 200
    monkeypatch.setattr(feedback_bulk.OpenCases, "slice_size", 2)
    address = bulk("open_case", "id=all&q=&score_max=8")
    values = {"reason": "Ring them", "hours": "8"}
    page = clerk.post(address, values)
    assert page.status_code == 200 and "2 of 2 are done." in page.content.decode()
    seen = page.context["form"].initial
    values |= {name: seen[name] for name in ("after", "upto", "total", "done", "refused")}
    assert clerk.post(address, values).status_code == 302
    assert Case.objects.filter(occasion="hand", response__in=two).count() == 2


def test_who_may_delete_deletes_what_they_see(
    story: Story, two: Any, clerk: Client, django_user_model: Any
) -> None:
    address = bulk("delete", "id=all&group=detractors")
    assert clerk.post(address, {"reason": "Spam", "sure": "on"}).status_code in (302, 403)
    assert FeedbackResponse.objects.count() == 3
    boss = staff(django_user_model, "boss", ("view", "change", "delete"))
    assert boss.post(address, {"reason": "Spam"}).status_code == 200
    assert boss.post(address, {"reason": "Spam", "sure": "on"}).status_code == 302
    assert set(FeedbackResponse.objects.all()) == {two[1], story.response}
    one = f"{INBOX}delete/{two[1].pk}/"
    assert boss.post(one, {"reason": "Spam", "sure": "on"}).status_code == 302
    assert FeedbackResponse.objects.count() == 1


def test_many_are_marked_as_spam_and_released_again(story: Story, two: Any, clerk: Client) -> None:
    address = bulk("spam", f"id={two[0].pk}&id={two[1].pk}")
    assert clerk.post(address, {"reason": "Robots"}).status_code == 302
    assert FeedbackResponse.objects.filter(state="spam").count() == 2
    assert not Case.objects.filter(response=two[0]).exclude(state="closed").exists()
    assert len(found(clerk, "?state=spam")) == 2
    assert clerk.post(bulk("release", "id=all"), {"reason": "No robots"}).status_code == 302
    assert not FeedbackResponse.objects.exclude(state="received").exists()


def test_a_page_s_answers_are_for_who_may_open_its_submissions(
    story: Story, two: Any, django_user_model: Any
) -> None:
    boss = staff(django_user_model, "boss", ("view", "change", "delete"))
    assert len(found(boss)) == 3
    GroupPagePermission.objects.all().delete()
    assert found(boss) == found(boss, "?q=waiter") == []
    assert found(boss, f"?page={story.feedback_page.pk}") == []
    key, case = two[0].pk, two[0].cases.get()
    for address in (
        f"{INBOX}inspect/{key}/",
        f"{INBOX}delete/{key}/",
        f"{INBOX}note/{key}/",
        f"/admin/referrals/cases/inspect/{case.pk}/",
        f"/admin/referrals/cases/reply/{case.pk}/",
    ):
        assert boss.get(address).status_code == 404, address
    boss.post(bulk("delete", f"id={key}"), {"reason": "x", "sure": "on"})
    boss.post(bulk("delete", "id=all"), {"reason": "x", "sure": "on"})
    assert FeedbackResponse.objects.count() == 3
    assert list(boss.get("/admin/referrals/cases/").context["object_list"]) == []
    person = boss.get(f"/admin/referrals/people/inspect/{two[0].person.pk}/").content.decode()
    assert "section-feedback" not in person
    export = b"".join(boss.get(f"{INBOX}?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "rude" not in export


def test_nor_are_the_mails_that_speak_of_them(
    story: Story, two: Any, django_user_model: Any
) -> None:
    boss = staff(django_user_model, "boss", ("view", "change"))
    dee = Guest("dee@example.org", email_key("dee@example.org"))
    invite(story.feedback_page, story.program, [dee], send=True)
    reply_to_case(two[0].cases.get(), subject="Sorry", text="For the waiter", key="1")
    mails = Message.objects.filter(kind__in=["feedback_invitation", "case_reply"])
    addresses = [f"/admin/referrals/messages/inspect/{one.pk}/" for one in mails]
    assert [boss.get(address).status_code for address in addresses] == [200, 200]
    GroupPagePermission.objects.all().delete()
    assert [boss.get(address).status_code for address in addresses] == [404, 404]
    left = {one.kind for one in boss.get("/admin/referrals/messages/").context["object_list"]}
    assert "coupon_to_hand_on" in left
    assert not left & {"feedback_invitation", "case_reply"}


def test_an_export_holds_what_was_filtered_in_safe_cells(
    story: Story, two: Any, owner: Client
) -> None:
    answer(story, "dee@example.org", text="=HYPERLINK(1) it is", score=1)
    add_tags([two[0]], ["@SUM(1)"])
    response = owner.get(f"{INBOX}?export=csv&group=detractors")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["E-mail"] for row in rows] == ["dee@example.org", "bo@example.org"]
    assert rows[0]["Words"] == "'=HYPERLINK(1) it is"
    assert (rows[1]["Tags"], rows[1]["Source"]) == ("'@SUM(1)", "qr")
    sheet = owner.get(f"{INBOX}?export=xlsx")
    table = load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active  # type: ignore[attr-defined]
    assert len(list(table.values)) == 5


def test_a_search_is_kept_as_a_view(
    story: Story, two: Any, clerk: Client, viewer: Client, owner: Client
) -> None:
    address = f"{INBOX}views/?group=detractors&q=rude&p=3&export=csv"
    saved = clerk.post(address, {"name": "Angry <b>"})
    assert saved.url == f"{INBOX}?group=detractors&q=rude"  # type: ignore[attr-defined]
    assert len(found(clerk, saved.url.removeprefix(INBOX))) == 1  # type: ignore[attr-defined]
    assert "Angry &lt;b&gt;" in clerk.get(INBOX).content.decode()
    assert "Angry" not in viewer.get(INBOX).content.decode()
    assert "already" in clerk.post(address, {"name": "Angry <b>"}).content.decode()
    SavedView.objects.update(is_shared=True)
    assert "Angry" in viewer.get(INBOX).content.decode()
    view = SavedView.objects.get()
    viewer.post(f"{INBOX}views/", {"delete": view.pk})
    assert SavedView.objects.exists()
    clerk.post(f"{INBOX}views/", {"delete": view.pk})
    assert not SavedView.objects.exists()


def test_late_cases_are_on_the_home_page_until_they_are_closed(
    story: Story, clerk: Client, stranger: Client
) -> None:
    heading = "Follow-up that is late"
    assert heading not in clerk.get("/admin/").content.decode()
    Case.objects.update(due_at=story.response.submit_time)
    page = clerk.get("/admin/").content.decode()
    assert heading in page and "Ann Advocate" in page
    assert heading not in stranger.get("/admin/").content.decode()
    close_case(Case.objects.get(), reason="Done")
    assert heading not in clerk.get("/admin/").content.decode()


@pytest.mark.needs_database("postgresql")
def test_late_cases_are_found_by_their_index_however_many_are_closed(
    story: Story, clerk: Client
) -> None:
    with CaptureQueriesContext(connection) as queries:
        clerk.get("/admin/")
    [statement] = [q["sql"] for q in queries if 'FROM "wagtail_referrals_case"' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    [condition] = [line for line in plan.splitlines() if "Index Cond" in line and "due_at" in line]
    assert "state" in condition, plan


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_no_answer_spoils_a_spreadsheet(story: Story, owner: Client, character: str) -> None:
    response = answer(story, "dee@example.org", text=f"Good as ever{character}")
    assert response.form_data["better"].endswith(character)
    for address in (INBOX, f"/admin/forms/submissions/{story.feedback_page.pk}/"):
        sheet = owner.get(f"{address}?export=xlsx")
        table = load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active  # type: ignore[attr-defined]
        assert "Good as ever" in str(list(table.values)), address


@pytest.mark.parametrize("before", ["\n", " ", "\u200b", "\ufeff", "\xa0\n"])
@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))  # noqa: RUF001
def test_a_formula_is_one_behind_blanks_and_in_wide_letters_too(before: str, sign: str) -> None:
    assert safe_cell(f"{sign}1") == f"'{sign}1"
    line = "'" if before.endswith("\n") else ""
    assert safe_cell(f"{before}{sign}1") == f"'{before}{line}{sign}1"
    assert safe_cell(f"1{sign}1") == f"1{sign}1"


@pytest.mark.parametrize("before", ["Ann;", "Ann; ", 'Ann;"', "Ann\n", "Ann;\u200b"])
def test_no_text_runs_as_a_formula_where_a_semicolon_parts_the_cells(before: str) -> None:
    first, parted, rest = re.split(r"([;\n])", before)
    assert safe_cell(f"{before}=1+1") == f"{first}{parted}'{rest}=1+1"
    for smiley in ("Thank you ;-) and all", "Open till 8; thanks", "A-Z; 1+1"):
        assert safe_cell(smiley) == smiley


def test_nor_in_the_lists_that_are_read_without_objects(story: Story, owner: Client) -> None:
    person = story.advocate.person
    person.name = "Ann;=1+1"
    person.save()
    answer = owner.get("/admin/referrals/champions/", {"export": "csv"})
    lines = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Ann;'=1+1" in lines
    assert ";=" not in lines


def test_the_code_of_a_coupon_is_for_who_may_see_coupons(
    story: Story, viewer: Client, owner: Client
) -> None:
    address, code = f"{INBOX}inspect/{story.response.pk}/", str(story.response.coupon)
    assert code in viewer.get(address).content.decode()
    group = Group.objects.get(name="viewer")
    group.permissions.remove(Permission.objects.get(codename="view_coupon"))
    assert code not in viewer.get(address).content.decode()


def test_a_rating_is_shown_with_what_its_number_is_called(
    story: Story, two: Any, owner: Client
) -> None:
    page = story.feedback_page
    questions = page.form_fields.model.objects
    questions.create(page=page, sort_order=20, label="The visit", field_type="csat")
    questions.create(page=page, sort_order=21, label="The cups", field_type="stars", choices="5")
    FeedbackResponse.objects.filter(pk=two[0].pk).update(
        form_data={"the_visit": "2", "the_cups": "4", "gone": "3"}
    )
    screen = owner.get(f"{INBOX}inspect/{two[0].pk}/").content.decode()
    for said in ("2 – Bad", "4 of 5 stars"):
        assert said in screen


def test_words_are_what_was_written_and_not_what_was_chosen(story: Story, owner: Client) -> None:
    chosen = {"publish": "Yes, with my name", "better": "The cake, please"}
    answers = Answers("dee@example.org", chosen, words="The cake, please")
    dee = submit_feedback(story.feedback_page, story.program, answers).response
    assert dee in found(owner, "?q=cake")
    assert dee not in found(owner, "?q=with+my")
    row = next(csv.DictReader(io.StringIO(exported(owner))))
    assert (row["E-mail"], row["Words"]) == ("dee@example.org", "The cake, please")


def exported(client: Client) -> str:
    content = client.get(f"{INBOX}?export=csv").streaming_content  # type: ignore[attr-defined]
    return b"".join(content).decode("utf-8-sig")


def test_without_words_are_those_who_wrote_none(story: Story, two: Any, owner: Client) -> None:
    assert found(owner, "?has_words=false") == [two[1]]
    assert found(owner, "?has_words=true") == [two[0], story.response]


def test_smileys_are_listed_filtered_and_exported(story: Story, two: Any, owner: Client) -> None:
    dee = answer(story, "dee@example.org", csat=2)
    assert found(owner, "?csat=2") == [dee]
    assert found(owner, "?csat=5") == []
    assert ">Bad<" in re.sub(r"\s*([<>])\s*", r"\1", owner.get(INBOX).content.decode())
    assert next(csv.DictReader(io.StringIO(exported(owner))))["Smiley"] == "Bad"
