"""Mails in the owner's words: begun, changed, seen, tested, published and taken back."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.messages.template_models import MessageTemplate
from wagtail_referrals.messages.templates import begin_words

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"referrals_mails:{name}", args=args)


@pytest.fixture
def template(story) -> MessageTemplate:
    return MessageTemplate.objects.get()


def send(client: Client, template: MessageTemplate, words: str, subject="Hello", **values: str):
    """Save it with one paragraph; what Draftail posts is made of the markup."""
    paragraph = {"text": rich_text(words), "only_with": ""}
    data = {
        "subject": subject,
        "body": streamfield([("text", paragraph)]),
        "go_live_at": "",
        "expire_at": "",
        **values,
    }
    return client.post(address("edit", template.pk), nested_form_data(data))


def test_the_list_names_every_kind_and_whose_words_go_out(owner, template):
    page = unescape(owner.get(address("index")).content.decode())
    for kind in mail_kinds().values():
        assert str(kind.label)[1:] in page, kind.key
    assert len(re.findall("yours, changed on", page)) == 1
    assert page.count("our words</span>") == len(mail_kinds()) - 1


def test_in_another_language_it_says_in_which_it_goes_out(owner, template, settings):
    page = owner.get(address("index"), {"language": "de"}).content.decode()
    assert page.count("yours in English") == 1


def test_a_mail_is_begun_with_our_words(owner, template, story):
    asked = {"program": story.program.pk, "kind": "reward_issued", "language": "en"}
    shown = owner.get(address("write"), asked)
    assert shown.context["form"]["kind"].value() == "reward_issued"
    assert MessageTemplate.objects.count() == 1
    response = owner.post(address("write"), asked)
    made = MessageTemplate.objects.get(kind="reward_issued")
    assert response.url == address("edit", made.pk)
    assert made.subject == mail_kinds()["reward_issued"].subject
    assert not made.live
    assert "A draft of yours is waiting." in owner.get(address("index")).content.decode()


def test_the_form_lists_the_fields_with_what_they_mean(owner, template):
    page = owner.get(address("edit", template.pk)).content.decode()
    assert "{{ share_link }}" in page
    assert "their own link" in page
    assert "mail-fields.js" in page


def test_words_are_changed_and_published(owner, template):
    response = send(owner, template, "<p>Hi {{ first_name }}</p>", **{"action-publish": "1"})
    assert response.status_code == 302, response.context["form"].errors
    template.refresh_from_db()
    assert "Hi {{ first_name }}" in str(template.body)


def test_a_draft_changes_nothing_that_goes_out(owner, template):
    before = str(template.body)
    assert send(owner, template, "<p>Not yet</p>").status_code == 302
    template.refresh_from_db()
    assert str(template.body) == before
    assert template.has_unpublished_changes


def test_a_field_that_is_none_is_told_in_the_form(owner, template):
    response = send(owner, template, "<p>{{ frist_name }}</p>", **{"action-publish": "1"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "There is no field" in page
    assert "There are: first_name, site_name" in page


def test_a_megabyte_is_told_in_the_form(owner, template):
    response = send(owner, template, f"<p>{'x' * 1_000_000}</p>", **{"action-publish": "1"})
    assert response.status_code == 200
    assert "5000" in str(response.context["form"].errors.as_data()["body"][0].as_json_data())


def test_a_mail_that_asks_for_a_review_names_no_gift(owner, story):
    template = begin_words(story.program, "review_ask", "en")
    words = "<p>You get a coupon for it. {{ link }}</p>"
    response = send(owner, template, words, **{"action-publish": "1"})
    assert response.status_code == 200
    assert "names no gift" in response.content.decode()
    response = send(owner, template, "<p>Tell others: {{ link }}</p>", **{"action-publish": "1"})
    assert response.status_code == 302


@pytest.mark.parametrize("mode", ["html", "text"])
def test_it_is_seen_before_it_is_saved(owner, template, mode):
    url = address("preview_on_edit", template.pk)
    paragraph = {"text": rich_text("<p>Unsaved, {{ first_name }}</p>"), "only_with": ""}
    data = nested_form_data({"subject": "Look", "body": streamfield([("text", paragraph)])})
    assert owner.post(url, data).json()["is_valid"]
    page = owner.get(url, {"mode": mode, "in_preview_panel": "true"})
    assert "Unsaved, Maria" in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_a_test_goes_to_who_asks_for_it(owner, template, mailoutbox):
    send(owner, template, "<p>Draft for {{ first_name }}</p>", subject="Draft")
    assert owner.get(address("test", template.pk)).status_code == 200
    assert not mailoutbox
    owner.post(address("test", template.pk))
    (mail,) = mailoutbox
    assert mail.to == ["o@example.org"]
    assert mail.subject == "Test: Draft"
    assert "Draft for Maria" in mail.body


def test_a_mail_server_that_is_down_is_told(owner, template, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response = owner.post(address("test", template.pk))
    assert "did not take it" in response.content.decode()


def test_our_words_are_restored_and_theirs_stay_in_the_history(owner, template):
    send(owner, template, "<p>Mine</p>", **{"action-publish": "1"})
    mine = MessageTemplate.objects.get().live_revision
    assert owner.get(address("restore", template.pk)).status_code == 200
    assert MessageTemplate.objects.get().live
    owner.post(address("restore", template.pk))
    template = MessageTemplate.objects.get()
    assert not template.live
    assert "Mine" not in str(template.get_latest_revision_as_object().body)
    page = owner.get(address("history", template.pk))
    assert page.status_code == 200
    mine.publish()
    assert "Mine" in str(MessageTemplate.objects.get().body)


def test_who_may_not_publish_restores_nothing(clerk, template):
    assert clerk.post(address("restore", template.pk)).status_code == 302
    assert MessageTemplate.objects.get().live


def test_nothing_can_be_deleted_in_bulk(owner, template):
    many = f"/admin/bulk/wagtail_referrals/messagetemplate/delete/?id={template.pk}"
    assert owner.post(many).status_code == 302
    assert MessageTemplate.objects.exists()
