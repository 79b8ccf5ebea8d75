"""Cases: opened by rule or by hand, once; due in working hours; nothing about them is lost."""

from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_referrals.due import run_due
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import Conflict, ReferralsError
from wagtail_referrals.feedback.case_models import Case, CaseEntry, CaseRule, CaseState
from wagtail_referrals.feedback.cases import (
    change_case,
    close_case,
    note_case,
    open_case,
    reopen_case,
    reply_to_case,
)
from wagtail_referrals.feedback.notes import add_note, add_tags, set_tags
from wagtail_referrals.feedback.reminders import tell_owners
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.programs.working_time import Week, due_after

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Week(frozenset(range(5)), time(9), time(17), BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        # A Monday morning, during the day, in the evening.
        ("2026-03-02T10:00+01:00", 2, "2026-03-02T12:00+01:00"),
        ("2026-03-02T16:00+01:00", 2, "2026-03-03T10:00+01:00"),
        ("2026-03-02T22:00+01:00", 8, "2026-03-03T17:00+01:00"),
        # Friday evening, Saturday, and over the weekend in which the clocks change.
        ("2026-03-06T16:00+01:00", 2, "2026-03-09T10:00+01:00"),
        ("2026-03-07T12:00+01:00", 1, "2026-03-09T10:00+01:00"),
        ("2026-03-27T16:30+01:00", 1, "2026-03-30T09:30+02:00"),
    ],
)
def test_a_case_is_due_in_working_hours(start, hours, due):
    assert due_after(datetime.fromisoformat(start), hours, OFFICE) == datetime.fromisoformat(due)


def test_a_night_shift_loses_the_hour_that_is_not_there():
    week = Week(frozenset(range(7)), time(1), time(4), BERLIN)
    start = datetime(2026, 3, 28, 20, tzinfo=BERLIN)
    assert due_after(start, 3, week) == datetime(2026, 3, 30, 2, tzinfo=BERLIN)


def test_a_week_nobody_works_in_is_refused():
    with pytest.raises(ValueError, match="Nobody works"):
        due_after(timezone.now(), 1, Week(frozenset(), time(9), time(17), UTC))


weeks = st.builds(
    Week,
    days=st.frozensets(st.integers(0, 6), min_size=2),
    begin=st.integers(0, 11).map(time),
    end=st.integers(12, 23).map(time),
    zone=st.sampled_from([UTC, BERLIN, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu")]),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def counted(start, end, week):
    """The minutes at work between two times, counted one by one by the clock on the wall."""
    minutes = int((end - start).total_seconds() // 60)
    clocks = ((start + timedelta(minutes=n)).astimezone(week.zone) for n in range(minutes))
    return sum(
        clock.weekday() in week.days and week.begin <= clock.time() < week.end for clock in clocks
    )


@settings(deadline=None, max_examples=60)
@given(moments, st.integers(1, 6), weeks)
def test_between_start_and_due_there_are_so_many_working_hours(start, hours, week):
    due = due_after(start, hours, week)
    assert counted(start, due, week) == hours * 60
    # Not a minute later than needed.
    last = (due - timedelta(minutes=1)).astimezone(week.zone)
    assert last.weekday() in week.days and week.begin <= last.time() < week.end


@pytest.fixture
def rule(program):
    def rule(occasion="detractor", **values):
        values = {"name": occasion, "program": program, "occasion": occasion, **values}
        rule = CaseRule(**values)
        rule.full_clean()
        rule.save()
        return rule

    return rule


@pytest.fixture
def answer(feedback_page, program):
    def answer(score=None, text="", email="ann@example.org", phone="", call=False, **values):
        said = {"words": text, "score": score, "phone": phone, "wants_call": call}
        answers = Answers(email, {"better": text}, "Ann Advocate", **said)
        return submit_feedback(feedback_page, program, answers, **values).response

    return answer


@pytest.fixture
def response(answer):
    return answer(3, "The waiter was rude")


@pytest.fixture
def case(response):
    return open_case(response, reason="Worth a call")[0]


@pytest.fixture
def amy(django_user_model):
    return django_user_model.objects.create_user("amy", "amy@shop.example", "x")


@pytest.mark.parametrize(("score", "opens"), [(0, 1), (6, 1), (7, 0), (10, 0), (None, 0)])
def test_a_low_score_opens_a_case(score, opens, rule, answer):
    rule("detractor")
    response = answer(score)
    assert response.cases.count() == opens


@pytest.mark.parametrize(
    ("words", "opens"),
    [("rude", 1), ("RÚDE", 1), ("cold\nwaiter", 1), ("wait rude", 1), ("cold rude", 0), ("ude", 0)],
)
def test_a_word_opens_a_case(words, opens, rule, answer):
    rule("word", words=words)
    assert answer(9, "The waiter was rude").cases.count() == opens


def test_a_wish_to_be_called_opens_a_case_and_a_telephone_number_alone_none(rule, answer):
    rule("call")
    assert not answer(9, phone="+49 30 1234", email="bo@example.org").cases.exists()
    assert answer(9, phone="+49 30 1234", call=True).cases.get().why == "a wish to be called"


def test_a_rule_of_words_needs_words(rule):
    with pytest.raises(ValidationError, match="which words"):
        rule("word", words=" !\n")


def test_a_friend_who_came_opens_a_case(rule, advocate):
    rule("lead", hours=4)
    claim = claim_offer(advocate, email="bo@example.org")
    case = Case.objects.get()
    assert (case.referral, case.person) == (claim.referral, claim.referral.friend)
    claim_offer(advocate, email="bo@example.org")
    assert Case.objects.count() == 1


def test_what_a_rule_opens_is_its_owner_s_and_due_in_the_program_s_hours(
    rule, answer, amy, program
):
    program.working_days, program.working_from, program.working_to = "5", time(10), time(12)
    program.save()
    rule("detractor", owner=amy, hours=3)
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    program.starts_at = now - timedelta(days=1)
    program.save()
    case = answer(3, at=now).cases.get()
    assert case.owner == amy
    # Two hours on the first Saturday, one on the next.
    assert case.due_at == datetime(2026, 3, 14, 11, tzinfo=UTC)
    assert case.why == "gave 3 of 10"


def test_each_rule_opens_its_own_and_a_paused_one_nothing(rule, answer):
    rule("detractor")
    rule("word", words="rude")
    rule("detractor", name="paused", is_active=False)
    assert answer(2, "rude").cases.count() == 2


def test_by_hand_there_is_one_open_case(response):
    case, created = open_case(response, reason="Worth a call")
    again, created_again = open_case(response, reason="Again")
    assert (again, created, created_again) == (case, True, False)
    close_case(case, reason="Done")
    another, created = open_case(response, reason="Once more")
    assert created and another != case


def test_an_answer_without_a_program_can_have_a_case(feedback_page):
    response = submit_feedback(feedback_page, None, Answers("ann@example.org")).response
    case, _created = open_case(response, reason="Worth a call")
    assert case.due_at.weekday() < 5


def test_a_case_s_history_says_who_did_what_and_is_never_changed(case, amy):
    case = change_case(case, owner=amy, state="in_work", due_at=case.due_at, user=amy)
    note_case(case, "Rang twice\nnobody there", user=amy)
    case = close_case(case, reason="Sent flowers", user=amy)
    assert (case.state, case.closing_reason, case.is_open) == ("closed", "Sent flowers", False)
    assert [(entry.kind, entry.user) for entry in case.entries.all()] == [
        ("opened", None),
        ("owner", amy),
        ("state", amy),
        ("note", amy),
        ("closed", amy),
    ]
    with pytest.raises(TypeError):
        case.entries.first().save()
    with pytest.raises(TypeError):
        CaseEntry.objects.all().delete()


def test_a_case_is_closed_once_and_with_a_reason(case):
    with refused("invalid_reason"):
        close_case(case, reason=" ")
    close_case(case, reason="Done")
    with refused("not_possible"):
        close_case(case, reason="Done again")
    assert case.entries.filter(kind="closed").count() == 1


def test_a_case_is_opened_again_unless_another_one_is_open(case, response):
    close_case(case, reason="Done")
    case = reopen_case(case, reason="They wrote again")
    assert case.is_open and case.closing_reason == "" and case.due_at > timezone.now()
    with pytest.raises(ReferralsError):
        reopen_case(case, reason="x")
    close_case(case, reason="Done")
    open_case(response, reason="Another")
    with pytest.raises(ReferralsError):
        reopen_case(case, reason="x")


def test_a_case_opened_again_on_a_friday_is_not_late_on_saturday(case):
    close_case(case, reason="Done")
    friday = datetime.fromisoformat("2036-03-07T16:00+00:00")
    case = reopen_case(case, reason="They wrote again", at=friday)
    assert case.due_at == due_after(friday, 8, case.program.working_week)
    assert case.due_at.date() == datetime(2036, 3, 10).date()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(case, amy):
    seen = Case.objects.get(pk=case.pk)
    change_case(case, owner=amy, state="new", due_at=case.due_at)
    with pytest.raises(Conflict):
        change_case(seen, owner=None, state="waiting", due_at=seen.due_at)
    assert Case.objects.get().owner == amy
    with pytest.raises(ReferralsError):
        change_case(case, owner=None, state="closed", due_at=case.due_at)


def test_a_reply_is_one_mail_however_often_it_is_sent(case, amy, program):
    program.notify_email = "shop@example.org"
    program.save()
    case.refresh_from_db()
    sent = [
        reply_to_case(case, subject="Sorry\nBcc: x", text="We are\r\nsorry <b>", key="k", user=amy)
        for _time in range(2)
    ]
    assert sent == [True, False]
    run_due()
    mails = [one for one in mail.outbox if one.to == ["ann@example.org"] and "Sorry" in one.subject]
    (reply,) = mails
    assert reply.subject == "Sorry Bcc: x"
    assert reply.reply_to == ["shop@example.org"]
    assert "We are\nsorry <b>" in reply.body and "&lt;b&gt;" in reply.alternatives[0][0]
    case.refresh_from_db()
    assert case.state == CaseState.WAITING
    assert case.entries.get(kind="reply").text.startswith("Sorry Bcc: x\n\nWe are")


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [(" ", "x", "invalid_text"), ("x", "\x00", "invalid_text"), ("x", "y" * 5001, "invalid_text")],
)
def test_an_empty_or_endless_reply_is_refused(case, subject, text, code):
    with refused(code):
        reply_to_case(case, subject=subject, text=text, key="k")
    assert not Message.objects.filter(kind="case_reply").exists()


def test_nobody_can_be_written_to_without_an_address(case):
    erase_person(case.person, reason="asked for it")
    case.refresh_from_db()
    with refused("no_address"):
        reply_to_case(case, subject="x", text="y", key="k")


@contextmanager
def refused(code):
    with pytest.raises(ReferralsError) as error:
        yield
    assert error.value.code == code


def told(kind):
    return Message.objects.filter(kind=kind)


def test_an_owner_hears_of_a_new_and_of_a_late_case_once(rule, answer, amy):
    rule("detractor", owner=amy, hours=1)
    for number in range(3):
        answer(number, email=f"p{number}@example.org")
    case = Case.objects.first()
    assert tell_owners() == 3
    assert tell_owners() == 0
    message = told("cases_new").get()
    assert message.person.email == "amy@shop.example"
    assert len(message.context["lines"]) == 3
    assert "ann" not in str(message.context).lower()
    later = case.due_at + timedelta(days=4)
    assert tell_owners(at=later) == 3
    assert tell_owners(at=later) == 0
    run_due(at=later)
    texts = [one.body for one in mail.outbox if one.to == ["amy@shop.example"]]
    assert len(texts) == 2 and all(f"/inspect/{case.pk}/" in text for text in texts)


def test_a_case_that_is_put_off_is_told_of_again_when_it_is_late_again(case, amy):
    case = change_case(case, owner=amy, state="new", due_at=case.due_at)
    later = case.due_at + timedelta(days=1)
    tell_owners(at=later)
    case.refresh_from_db()
    change_case(case, owner=amy, state="new", due_at=later + timedelta(days=1))
    assert tell_owners(at=later) == 0
    assert tell_owners(at=later + timedelta(days=2)) == 1
    assert told("cases_late").count() == 2


def test_nobody_s_case_is_the_program_owner_s(case, program):
    assert tell_owners() == 0
    program.notify_email = "shop@example.org"
    program.save()
    later = case.due_at + timedelta(days=4)
    assert tell_owners(at=later) == 1
    assert told("cases_late").get().person.email == "shop@example.org"


def test_a_closed_case_reminds_nobody(case, amy):
    case = change_case(case, owner=amy, state="new", due_at=case.due_at)
    close_case(case, reason="Done")
    assert tell_owners(at=case.due_at + timedelta(days=9)) == 0


def test_an_account_with_a_bad_address_holds_nobody_up(case, amy, django_user_model):
    django_user_model.objects.filter(pk=amy.pk).update(email="nonsense")
    amy.refresh_from_db()
    change_case(case, owner=amy, state="new", due_at=case.due_at)
    assert tell_owners() == 0


def test_an_erased_person_is_in_no_case_any_more(case, amy):
    note_case(case, "Ann Advocate rang from ann@example.org", user=amy)
    reply_to_case(case, subject="Dear Ann", text="Sorry, Ann", key="k")
    close_case(case, reason="Ann Advocate is happy")
    add_note(case.response, "Ann Advocate again")
    erase_person(case.person, reason="asked for it")
    case.refresh_from_db()
    texts = [entry.text for entry in case.entries.all()]
    texts += [case.closing_reason, *case.response.notes.values_list("text", flat=True)]
    assert not [text for text in texts if "Ann" in text or "ann@" in text], texts
    assert case.entries.count() == 4


def test_deleting_an_answer_deletes_its_cases_notes_and_tags(case, response):
    add_note(response, "A note")
    add_tags([response], ["Service"])
    response.delete()
    assert not Case.objects.exists() and not CaseEntry.objects.exists()


def test_a_tag_is_one_however_it_is_written(response, answer):
    other = answer(9, email="bo@example.org")
    add_tags([response, other], ["Delivery", "delivery ", "x" * 300])
    add_tags([response], ["DELIVERY"])
    assert sorted(response.tags.names()) == ["Delivery", "x" * 100]
    set_tags(response, ["Praise"])
    assert list(response.tags.names()) == ["Praise"]
    assert "Delivery" in other.tags.names()


def test_a_note_needs_words(response):
    with pytest.raises(ReferralsError):
        add_note(response, " \x00\n")
