"""Somebody's own link: one answer, theirs, until it expires; the coupon again for nobody else."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.fixtures import BROWSER
from wagtail_referrals.exceptions import InvalidInput, ReferralsError
from wagtail_referrals.feedback.guests import MOST_GUESTS, BadGuests, read_guests
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.feedback.invitations import invitation_link, invite
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_trap")]
ANN = b"ann@example.org,Ann Advocate"


@pytest.fixture
def ann(feedback_page, program):
    return invite(feedback_page, program, read_guests(ANN)).made[0]


@pytest.fixture
def link(feedback_page, ann):
    return invitation_link(feedback_page, ann)


def browse(address, client=None):
    return (client or Client()).get(address, HTTP_USER_AGENT=BROWSER)


def send(shown, client=None, **answers):
    form = shown.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"score": "7"} | answers
    return (client or Client()).post(shown.context["form_action"], data, HTTP_USER_AGENT=BROWSER)


def test_the_answer_is_that_persons_whatever_address_is_sent(link, ann):
    answer = send(browse(link), email="mallory@example.org")
    assert answer.status_code == 303
    response = FeedbackResponse.objects.get()
    assert (response.person, response.score) == (ann.person, 7)
    assert not Person.objects.filter(email__contains="mallory").exists()
    ann.refresh_from_db()
    assert (ann.response, ann.answered_at is not None) == (response, True)
    assert browse(answer.url).context["coupon"] == response.coupon


def test_the_form_asks_for_no_address_and_tells_none(link):
    page = browse(link).content.decode()
    assert "ann@example.org" not in page
    assert 'name="email"' not in page
    assert "Ann Advocate" in page


def test_opening_it_changes_nothing(link, ann):
    before = list(Invitation.objects.values())
    response = browse(f"{link}?score=9")
    assert list(Invitation.objects.values()) == before
    assert not FeedbackResponse.objects.exists()
    assert response.context["form"]["score"].value() == "9"
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_an_answered_one_says_so_and_shows_the_coupon_again(link):
    send(browse(link))
    coupon = FeedbackResponse.objects.get().coupon
    again = browse(link)
    assert "We have your feedback" in again.content.decode()
    assert coupon.display_code in again.content.decode()
    assert "form" not in again.context


def test_but_to_nobody_whose_answer_it_was_not(link, ann, feedback_page, program):
    send(browse(link))
    other = submit_feedback(feedback_page, program, Answers("bo@example.org", score=3)).response
    Invitation.objects.filter(pk=ann.pk).update(response=other)
    page = browse(link).content.decode()
    assert other.coupon.display_code not in page


def test_sending_it_twice_is_one_answer_and_one_coupon(link):
    shown = browse(link)
    first, second = send(shown), send(shown, score="0")
    assert (first.status_code, second.status_code) == (303, 303)
    assert FeedbackResponse.objects.get().score == 7


def test_who_has_answered_on_the_public_page_is_led_to_their_coupon(
    link, ann, feedback_page, program
):
    shown = browse(link)
    first = submit_feedback(feedback_page, program, Answers("Ann@Example.org", score=3)).response
    answer = send(shown)
    assert browse(answer.url).context["coupon"] == first.coupon
    ann.refresh_from_db()
    assert ann.response == first


def test_while_its_answer_is_deleted_another_one_is_refused(link, ann, feedback_page, program):
    send(browse(link))
    FeedbackResponse.objects.all().delete()
    with pytest.raises(InvalidInput) as refused:
        submit_feedback(feedback_page, program, Answers("ann@example.org", score=1), invitation=ann)
    assert refused.value.code == "invitation_expired"
    assert not FeedbackResponse.objects.exists()


def test_a_step_that_asks_for_the_address_only_is_not_shown(link, feedback_page):
    order = ["email", "score", "better"]
    for question in feedback_page.form_fields.all():
        if question.clean_name not in order:
            question.delete()
            continue
        question.sort_order = order.index(question.clean_name)
        question.step_title = {"score": "Your opinion", "better": "Ideas"}.get(
            question.clean_name, ""
        )
        question.save()
    shown = browse(link)
    step = shown.context["form"].step
    assert (step.title, step.number, step.total) == ("Your opinion", 1, 2)
    assert 'name="score"' in shown.content.decode()
    # Whoever comes by themselves begins with the address.
    assert browse(feedback_page.url).context["form"].step.number == 1
    assert 'name="email"' in browse(feedback_page.url).content.decode()


def test_an_expired_one_leads_to_the_open_form(link, ann, feedback_page):
    shown = browse(link)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = browse(link)
    assert "This invitation has expired" in response.content.decode()
    assert f'href="{feedback_page.url}"' in response.content.decode()
    assert send(shown).status_code == 303
    assert not FeedbackResponse.objects.exists()


@pytest.mark.parametrize("token", ["x", "a" * 400, "-_-", "thanks"])
def test_a_forged_one_is_not_known(feedback_page, token):
    assert browse(f"{feedback_page.url}invited/{token}/").status_code == 404


def test_one_of_another_page_opens_nothing(link, feedback_page, landing):
    copy = feedback_page.copy(update_attrs={"title": "Other", "slug": "other"})
    assert browse(link.replace(feedback_page.url, copy.url)).status_code == 404


def test_an_erased_persons_link_is_dead(link, ann):
    erase_person(ann.person, reason="asked for it")
    assert browse(link).status_code == 404


def test_a_get_of_the_forms_address_leads_back_to_the_invitation(link):
    action = browse(link).context["form_action"]
    assert browse(action).url == link.replace("http://localhost", "")


# Making them


def test_a_person_has_one_open_invitation_to_a_page(ann, feedback_page, program):
    again = invite(feedback_page, program, read_guests(b"ANN@example.org\nbo@example.org"))
    assert (len(again.made), again.open_already) == (1, 1)
    assert Invitation.objects.count() == 2
    assert Person.objects.count() == 2


def test_an_expired_one_makes_room_for_another(ann, feedback_page, program):
    later = timezone.now() + timedelta(days=31)
    assert len(invite(feedback_page, program, read_guests(ANN), at=later).made) == 1


def test_mails_go_out_once_with_links_that_open_the_form_at_a_number(feedback_page, program):
    for _again in range(2):
        invite(feedback_page, program, read_guests(ANN + b",de"), send=True)
    assert Message.objects.get().kind == "feedback_invitation"
    deliver_due()
    (sent,) = mail.outbox
    assert sent.to == ["ann@example.org"]
    address = next(line for line in sent.body.splitlines() if line.startswith("9: "))[3:]
    assert browse(address).context["form"]["score"].value() == "9"
    assert sent.body.count("?score=") == 11


def test_without_a_program_no_mail_can_be_sent(feedback_page):
    with pytest.raises(ReferralsError) as refused:
        invite(feedback_page, None, read_guests(ANN), send=True)
    assert refused.value.code == "no_program"
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 366])
def test_days_are_bounded(feedback_page, program, days):
    with pytest.raises(InvalidInput):
        invite(feedback_page, program, read_guests(ANN), days=days)


# Reading whom


def test_columns_are_found_by_their_headings_or_stand_in_order():
    wanted = [("ann@example.org", "Ann", "de")]
    for text in ("Name;E-Mail;Sprache\nAnn;ann@example.org;de", "ann@example.org\tAnn\tde\n\n"):
        found = read_guests(text.encode("utf-16") if ";" in text else text.encode())
        assert [(g.email, g.name, g.locale) for g in found] == wanted


def test_a_language_the_site_does_not_have_is_named_by_its_line():
    with pytest.raises(BadGuests) as bad:
        read_guests(b"ann@example.org,Ann,de_AT\nbo@example.org,Bo,xx\nc@example.org,C,German")
    assert [error.line for error in bad.value.errors] == [2, 3]
    assert "no such language" in bad.value.errors[0].message
    assert [one.locale for one in read_guests(b"ann@example.org,Ann,de_AT")] == ["de"]


def test_every_line_that_has_to_be_mended_is_named():
    with pytest.raises(BadGuests) as bad:
        read_guests(b'e-mail,name\nann@example.org\nnobody\n"x\nAnn@example.org\n')
    assert [error.line for error in bad.value.errors] == [3, 4, 5]


@pytest.mark.parametrize(
    "data",
    [b"", b"email,name\n", b"\xff\xfe\xff", b"\x80abc", b"a@example.org\n" * (MOST_GUESTS + 1)],
)
def test_what_is_no_list_is_refused_as_a_whole(data):
    with pytest.raises(BadGuests) as bad:
        read_guests(data)
    assert bad.value.errors[0].line in (0, 1)


def test_the_question_in_the_mail_quotes_the_name_as_the_form_does(feedback_page, program):
    score = feedback_page.form_fields.get(clean_name="score")
    score.label = "{{ first_name|Friend }}, {{ better|well }}?"
    score.save()
    invite(feedback_page, program, read_guests(ANN + b"\nbo@example.org"), send=True)
    asked = {message.context["question"] for message in Message.objects.all()}
    assert asked == {"Ann, well?", "Friend, well?"}
