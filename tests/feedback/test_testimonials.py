"""Words are published with permission, within it, and until it is taken back."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from wagtail_referrals.due import run_due
from wagtail_referrals.feedback.review import mark_spam, release_response
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.feedback.testimonial_models import Testimonial, public
from wagtail_referrals.feedback.testimonials import (
    find_by_withdraw_key,
    retire_testimonials,
    withdraw_path,
    withdraw_testimonial,
)
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Consent

ASKED = "You may publish my words\nwith my first name and my town"


@pytest.fixture
def say(feedback_page, program):
    """Somebody answers and allows us to publish it; the testimonial that comes of it, if any."""

    def say(words="The best coffee on the quay.", email="ann@example.org", **values):
        values = {
            "name": "Ann Advocate",
            "town": "Lindhaven",
            "publish": ASKED,
            "scope": "town",
            **values,
        }
        answers = Answers(email=email, words=words, **values)
        response = submit_feedback(feedback_page, program, answers).response
        return Testimonial.objects.filter(response=response).first()

    return say


@pytest.fixture
def publish(say):
    def publish(**values):
        testimonial = say(**values)
        testimonial.save_revision().publish()
        testimonial.refresh_from_db()
        return testimonial

    return publish


def test_words_with_a_permission_wait_for_an_editor(say):
    testimonial = say()
    assert (testimonial.words, testimonial.original) == ("The best coffee on the quay.",) * 2
    assert not testimonial.live
    assert not public().exists()
    assert not Message.objects.filter(kind="testimonial_published").exists()


def test_without_a_permission_nothing_is_kept_for_publishing(say):
    assert say(publish="") is None
    assert not Consent.objects.exists()


def test_a_permission_without_words_is_kept_and_publishes_nothing(say):
    assert say(words="  ") is None
    assert Consent.objects.get().wording == ASKED


def test_the_permission_is_kept_in_its_words_its_version_and_its_time(say):
    consent = say().consent
    assert (consent.wording, consent.place) == (ASKED, "Your opinion")
    assert consent.given_at <= timezone.now()
    others = say(email="bo@example.org", publish="Other words").consent
    again = say(email="cleo@example.org").consent
    assert consent.version == again.version != others.version


@pytest.mark.parametrize(
    ("scope", "byline"),
    [
        ("name", "Ann Advocate"),
        ("town", "Ann, Lindhaven"),
        ("anonymous", "A customer"),
        ("", "A customer"),
        ("everything", "A customer"),
    ],
)
def test_no_more_is_shown_than_was_allowed(say, scope, byline):
    testimonial = say(scope=scope)
    assert testimonial.byline == byline
    kept = f"{testimonial.name}{testimonial.town}"
    assert ("Advocate" in kept) == (scope == "name")
    assert ("Lindhaven" in kept) == (scope == "town")


def test_the_database_keeps_no_name_where_none_may_be_shown(say):
    testimonial = say(scope="anonymous")
    with pytest.raises(IntegrityError), transaction.atomic():
        Testimonial.objects.filter(pk=testimonial.pk).update(name="Ann")


def test_no_testimonial_without_a_permission(say):
    testimonial = say()
    with pytest.raises(IntegrityError), transaction.atomic():
        Testimonial.objects.filter(pk=testimonial.pk).update(consent=None)


def test_a_revision_changes_the_words_and_nothing_that_is_the_persons(say):
    testimonial = say(scope="anonymous")
    revision = testimonial.save_revision()
    content = {**revision.content, "words": "Best coffee.", "name": "Ann", "scope": "name"}
    content |= {"original": "Made up", "thanked": False, "consent": 999, "town": "Here"}
    Revision.objects.filter(pk=revision.pk).update(content=content)
    Revision.objects.get(pk=revision.pk).publish()
    kept = Testimonial.objects.get(pk=testimonial.pk)
    assert (kept.live, kept.words, kept.is_shortened) == (True, "Best coffee.", True)
    assert (kept.name, kept.town, kept.scope) == ("", "", "anonymous")
    assert kept.original == "The best coffee on the quay."
    assert kept.thanked
    assert kept.consent_id == testimonial.consent_id


def test_who_got_a_coupon_for_the_answer_is_said_to_have(say, program):
    assert say().thanked
    program.is_active = False
    program.save()
    assert not say(email="bo@example.org").thanked


def test_the_person_is_told_what_is_published_and_how_to_take_it_off(publish):
    testimonial = publish()
    assert public().get() == testimonial
    message = Message.objects.get(kind="testimonial_published")
    assert message.person == testimonial.person
    run_due()
    [told] = [one for one in mail.outbox if one.subject == "Your words are on our pages"]
    assert "The best coffee on the quay." in told.body
    assert f"http://localhost{withdraw_path(testimonial)}" in told.body


def test_they_are_told_once_for_the_same_words_and_again_for_others(publish):
    testimonial = publish()
    testimonial.save_revision().publish()
    assert Message.objects.filter(kind="testimonial_published").count() == 1
    testimonial.words = "Best coffee."
    testimonial.save_revision().publish()
    assert Message.objects.filter(kind="testimonial_published").count() == 2


def test_a_link_shows_the_words_and_a_post_takes_them_off_at_once(publish, client):
    testimonial = publish()
    address = withdraw_path(testimonial)
    page = client.get(address)
    assert "The best coffee on the quay." in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert public().exists()
    assert client.head(address).status_code == 200
    assert public().exists()
    answer = client.post(address)
    assert (answer.status_code, answer.url) == (303, address)
    assert not public().exists()
    page = client.get(address).content.decode()
    assert "off our pages" in page
    assert "coffee" not in page
    assert client.post(address).status_code == 303


@pytest.mark.parametrize("key", ["x", "x" * 41, "%00", "..", "é"])
def test_a_forged_link_leads_nowhere(publish, client, key):
    publish()
    assert client.get(f"/refer/withdraw/{key}/").status_code == 404
    assert client.post(f"/refer/withdraw/{key}/").status_code == 404
    assert public().exists()


def test_withdrawing_twice_is_withdrawing_once(publish):
    testimonial = publish()
    assert withdraw_testimonial(testimonial)
    first = testimonial.consent.withdrawn_at
    assert not withdraw_testimonial(testimonial)
    assert Consent.objects.get().withdrawn_at == first


def test_who_publishes_while_it_is_withdrawn_publishes_nothing(say):
    """The editor's process has read everything before; what it writes comes afterwards."""
    testimonial = say()
    revision = testimonial.save_revision()
    before = Testimonial.objects.select_related("consent").get(pk=testimonial.pk)
    withdraw_testimonial(Testimonial.objects.get(pk=testimonial.pk))
    revision.publish()
    before.live = True
    before.save()
    assert not public().exists()


def test_a_withdrawn_one_cannot_be_edited(publish):
    testimonial = publish()
    withdraw_testimonial(testimonial)
    with pytest.raises(ValidationError, match="withdrawn"):
        testimonial.full_clean()


def test_words_of_spam_are_on_no_page_and_come_back_with_an_editor_only(publish):
    testimonial = publish()
    mark_spam(testimonial.response, reason="sold pills")
    assert not public().exists()
    with pytest.raises(ValidationError, match="spam"):
        Testimonial.objects.get().save_revision()
    release_response(testimonial.response, reason="was none")
    assert not public().exists()
    Testimonial.objects.get().save_revision().publish()
    assert public().exists()


def test_who_publishes_while_it_is_marked_as_spam_publishes_nothing(say):
    testimonial = say()
    revision = testimonial.save_revision()
    mark_spam(testimonial.response, reason="sold pills")
    revision.publish()
    assert not public().exists()
    assert Testimonial.objects.get().state_words == "spam"
    assert not Message.objects.filter(kind="testimonial_published").exists()


def test_what_was_to_be_published_later_is_not_when_it_was_withdrawn(say):
    from django.core.management import call_command

    testimonial = say()
    testimonial.go_live_at = timezone.now() + timedelta(days=1)
    testimonial.save_revision().publish()
    withdraw_testimonial(Testimonial.objects.get(pk=testimonial.pk))
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()
    call_command("publish_scheduled")
    assert not public(at=timezone.now() + timedelta(days=2)).exists()


def test_a_workflow_that_waits_ends_with_the_permission(say, django_user_model):
    from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

    editor = django_user_model.objects.create_superuser("ed", "ed@example.org", "x")
    workflow = Workflow.objects.create(name="Two eyes")
    task = GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    testimonial = say()
    testimonial.save_revision()
    workflow.start(testimonial, editor)
    withdraw_testimonial(testimonial)
    assert Testimonial.objects.get().current_workflow_state is None


def test_it_retires_on_its_date(say):
    testimonial = say()
    testimonial.expire_at = timezone.now() + timedelta(days=1)
    testimonial.save_revision().publish()
    assert public().exists()
    later = timezone.now() + timedelta(days=2)
    assert not public(at=later).exists()
    assert retire_testimonials(at=later) == 1
    assert retire_testimonials(at=later) == 0
    kept = Testimonial.objects.get()
    assert (kept.live, kept.expired) == (False, True)


def test_what_is_due_says_how_many_retired(db):
    assert run_due()["testimonials_retired"] == 0


def test_erasing_somebody_takes_their_words_off_and_away(publish):
    testimonial = publish()
    testimonial.words = "Best coffee, says Ann."
    testimonial.save_revision()
    erase_person(testimonial.person, reason="asked for it")
    kept = Testimonial.objects.get()
    assert not public().exists()
    assert (kept.words, kept.original, kept.name, kept.town) == ("", "", "", "")
    assert find_by_withdraw_key(kept.withdraw_key) is None
    left = json.dumps(list(Revision.objects.values_list("content", flat=True)))
    assert "coffee" not in left
    logged = str(list(ModelLogEntry.objects.values_list("label", "data")))
    assert "Ann" not in logged and "Lindhaven" not in logged


def test_hostile_words_are_shown_as_words(publish, client):
    testimonial = publish(words="<script>alert(1)</script> {{ x }} \u202e", name="<b>Ann</b>")
    page = client.get(withdraw_path(testimonial)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<b>Ann" not in page


def test_words_are_bound(say):
    testimonial = say(words="x" * 9000)
    assert len(testimonial.words) == 5000
