"""Wagtail's own screens of a page's submissions need our permission beside the page's."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import ModelLogEntry

from wagtail_referrals.feedback.models import FeedbackResponse

from .conftest import open_pages_to, staff


def listed(story):
    return reverse("wagtailforms:list_submissions", args=[story.feedback_page.pk])


def deletion(story):
    address = reverse("wagtailforms:delete_submissions", args=[story.feedback_page.pk])
    return f"{address}?selected-submissions={story.response.pk}"


@pytest.fixture
def page_editor(story, django_user_model):
    """May change every page, and nothing of ours."""
    client = staff(django_user_model, "pages")
    open_pages_to(Group.objects.get(name="pages"))
    return client


def test_who_may_change_the_page_only_reads_no_answers(story, page_editor):
    response = page_editor.get(listed(story))
    assert response.status_code == 302
    assert "Longer opening hours" not in response.content.decode()


def test_nor_deletes_any(story, page_editor):
    assert page_editor.get(deletion(story)).status_code == 302
    page_editor.post(deletion(story))
    assert FeedbackResponse.objects.exists()


def test_to_view_is_not_to_delete(story, viewer):
    assert "Longer opening hours" in viewer.get(listed(story)).content.decode()
    viewer.post(deletion(story))
    assert FeedbackResponse.objects.exists()


def test_who_may_delete_does_and_the_log_keeps_it(story, django_user_model):
    client = staff(django_user_model, "boss", ("view", "delete"))
    assert client.get(deletion(story)).status_code == 200
    client.post(deletion(story))
    assert not FeedbackResponse.objects.exists()
    line = ModelLogEntry.objects.get(action="wagtail_referrals.delete")
    assert line.user.username == "boss"


def test_of_a_program_of_others_nothing_is_deleted(story, django_user_model):
    client = staff(django_user_model, "boss", ("view", "delete"))
    story.program.groups.add(Group.objects.create(name="Harbour team"))
    client.post(deletion(story))
    assert FeedbackResponse.objects.exists()
