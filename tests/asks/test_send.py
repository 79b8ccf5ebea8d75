"""Who is asked when it is due, and why somebody is not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.asks.conftest import LATER, NOW, ask_all, buy, make_touchpoint, outcomes
from tests.fixtures import make_pages
from wagtail_referrals.api import record_event
from wagtail_referrals.asks.checks import CHECKS
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.asks.reasons import WHY_NOT
from wagtail_referrals.asks.send import send_due_asks
from wagtail_referrals.feedback.cases import close_case, open_case
from wagtail_referrals.feedback.guests import Guest
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import MailPreference, Message
from wagtail_referrals.partners.introduction_models import WantedContact
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate

pytestmark = pytest.mark.django_db
ASKING = ("feedback_ask", "review_ask", "referral_ask", "introduction_ask")


def mails(*kinds):
    return list(Message.objects.filter(kind__in=kinds or ASKING).order_by("pk"))


def test_feedback_is_asked_for_by_a_link_of_their_own(touchpoint, bo, feedback_page):
    assert ask_all() == 1
    (mail,) = mails()
    invitation = Invitation.objects.get()
    assert (mail.kind, mail.person, mail.page_id) == ("feedback_ask", bo, feedback_page.pk)
    assert (invitation.person, invitation.page_id) == (bo, feedback_page.pk)
    assert [number for number, _link in mail.context["numbers"]] == list(range(11))
    ask = Ask.objects.get()
    assert (ask.state, ask.settled_at, ask.invitation) == ("asked", LATER, invitation)


def test_before_it_is_due_nobody_is_asked(touchpoint, purchase):
    assert ask_all(at=NOW + timedelta(hours=71)) == 0
    assert outcomes() == ["planned"]


def test_asked_again_by_the_next_run_it_is_one_mail(touchpoint, purchase):
    ask_all()
    assert ask_all() == 0
    assert len(mails()) == 1


def test_nobody_is_asked_twice_within_the_program_s_days_whatever_it_is_for(touchpoint, bo):
    make_touchpoint(touchpoint.program, asks_for="referral", delay_hours=74)
    assert ask_all() == 1
    assert outcomes() == ["asked", "asked_lately"]


def test_when_the_days_are_over_they_are_asked_for_something_else(touchpoint, bo):
    Person.objects.filter(pk=bo.pk).update(asked_at=LATER - timedelta(days=90))
    assert ask_all() == 1


def test_a_touchpoint_asks_the_same_only_as_often_as_it_says(touchpoint):
    type(touchpoint.program).objects.update(days_between_asks=1)
    buy(touchpoint.program, "1", at=NOW - timedelta(days=10))
    ask_all(at=NOW - timedelta(days=6))
    Invitation.objects.all().delete()
    buy(touchpoint.program, "2")
    assert ask_all() == 0
    assert outcomes() == ["asked", "asked_this"]


def test_whoever_was_invited_by_hand_is_not_asked_a_day_later(touchpoint, bo, feedback_page):
    invite(feedback_page, touchpoint.program, [Guest(bo.email, bo.email_key)], send=True)
    Invitation.objects.all().delete()
    ask_all()
    assert outcomes() == ["asked_lately"]


# Each way of not being asked: what has happened by the time it is due.


def refund(touchpoint, bo):
    record_event(
        touchpoint.program,
        "refund",
        external_id="r1",
        refund_of="1",
        amount=Decimal("20.00"),
        currency="EUR",
    )


def complain(touchpoint, bo):
    answers, at = Answers(bo.email, score=2), NOW - timedelta(days=100)
    response = submit_feedback(_page(touchpoint), touchpoint.program, answers, at=at).response
    open_case(response, reason="Ring them")


def answer(touchpoint, bo):
    submit_feedback(_page(touchpoint), touchpoint.program, Answers(bo.email, score=9))


def answer_before(touchpoint, bo):
    """Within the days in which the page takes one answer."""
    at = NOW - timedelta(days=10)
    submit_feedback(_page(touchpoint), touchpoint.program, Answers(bo.email, score=9), at=at)


def _page(touchpoint):
    from wagtail_referrals.pages.models import FeedbackPage

    return FeedbackPage.objects.get(program=touchpoint.program)


def unpublish(touchpoint, bo):
    _page(touchpoint).unpublish()


def unpublish_the_chosen(touchpoint, bo):
    page = touchpoint.program.landing_page
    Touchpoint.objects.update(page=page)


def decline(touchpoint, bo):
    MailPreference.objects.create(person=bo, category="asks")


def end(touchpoint, bo):
    type(touchpoint.program).objects.update(is_active=False)


def set_values(**values):
    return lambda touchpoint, bo: Touchpoint.objects.update(**values)


def invite_before(touchpoint, bo):
    invite(_page(touchpoint), touchpoint.program, [Guest(bo.email, bo.email_key)])


NOT_ASKED = [
    ("refunded", refund),
    ("open_complaint", complain),
    ("answered_already", answer),
    ("answered_already", answer_before),
    ("unsubscribed", lambda touchpoint, bo: suppress("Bo@example.org")),
    ("unsubscribed", decline),
    ("blocked", lambda touchpoint, bo: block_person(bo, reason="Fraud")),
    ("gone", lambda touchpoint, bo: erase_person(bo, reason="Asked to")),
    ("no_address", lambda touchpoint, bo: Person.objects.update(email="")),
    ("no_page", unpublish),
    ("no_page", unpublish_the_chosen),
    ("program_ended", end),
    ("touchpoint_off", set_values(is_active=False)),
    ("touchpoint_off", set_values(asks_for="referral")),
    ("not_for_them", set_values(whom="regulars")),
    ("not_for_them", set_values(whom="staff")),
    ("whom_gone", set_values(whom="a_segment_of_the_site_s_that_is_gone")),
    ("invited", invite_before),
]


@pytest.mark.parametrize(("reason", "happens"), NOT_ASKED)
def test_what_has_happened_meanwhile_is_looked_at(touchpoint, bo, reason, happens):
    plan_asks()
    happens(touchpoint, bo)
    assert send_due_asks(at=LATER) == 0
    assert outcomes() == [reason]
    assert not mails()


def test_a_worker_that_was_down_for_a_month_asks_nobody_about_it(touchpoint, purchase):
    plan_asks()
    assert send_due_asks(at=LATER + timedelta(days=31)) == 0
    assert outcomes() == ["too_old"]


def test_a_complaint_that_is_closed_keeps_nobody_from_being_asked(touchpoint, bo):
    complain(touchpoint, bo)
    case = bo.cases.get()
    close_case(case, reason="We rang them")
    assert ask_all() == 1


def test_a_part_that_was_sent_back_leaves_something_to_ask_about(touchpoint, bo):
    record_event(
        touchpoint.program,
        "refund",
        external_id="r1",
        refund_of="1",
        amount=Decimal("5.00"),
        currency="EUR",
    )
    assert ask_all() == 1


def test_first_timers_and_regulars_are_told_apart_by_what_they_had_bought_by_then(touchpoint):
    program = touchpoint.program
    Touchpoint.objects.update(whom="first_timers")
    make_touchpoint(program, whom="regulars", asks_for="referral")
    buy(program, "1", at=NOW - timedelta(days=200))
    buy(program, "2", at=NOW)
    buy(program, "3", email="cleo@example.org", at=NOW)
    ask_all()
    asked = Ask.objects.filter(state="asked").values_list("person__email", "asks_for")
    assert sorted(asked) == [
        ("bo@example.org", "referral"),
        ("cleo@example.org", "feedback"),
    ]


def test_what_was_sent_back_makes_nobody_a_regular(touchpoint):
    Touchpoint.objects.update(whom="regulars")
    buy(touchpoint.program, "1", at=NOW - timedelta(days=2))
    buy(touchpoint.program, "2")
    refund(touchpoint, None)
    ask_all()
    assert outcomes()[-1] == "not_for_them"


def test_every_reason_has_words_and_is_looked_for_in_their_order():
    words = [code for code in WHY_NOT if code in CHECKS]
    assert words == list(CHECKS)


# What is asked


def test_a_page_in_their_language_is_chosen(touchpoint, bo, feedback_page):
    from wagtail.models import Locale

    german = Locale.objects.create(language_code="de")
    home = feedback_page.get_parent().copy_for_translation(german)
    assert home
    other = feedback_page.copy_for_translation(german)
    other.live = True
    other.save()
    Person.objects.filter(pk=bo.pk).update(locale="de")
    ask_all()
    assert Invitation.objects.get().page_id == other.pk


def test_an_advocate_is_led_to_their_own_page(touchpoint, bo):
    Touchpoint.objects.update(asks_for="referral")
    advocate = join_program(touchpoint.program, bo)
    assert ask_all() == 1
    (mail,) = mails("referral_ask")
    assert "/me/" in mail.context["link"]
    assert advocate.display_code in mail.context["share_link"]
    assert mail.context["friend_gets"] == touchpoint.program.friend_offer.headline


def test_who_is_no_advocate_is_led_to_where_they_join_and_is_made_none(touchpoint, bo):
    Touchpoint.objects.update(asks_for="referral")
    assert ask_all() == 1
    (mail,) = mails("referral_ask")
    assert mail.context["link"].endswith("/refer/me/")
    assert not Advocate.objects.filter(person=bo).exists()


def test_who_left_the_program_is_asked_for_no_recommendation(touchpoint, bo):
    Touchpoint.objects.update(asks_for="referral")
    join_program(touchpoint.program, bo)
    Advocate.objects.update(state="left")
    ask_all()
    assert outcomes() == ["left"]


def test_an_introduction_is_asked_for_by_name(touchpoint, bo):
    from wagtail_referrals.pages.models import PartnerHubPage

    program = touchpoint.program
    Touchpoint.objects.update(asks_for="introduction")
    parent = program.landing_page.get_parent()
    hub = parent.add_child(instance=PartnerHubPage(title="Hub", slug="hub", program=program))
    WantedContact.objects.create(program=program, name="Museum of Boats", role="director")
    assert ask_all() == 1
    (mail,) = mails("introduction_ask")
    assert mail.context["link"] == f"{hub.full_url}introduce/"
    assert mail.context["lines"][0]["text"] == "Museum of Boats, director"
    address = mail.context["lines"][0]["url"].partition("localhost")[2]
    from django.test import Client

    page = Client().get(address)
    assert page.context["form"].initial["name"] == "Museum of Boats"


def test_whom_nothing_could_be_sent_to_keeps_their_turn(touchpoint, bo, monkeypatch):
    """A site that leaves our pages out has nowhere to join."""
    monkeypatch.setattr("wagtail_referrals.asks.mails._join", lambda program: "")
    Touchpoint.objects.update(asks_for="referral")
    assert ask_all() == 0
    assert (outcomes(), mails()) == (["no_page"], [])
    assert Person.objects.get(pk=bo.pk).asked_at is None


def test_an_error_about_one_keeps_nobody_else_from_being_asked(touchpoint, purchase, monkeypatch):
    from wagtail_referrals.asks import send

    cleo = buy(touchpoint.program, "2", email="cleo@example.org").person
    invite_one = send._invite

    def fail_for_bo(ask, *args):
        if ask.person != cleo:
            raise RuntimeError("a page of the site's own")
        return invite_one(ask, *args)

    monkeypatch.setattr(send, "_invite", fail_for_bo)
    assert ask_all() == 1
    assert outcomes() == ["planned", "asked"]
    assert Person.objects.get(email="bo@example.org").asked_at is None


def test_a_batch_costs_as_many_questions_however_many_are_refused(
    touchpoint, django_assert_max_num_queries
):
    Touchpoint.objects.update(whom="regulars")
    for number in range(40):
        find_or_add_person(f"p{number}@example.org")
        buy(touchpoint.program, str(number), email=f"p{number}@example.org")
    plan_asks()
    with django_assert_max_num_queries(20):
        send_due_asks(at=LATER)
    assert set(outcomes()) == {"not_for_them"}


def test_more_than_one_batch_is_gone_through(touchpoint, monkeypatch):
    from wagtail_referrals.asks import send

    monkeypatch.setattr(send, "BATCH", 2)
    for number in range(5):
        buy(touchpoint.program, str(number), email=f"p{number}@example.org")
    assert ask_all() == 5


def test_erasing_ends_what_was_planned_and_keeps_what_was_counted(touchpoint, bo):
    ask_all()
    plan_asks(at=timezone.now())
    erase_person(bo, reason="Asked to")
    ask = Ask.objects.get()
    assert (ask.person, ask.state) == (None, "asked")


def test_another_program_s_page_is_not_where_it_leads(touchpoint, bo):
    from tests.fixtures import make_program

    _page(touchpoint).unpublish()
    other = make_program("others")
    touchpoint.program.landing_page.delete()
    make_pages_elsewhere(other)
    ask_all()
    assert outcomes() == ["no_page"]


def make_pages_elsewhere(program):
    from wagtail.models import Site

    root = Site.objects.get(is_default_site=True).root_page
    for child in root.get_children():
        child.specific.delete()
    make_pages(program)


# The mails as they are read


@pytest.fixture
def sent(touchpoint, bo, mailoutbox):
    """``sent(asks_for)`` is the mail that asks for it, as text and as HTML."""
    from wagtail_referrals.messages.deliver import deliver_due

    def deliver(asks_for):
        Touchpoint.objects.update(asks_for=asks_for)
        assert ask_all() == 1
        # At noon: nobody's quiet hours.
        Message.objects.update(due_at=LATER)
        deliver_due(at=LATER.replace(hour=12) + timedelta(days=1))
        (mail,) = mailoutbox
        return mail, mail.alternatives[0][0]

    return deliver


def test_feedback_is_asked_for_with_numbers_that_open_the_form(sent):
    mail, html = sent("feedback")
    assert "{{" not in mail.body + html
    assert html.count("?score=") == mail.body.count("?score=") == 11
    assert "List-Unsubscribe" in mail.extra_headers


def test_no_ask_carries_a_coupon_or_promises_one(sent):
    mail, _html = sent("feedback")
    assert not [words for words in ("coupon", "voucher", "discount") if words in mail.body.lower()]


def test_a_recommendation_is_asked_for_with_what_both_get(sent, touchpoint, bo):
    join_program(touchpoint.program, bo)
    mail, html = sent("referral")
    assert touchpoint.program.friend_offer.headline in mail.body
    assert "/me/" in html
    assert "{{" not in mail.body + html


def test_who_is_no_advocate_reads_no_empty_line_for_a_link_of_theirs(sent):
    mail, html = sent("referral")
    assert "/refer/me/" in mail.body
    assert "/r/" not in mail.body
    assert "{{" not in mail.body + html
