"""Who told a new customer about us is thanked and credited, where we know them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.heard_field import Heard
from wagtail_referrals.feedback.heard_models import Mention
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, AdvocateState, Referral, Source


@pytest.fixture
def tell(feedback_page, program):
    def tell(reach="", who="", email="bo@example.org", **values):
        heard = Heard("Somebody told me", told=True, who=who, reach=reach)
        answers = Answers(email=email, data={"heard": heard}, heard=heard)
        submit_feedback(feedback_page, values.pop("program", program), answers, **values)
        return Mention.objects.filter(response__person__email=email).first()

    return tell


def thanks():
    return Message.objects.filter(kind="told_by")


@pytest.mark.parametrize(
    "reach", ["ann@example.org", "ANN@example.org", "mail: <ann@example.org>", "ann@example.org."]
)
def test_an_advocate_is_credited_and_thanked_by_address(tell, advocate, reach):
    mention = tell(reach)
    referral = Referral.objects.get()
    assert mention.referral == referral
    assert (referral.advocate, referral.friend.email) == (advocate, "bo@example.org")
    assert referral.source == Source.TOLD
    mail = compose(thanks().get())
    assert mail.to == ["ann@example.org"]
    assert advocate.display_code in mail.body
    assert "bo@example.org" not in mail.body


@pytest.mark.parametrize("place", ["who", "reach"])
def test_an_advocate_is_known_by_their_code(tell, advocate, place):
    assert tell(**{place: advocate.display_code.lower()}).referral.advocate == advocate


def test_somebody_we_know_becomes_an_advocate(tell):
    find_or_add_person("cleo@example.org")
    assert tell("cleo@example.org").referral.advocate.person.email == "cleo@example.org"


def test_a_name_alone_credits_nobody(tell, advocate):
    mention = tell(who="Ann Advocate")
    assert (mention.referral, mention.person, mention.not_credited) == (None, None, "unknown")
    assert not Referral.objects.exists()


def test_somebody_unknown_is_kept_for_staff_and_never_written_to(tell):
    mention = tell("stranger@example.org", who="A Stranger")
    assert (str(mention), mention.not_credited) == ("A Stranger · stranger@example.org", "unknown")
    assert not Person.objects.filter(email="stranger@example.org").exists()
    assert not thanks().exists()


def test_the_other_persons_details_are_not_among_the_answers(tell):
    tell("ann@example.org", who="Ann")
    assert FeedbackResponse.objects.get().form_data == {"heard": "Somebody told me"}


def test_nobody_credits_themselves(tell):
    assert tell("b.o@example.org", email="b.o@example.org").not_credited == "self_referral"
    assert not Referral.objects.exists()


def test_two_do_not_credit_each_other(tell, advocate):
    tell("ann@example.org")
    assert tell("bo@example.org", email="ann@example.org").not_credited == "self_referral"


def test_a_customer_is_nobodys_new_friend(tell, advocate):
    became_customer(find_or_add_person("bo@example.org"), timezone.now())
    mention = tell("ann@example.org")
    assert (mention.person, mention.not_credited) == (advocate.person, "already_customer")
    assert not thanks().exists()


def test_a_word_takes_nothing_from_the_link_that_was_followed(tell, advocate, program):
    cleo = join_program(program, find_or_add_person("cleo@example.org"))
    claim_offer(cleo, email="bo@example.org")
    assert tell("ann@example.org").not_credited == "already_referred"
    assert Referral.objects.get().advocate == cleo


def test_the_word_for_the_same_advocate_changes_nothing(tell, advocate):
    referral = claim_offer(advocate, email="bo@example.org").referral
    assert tell("ann@example.org").referral == referral
    assert not thanks().exists()


def test_after_the_window_a_new_word_counts(tell, advocate, program):
    cleo = join_program(program, find_or_add_person("cleo@example.org"))
    claim_offer(cleo, email="bo@example.org")
    Referral.objects.update(counts_until=timezone.now() - timedelta(days=1))
    assert tell("ann@example.org").referral.advocate == advocate


@pytest.mark.parametrize(
    ("hinder", "reason"),
    [
        (lambda a: Advocate.objects.update(state=AdvocateState.PAUSED), "paused"),
        (lambda a: block_person(a.person, reason="abuse"), "blocked"),
        (lambda a: type(a.program).objects.update(is_active=False), "closed"),
    ],
)
def test_who_cannot_be_credited_is_noted_with_the_reason(tell, advocate, hinder, reason):
    hinder(advocate)
    advocate.program.refresh_from_db()
    assert tell("ann@example.org", program=advocate.program).not_credited == reason
    assert not Referral.objects.exists()
    assert not thanks().exists()


def test_without_a_program_who_was_named_is_kept_all_the_same(tell, advocate):
    assert tell("ann@example.org", program=None).not_credited == "closed"


def test_thanks_come_once_a_day_however_many_name_them(tell, advocate):
    at = timezone.now()
    for number in range(3):
        tell("ann@example.org", email=f"p{number}@example.org", at=at)
    assert Referral.objects.count() == 3
    assert thanks().count() == 1


def test_nothing_is_noted_when_nobody_was_named(tell):
    assert tell() is None


def test_answering_again_notes_nobody_twice(tell, advocate):
    tell("ann@example.org")
    tell("ann@example.org")
    assert Mention.objects.count() == 1


@pytest.mark.parametrize("erased", ["bo@example.org", "ann@example.org"])
def test_erasing_either_one_removes_what_was_said_of_the_other(tell, advocate, erased):
    tell("ann@example.org", who="Ann")
    erase_person(Person.objects.get(email=erased), reason="asked")
    mention = Mention.objects.get()
    assert (mention.who, mention.reach, mention.reach_key) == ("", "", "")


def test_erasing_finds_who_was_named_before_we_knew_them(tell):
    tell("dee@example.org", who="Dee")
    erase_person(find_or_add_person("d.ee@example.org"), reason="asked")
    assert Mention.objects.get().who == "Dee"  # example.org does not ignore dots
    erase_person(find_or_add_person("DEE@example.org"), reason="asked")
    assert Mention.objects.get().who == ""
