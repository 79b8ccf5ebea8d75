"""Testimonials in the admin: edited for length, moderated, published, and nothing made up."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import (
    GroupApprovalTask,
    Revision,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)
from wagtail.test.utils.form_data import nested_form_data

from wagtail_referrals.feedback.testimonial_models import Testimonial, public
from wagtail_referrals.feedback.testimonials import withdraw_testimonial
from wagtail_referrals.people.erase import erase_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def testimonial(story) -> Testimonial:
    return Testimonial.objects.get()


def address(name: str, *args: object) -> str:
    return reverse(f"referrals_testimonials:{name}", args=args)


def send(client: Client, testimonial: Testimonial, **values: str):
    data = {"words": testimonial.words, "go_live_at": "", "expire_at": "", **values}
    return client.post(address("edit", testimonial.pk), nested_form_data(data))


def test_the_list_says_who_what_and_where_it_stands(owner, testimonial):
    page = owner.get(address("list")).content.decode()
    assert "Ann, Lindhaven" in page
    assert "Longer opening hours" in page
    assert "draft" in page.lower()


def test_what_was_allowed_and_written_stands_beside_the_words(owner, testimonial):
    page = owner.get(address("edit", testimonial.pk)).content.decode()
    assert "You may publish my words" in page
    assert testimonial.consent.version in page
    assert "As they were written" in page


def test_words_are_shortened_and_published_and_the_original_stays(owner, testimonial):
    original = testimonial.original
    response = send(owner, testimonial, words="Longer hours!", **{"action-publish": "1"})
    assert response.status_code == 302, response.context["form"].errors
    kept = public().get()
    assert (kept.words, kept.original) == ("Longer hours!", original)


def test_a_draft_is_on_no_page(owner, testimonial):
    assert send(owner, testimonial, words="Longer hours!").status_code == 302
    assert not public().exists()


def test_it_can_be_taken_off_again(owner, testimonial):
    send(owner, testimonial, **{"action-publish": "1"})
    assert owner.post(address("unpublish", testimonial.pk)).status_code == 302
    assert not public().exists()


def test_what_was_withdrawn_is_refused_with_the_reason(owner, testimonial):
    withdraw_testimonial(testimonial)
    response = send(owner, testimonial, **{"action-publish": "1"})
    assert response.status_code == 200
    assert "The permission was withdrawn" in response.content.decode()
    assert not public().exists()


def test_nothing_can_be_added_copied_or_deleted(owner, testimonial):
    for path in ("add", f"copy/{testimonial.pk}", f"delete/{testimonial.pk}"):
        assert owner.get(f"/admin/referrals/testimonials/{path}/").status_code == 404
    page = owner.get(address("edit", testimonial.pk)).content.decode()
    assert f"delete/{testimonial.pk}" not in page
    many = f"/admin/bulk/wagtail_referrals/testimonial/delete/?id={testimonial.pk}"
    assert owner.get(many).status_code == 302
    assert owner.post(many).status_code == 302
    assert Testimonial.objects.exists()


def test_it_goes_through_a_workflow(owner, testimonial):
    workflow = Workflow.objects.create(name="Two eyes")
    task = GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    kind = testimonial.get_base_content_type()
    WorkflowContentType.objects.create(workflow=workflow, content_type=kind)
    send(owner, testimonial, **{"action-submit": "1"})
    testimonial.refresh_from_db()
    state = testimonial.current_workflow_task_state
    assert state is not None
    assert not public().exists()
    owner.post(address("workflow_action", testimonial.pk, "approve", state.pk))
    assert public().get() == testimonial


def test_the_chooser_offers_what_may_be_seen(owner, testimonial, stranger):
    choose = "/admin/referrals/testimonials/choose/"
    assert "Lindhaven" not in owner.get(choose).content.decode()
    assert owner.get(f"{choose}chosen/{testimonial.pk}/").status_code == 404
    send(owner, testimonial, **{"action-publish": "1"})
    assert "Lindhaven" in owner.get(choose).content.decode()
    assert owner.get(f"{choose}chosen/{testimonial.pk}/").status_code == 200
    assert owner.get(f"{choose}chosen/abc/").status_code == 404
    assert owner.get(f"{choose}chosen-multiple/?id=abc&id={testimonial.pk}").status_code == 200
    assert stranger.get(choose).status_code == 302


@pytest.mark.parametrize("key", ["abc", "0", "9" * 30, "%00"])
def test_an_address_of_nothing_is_no_error(owner, story, key):
    prefix = "/admin/referrals/testimonials"
    for path in (f"edit/{key}/", f"history/{key}/", f"history/{key}/revisions/compare/live...1/"):
        assert owner.get(f"{prefix}/{path}").status_code == 404


def test_it_is_found_by_its_person_and_exported(owner, testimonial):
    assert "Lindhaven" in owner.get(f"{address('list')}?q=ann@exa").content.decode()
    assert "Lindhaven" not in owner.get(f"{address('list')}?q=nobody").content.decode()
    export = b"".join(owner.get(f"{address('list')}?export=csv").streaming_content).decode()
    assert "Ann, Lindhaven" in export


def test_an_open_edit_form_does_not_bring_back_an_erased_person_s_words(owner, testimonial):
    send(owner, testimonial, **{"action-publish": "1"})
    erase_person(testimonial.person, reason="Asked for it")
    for action in ("action-publish", "action-submit", ""):
        refused = send(owner, testimonial, **{action: "1"})
        assert "The permission was withdrawn" in refused.content.decode()
    assert not public().exists()
    assert Testimonial.objects.get().words == ""


@pytest.mark.parametrize("by_wagtail", [False, True])
def test_words_go_with_the_answer_they_came_from(owner, story, testimonial, by_wagtail):
    send(owner, testimonial, **{"action-publish": "1"})
    page, answer = story.feedback_page.pk, story.response.pk
    if by_wagtail:
        owner.post(f"/admin/forms/submissions/{page}/delete/?selected-submissions={answer}")
    else:
        deletion = f"/admin/referrals/feedback/delete/{answer}/"
        owner.post(deletion, {"reason": "Asked for it", "sure": "on"})
    assert not Testimonial.objects.exists()
    assert not Revision.objects.for_instance(testimonial).exists()
    assert testimonial.person.consents.filter(kind="publish").exists()
