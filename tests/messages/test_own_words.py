"""Mails in an owner's own words: which are chosen, and that wrong ones are told where."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from wagtail_referrals.messages.blocks import LONGEST_TEXT, MailBody
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.messages.own_words import templates_at_hand
from wagtail_referrals.messages.queue import new_message
from wagtail_referrals.messages.template_models import MessageTemplate
from wagtail_referrals.messages.templates import begin_words, restore_words

pytestmark = pytest.mark.django_db
LINK = "https://example.org/r/ANN"


def write(program, *texts, kind="told_by", locale="en", subject="Hey {{ first_name }}", **values):
    """A template that goes out, with these paragraphs."""
    body = [("text", {"text": text, "only_with": ""}) for text in texts]
    return MessageTemplate.objects.create(
        program=program, kind=kind, locale=locale, subject=subject, body=as_body(body), **values
    )


def as_body(blocks):
    stored = [{"type": name, "value": value} for name, value in blocks]
    return MailBody().to_python(stored)


def words_of(mail):
    """Its words without the addresses at the end, which hold the time."""
    return mail.body.partition("\n-- \n")[0]


def mail_to(advocate, locale="en", kind="told_by", **context):
    message = new_message(
        kind,
        about=1,
        person=advocate.person,
        program=advocate.program,
        context={"share_link": LINK, **context},
    )
    message.locale = locale
    return compose(message)


def test_an_owners_words_go_out(program, advocate):
    write(program, "<p>Your link, <b>{{ first_name|friend }}</b>: {{ share_link }}</p>")
    mail = mail_to(advocate)
    assert mail.subject == f"Hey {advocate.person.first_name}"
    assert f"Your link, {advocate.person.first_name}: {LINK}" in mail.body
    assert f'href="{LINK}"' in mail.alternatives[0][0]


def test_a_draft_does_not(program, advocate):
    write(program, "<p>Not yet</p>", live=False)
    assert "Not yet" not in mail_to(advocate).body


def test_another_programs_words_do_not(program, advocate):
    from tests.fixtures import make_program

    write(make_program("others"), "<p>Elsewhere</p>")
    assert "Elsewhere" not in mail_to(advocate).body


@pytest.mark.parametrize(
    ("written", "reader", "expected"),
    [
        (["en", "de"], "de", "de"),
        (["en", "de", "de-at"], "de-at", "de-at"),
        (["en", "de"], "de-at", "de"),
        (["en", "de"], "fr", "en"),
        (["en", "de"], "", "en"),
        (["de"], "fr", None),
    ],
)
def test_the_readers_language_is_chosen_or_the_next_best(
    program, advocate, settings, written, reader, expected
):
    settings.LANGUAGE_CODE = "en"
    for locale in written:
        write(program, f"<p>In {locale}.</p>", locale=locale)
    assert (f"In {expected}." in mail_to(advocate, reader).body) is bool(expected)


def test_a_change_goes_out_at_once(program, advocate):
    template = write(program, "<p>First</p>")
    assert "First" in mail_to(advocate).body
    template.body = as_body([("text", {"text": "<p>Second</p>", "only_with": ""})])
    template.save()
    assert "Second" in mail_to(advocate).body


def test_a_batch_asks_once_for_the_words(program, advocate):
    write(program, "<p>Mine</p>")
    mail_to(advocate)
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        templates_at_hand(),
    ):
        for _ in range(20):
            mail_to(advocate)
    assert len(queries) == 1


def test_every_block_can_be_used(program, advocate):
    blocks = [
        ("text", {"text": "<ul><li>One</li><li>Two</li></ul><ol><li>Three</li></ol>"}),
        ("text", {"text": "<p>With a code</p>", "only_with": "with_code"}),
        ("text", {"text": "<p>Without</p>", "only_with": "!with_code"}),
        ("button", {"label": "Go", "link": "share_link"}),
        ("button", {"label": "Home", "link": "https://example.org/home/"}),
        ("coupon", None),
        ("share", None),
        ("quote", {"text": "Good", "who": "Mo"}),
    ]
    MessageTemplate.objects.create(
        program=program, kind="coupon_to_hand_on", locale="en", subject="S", body=as_body(blocks)
    )
    mail = mail_to(advocate, kind="coupon_to_hand_on", code="ABC", offer_headline="€10 off")
    for words in ("- One", "1. Three", "With a code", f"Go:\n{LINK}", "Code: ABC", "Good\n— Mo"):
        assert words in mail.body
    assert "Without" not in mail.body
    assert 'href="https://example.org/home/"' in mail.alternatives[0][0]


def test_a_picture_is_the_sites_own_with_what_it_shows(program, advocate):
    image = get_image_model().objects.create(title="Cups", file=get_test_image_file())
    body = as_body([("picture", {"image": image.pk, "alt": "Two <cups>"})])
    MessageTemplate.objects.create(
        program=program, kind="told_by", locale="en", subject="S", body=body
    )
    mail = mail_to(advocate)
    html = mail.alternatives[0][0]
    assert f'src="{program.site.root_url}/media/images/' in html
    assert 'alt="Two <cups>"' in html
    assert "[Two <cups>]" in mail.body


def test_what_an_editor_pastes_runs_nothing(program, advocate):
    write(
        program,
        '<p onclick="x()">Hi<script>alert(1)</script><img src="https://x.org/p"></p>'
        '<p><a href="javascript:x()">there</a> <a href="/hub/">hub</a></p>',
    )
    html = mail_to(advocate).alternatives[0][0]
    assert not {"onclick", "alert", "<img", "javascript"} & set(html.replace("(", " ").split())
    assert "javascript:" not in html
    assert f'href="{program.site.root_url}/hub/"' in html


def check(program, *blocks, kind="told_by", subject="Hello"):
    """What is wrong with a template: of each of its parts, the words."""
    template = MessageTemplate(
        program=program, kind=kind, locale="en", subject=subject, body=as_body(blocks)
    )
    try:
        template.clean()
    except ValidationError as error:
        return error.error_dict
    return {}


def paragraph(words, only_with=""):
    return "text", {"text": words, "only_with": only_with}


def said_at(errors, block, part):
    """The words next to a part of a block."""
    (error,) = errors["body"]
    return " ".join(error.block_errors[block].block_errors[part].messages)


def test_good_words_are_taken(program):
    assert not check(program, paragraph("<p>{{ first_name|there }}: {{ share_link }}</p>"))


def test_a_field_there_is_not_is_named_with_those_there_are(program):
    words = said_at(check(program, paragraph("<p>{{ frist_name }}</p>")), 0, "text")
    assert "frist_name" in words
    assert "first_name" in words


@pytest.mark.parametrize("torn", ["{{ first_name", "first_name }}", "{{ first_name }", "{{ }}"])
def test_braces_left_open_are_told(program, torn):
    assert "stands alone" in said_at(check(program, paragraph(f"<p>{torn}</p>")), 0, "text")
    assert check(program, paragraph("<p>x</p>"), subject=torn)["subject"]


def test_a_field_with_bold_inside_is_told(program):
    errors = check(program, paragraph("<p>{{ <b>first</b>_name }}</p>"))
    assert "one piece" in said_at(errors, 0, "text")


def test_a_subject_is_one_line(program):
    errors = check(program, paragraph("<p>x</p>"), subject="Hi\nBcc: all@example.org")
    assert "one line" in str(errors["subject"])


def test_a_condition_names_a_field(program):
    errors = check(program, paragraph("<p>a</p>"), paragraph("<p>b</p>", "!nothing"))
    assert "nothing" in said_at(errors, 1, "only_with")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "first_name", "www.example.org", "{{ x }}"]
)
def test_a_button_leads_to_a_link(program, link):
    errors = check(program, ("button", {"label": "Go", "link": link}))
    assert "https://" in said_at(errors, 0, "link")


@pytest.mark.parametrize("link", ["share_link", "{{ share_link }}", "https://example.org/x"])
def test_a_link_is_a_field_or_an_address(program, link):
    assert not check(program, ("button", {"label": "Go", "link": link}))


@pytest.mark.parametrize("block", ["coupon", "score", "lines"])
def test_a_mail_shows_only_what_it_has(program, block):
    (error,) = check(program, (block, None))["body"]
    assert "nothing to show" in str(error.block_errors[0].messages)


def test_a_coupon_mail_without_its_code_is_refused(program):
    errors = check(program, paragraph("<p>Enjoy!</p>"), kind="friend_coupon")
    assert "Without the coupon" in str(errors["body"][0].non_block_errors)
    assert not check(program, paragraph("<p>{{ code }}</p>"), kind="friend_coupon")


def test_a_mail_whose_link_is_gone_is_refused(program):
    errors = check(program, paragraph("<p>Open your page.</p>"), kind="partner_link")
    assert "own_page" in str(errors["body"][0].non_block_errors)
    assert not check(program, paragraph("<p>{{ own_page }}</p>"), kind="partner_link")


def test_a_megabyte_of_text_is_too_much():
    block = MailBody().child_blocks["text"]
    value = block.to_python({"text": "<p>" + "x" * 1_000_000 + "</p>", "only_with": ""})
    with pytest.raises(ValidationError) as caught:
        block.clean(value)
    assert str(LONGEST_TEXT) in str(caught.value.block_errors["text"].messages).replace(",", "")


@pytest.mark.parametrize("kind", sorted(mail_kinds()))
def test_our_words_can_be_taken_up_for_every_kind(program, kind):
    template = begin_words(program, kind, "en")
    template.full_clean(exclude=["program"])
    for block in template.body:
        block.block.clean(block.value)
    assert not template.live


def test_words_taken_up_read_as_ours_do(program, advocate):
    ours = mail_to(advocate)
    begin_words(program, "told_by", "en").get_latest_revision().publish()
    theirs = mail_to(advocate)
    assert (theirs.subject, words_of(theirs)) == (ours.subject, words_of(ours))


def test_who_begins_twice_goes_on(program):
    first = begin_words(program, "told_by", "en")
    assert begin_words(program, "told_by", "en").pk == first.pk
    assert first.revisions.count() == 1


def test_restoring_sends_our_words_and_keeps_theirs(program, advocate):
    ours = words_of(mail_to(advocate))
    template = begin_words(program, "told_by", "en")
    template.body = as_body([paragraph("<p>Mine</p>")])
    revision = template.save_revision()
    revision.publish()
    assert "Mine" in mail_to(advocate).body
    template.refresh_from_db()
    restore_words(template)
    assert words_of(mail_to(advocate)) == ours
    revision.publish()
    assert "Mine" in mail_to(advocate).body


def test_when_it_was_changed_is_when_it_went_out(program):
    template = begin_words(program, "told_by", "en")
    MessageTemplate.objects.update(changed_at=datetime(2026, 1, 1, tzinfo=UTC))
    template.refresh_from_db()
    template.save_revision()
    template.refresh_from_db()
    assert template.changed_at.year == 2026 and template.changed_at.month == 1
