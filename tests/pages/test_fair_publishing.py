"""Whoever publishes a page, and however: what breaks a rule of fair play does not go live."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import GroupApprovalTask, PageLogEntry, Workflow, WorkflowTask

from wagtail_referrals.pages.fair_publishing import UnfairPage
from wagtail_referrals.pages.models import FeedbackPage

UNFAIR = "Get a voucher for a five star review."


@pytest.fixture
def page(feedback_page):
    feedback_page.thanks_text = "Thank you."
    feedback_page.save_revision().publish()
    return FeedbackPage.objects.get(pk=feedback_page.pk)


def live_text():
    return FeedbackPage.objects.get().thanks_text


def test_an_unfair_draft_is_not_published(page):
    page.thanks_text = UNFAIR
    with pytest.raises(UnfairPage, match="Nothing may be promised"):
        page.save_revision().publish()
    assert live_text() == "Thank you."


def test_a_fair_one_is(page):
    page.thanks_text = "Thank you very much."
    page.save_revision().publish()
    assert live_text() == "Thank you very much."


@pytest.fixture
def overdue(page):
    """A schedule that was set before there was such a rule, or while the page was fair."""
    page.thanks_text = UNFAIR
    revision = page.save_revision()
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save()
    return page


def test_what_a_schedule_publishes_stays_a_draft_and_says_why(overdue):
    call_command("publish_scheduled")
    assert live_text() == "Thank you."
    line = PageLogEntry.objects.get(action="wagtail_referrals.not_published")
    assert "Nothing may be promised" in line.comment


def test_a_schedule_is_refused_once(overdue):
    for _time in range(2):
        call_command("publish_scheduled")
    assert PageLogEntry.objects.filter(action="wagtail_referrals.not_published").count() == 1


def test_other_pages_of_the_schedule_go_live_all_the_same(overdue, landing):
    landing.title = "Come in"
    revision = landing.save_revision()
    revision.approved_go_live_at = timezone.now() - timedelta(seconds=1)
    revision.save()
    call_command("publish_scheduled")
    landing.refresh_from_db()
    assert landing.title == "Come in"


def test_its_editor_is_told_until_there_is_another_draft(overdue, admin_client):
    call_command("publish_scheduled")
    address = f"/admin/pages/{overdue.pk}/edit/"
    assert "did not: it breaks a rule" in admin_client.get(address).content.decode()
    overdue.thanks_text = "Thank you."
    overdue.save_revision()
    assert "did not: it breaks a rule" not in admin_client.get(address).content.decode()


def test_approved_on_the_dashboard_it_stays_a_draft_in_moderation(page, admin_user, admin_client):
    workflow = Workflow.objects.create(name="Two eyes")
    task = GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    page.thanks_text = UNFAIR
    page.save_revision()
    state = workflow.start(page, admin_user).current_task_state
    admin_client.post(f"/admin/pages/workflow/action/{page.pk}/approve/{state.pk}/")
    assert live_text() == "Thank you."
    assert FeedbackPage.objects.get().current_workflow_state.status == "in_progress"
