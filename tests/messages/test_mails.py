"""Every kind of mails, in our words: complete, readable, harmless, whatever people are called."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from wagtail import hooks

from wagtail_referrals.messages.blocks import MailBody
from wagtail_referrals.messages.compile import compile_mail
from wagtail_referrals.messages.compose import UnknownMail, compose
from wagtail_referrals.messages.kinds import (
    ASKED_FOR,
    CATEGORIES,
    COMMON,
    DAY,
    FLAG,
    LETTER,
    LINE,
    LINK,
    LIST,
    STAFF,
    Field,
    MailKind,
    mail_kinds,
    text,
)
from wagtail_referrals.messages.queue import new_message
from wagtail_referrals.messages.values import break_up, plain_values
from wagtail_referrals.text import is_torn, merge_names

KINDS = sorted(mail_kinds())
every_kind = pytest.mark.parametrize("key", KINDS)


def words_of(value):
    """All texts in a block's value."""
    return [str(words) for words in value.values()] if isinstance(value, dict) else []


def write(kind, **values):
    """Subject, text and HTML of a kind's mail with its samples, or with other values."""
    mail = compile_mail(kind, subject=kind.subject, body=kind.body)
    return mail.written(plain_values(kind, {**kind.samples, **values}))


class Tags(HTMLParser):
    """The tags of a mail, and where it leads."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.addresses = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]


@every_kind
def test_each_kind_reads_as_html_and_as_text(key):
    subject, body, html = write(mail_kinds()[key])
    assert subject
    for words in (subject, body, html):
        assert not re.search(r"\{\{|\}\}|\bNone\b|[\ue000\ue001]|&lt;|“”", words)
    assert "\n\n\n" not in body
    assert len(body.splitlines()) > 5


@every_kind
@pytest.mark.parametrize("language", ["de", "ar"])
def test_each_kind_can_be_written_in_every_language(key, language):
    with translation.override(language):
        _subject, _body, html = write(mail_kinds()[key])
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html


@every_kind
def test_our_words_name_only_what_the_kind_has(key):
    kind = mail_kinds()[key]
    blocks = [words for _name, value in kind.body for words in words_of(value)]
    for words in [str(kind.subject), str(kind.why), *blocks]:
        assert merge_names(words) <= set(kind.named)
        assert not is_torn(words)
    for _name, value in kind.body:
        condition = (value or {}).get("only_with", "")
        assert condition.removeprefix("!") in {"", *kind.named}


@every_kind
def test_buttons_lead_to_links(key):
    kind = mail_kinds()[key]
    for name, value in kind.body:
        if name == "button":
            assert kind.named[value["link"]].form == LINK


@every_kind
def test_each_kind_is_made_of_blocks_an_owner_has(key):
    assert {name for name, _value in mail_kinds()[key].body} <= set(MailBody().child_blocks)


@every_kind
def test_each_kind_can_be_declined_or_is_no_matter_of_taste(key):
    assert mail_kinds()[key].category in {*CATEGORIES, ASKED_FOR, STAFF}


@every_kind
def test_a_field_has_a_sample_that_looks_like_its_values(key):
    for field in mail_kinds()[key].fields:
        assert field.sample != "", f"{field.name} has no sample"
        if field.name.endswith(("_at", "_until")) and field.name != "low_at":
            assert field.form == DAY
        if field.name.endswith(("link", "_url", "url", "page")):
            assert field.form == LINK


@every_kind
def test_a_mail_has_no_script_no_table_and_fetches_nothing(key):
    tags = Tags(write(mail_kinds()[key])[2]).tags
    assert not {"script", "table", "link", "iframe", "form", "img"} & set(tags)


def test_the_forms_of_fields_are_told_from_their_samples():
    samples = {
        "Maria": LINE,
        "Dear Maria,\nthank you": LETTER,
        "https://example.org/": LINK,
        "2030-12-24": DAY,
        "2030-12-24T12:00:00+00:00": DAY,
    }
    assert {sample: Field("x", "x", sample).form for sample in samples} == samples
    assert (Field("x", "x", [1]).form, Field("x", "x", False).form) == (LIST, FLAG)


KIND = MailKind(
    key="hostile",
    label="Hostile",
    category="rewards",
    subject="{{ name|Somebody }} writes to {{ first_name }}",
    body=(
        text("Hello {{ name }}, <b>see</b> {{ link|our page }} on {{ day }}. {{ letter }}"),
        ("button", {"label": "Go, {{ name }}", "link": "link"}),
        ("quote", {"text": "{{ letter }}", "who": "{{ name }}"}),
        ("coupon", None),
        ("lines", None),
        ("share", None),
    ),
    why="Because of {{ name }}",
    fields=(
        Field("name", "name", "Maria"),
        Field("link", "link", "https://example.org/"),
        Field("letter", "letter", "One\nTwo"),
        Field("day", "day", "2030-12-24"),
        Field("offer_headline", "offer", "Ten"),
        Field("code", "code", "ABC", as_it_is=True),
        Field("conditions", "conditions", ["One"]),
        Field("expires_at", "until", "2030-12-24"),
        Field("lines", "lines", [{"text": "One", "url": "https://example.org/"}]),
        Field("share_link", "link", "https://example.org/"),
        Field("share_text", "words", "One\nTwo", as_it_is=True),
        Field("share_ways", "ways", [["Mail", "mailto:?subject=x"]]),
    ),
)
anything = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "Bo\r\nBcc: all@example.org",
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "javascript:alert(1)",
            "https://evil.example/<b>",
            "{{ first_name }}",
            "\ue0000\ue001",
            "=cmd|' /C calc'!A0",
            "x" * 100_000,
        ]
    ),
    st.none(),
    st.integers(),
    st.lists(st.one_of(st.text(), st.none(), st.lists(st.text(), max_size=3)), max_size=3),
    st.dictionaries(st.sampled_from(["text", "url", "note", "day"]), st.text()),
)


@given(values=st.fixed_dictionaries({field.name: anything for field in (*COMMON, *KIND.fields)}))
def test_no_value_makes_a_header_a_tag_or_an_address_of_its_own(values):
    values["lines"] = [{"text": values["name"], "url": values["link"], "note": values["day"]}]
    subject, body, html = write(KIND, **values)
    assert len(subject.splitlines()) <= 1
    # Nothing below the space in Unicode is left, but for the ends of lines.
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", body + subject + html)
    found = Tags(html)
    assert not {"script", "img"} & set(found.tags)
    assert all(url.startswith(("https://", "http://", "mailto:")) for url in found.addresses)
    assert "onerror=alert(1)>" not in html
    assert len(html) < 200_000


def test_braces_in_a_value_stay_what_they_are():
    _subject, body, _html = write(KIND, name="{{ code }}", code="SECRET-1")
    assert "Hello {{ code }}," in body


def test_a_subject_of_control_characters_and_endless_words_goes_out():
    kind = KIND
    mail = compile_mail(kind, subject="Hi\x01\x1b{{ name }}", body=kind.body)
    subject = mail.written(plain_values(kind, {**kind.samples, "name": "a\x00b" * 5000}))[0]
    assert subject.isprintable() and len(subject) <= 800


@pytest.mark.parametrize(
    ("words", "broken_up"),
    [
        ("https://evil.example", "https: //evil. example"),
        ("www.evil.example", "www. evil. example"),
        ("bo@evil.example", "bo @evil. example"),
        ("evil。example", "evil。 example"),
        ("दिल्ली.भारत", "दिल्ली. भारत"),
        ("So... on, e.g. today.", "So... on, e.g. today."),
        ("Dr. Bo A. Smith", "Dr. Bo A. Smith"),
        ("€10.50", "€10.50"),
    ],
)
def test_an_address_in_a_name_is_no_address_any_more(words, broken_up):
    assert break_up(words) == broken_up


def test_a_code_stays_as_it_is():
    assert "https://cinema.example/a.bc" in write(KIND, code="https://cinema.example/a.bc")[1]


def test_a_button_without_its_link_falls_away():
    _subject, body, html = write(KIND, link="")
    assert "Go, " not in body + html
    assert "see our page on" in body


def queued(program, advocate, kind, **context):
    return new_message(kind, about=1, person=advocate.person, program=program, context=context)


def test_a_kind_that_is_gone_is_said_so(program, advocate):
    with pytest.raises(UnknownMail):
        compose(queued(program, advocate, "no_such_kind"))


def test_a_site_adds_a_kind_of_its_own(program, advocate):
    kind = MailKind("birthday", "birthday", "thanks", "Cake", (text("Have some."),), "You ask.")
    with hooks.register_temporarily("register_referrals_mail", lambda: kind):
        mail = compose(queued(program, advocate, "birthday"))
    assert (mail.subject, "Have some." in mail.body) == ("Cake", True)


def test_the_sender_is_the_programs(program, advocate, settings):
    settings.DEFAULT_FROM_EMAIL = "Site <site@example.org>"
    message = queued(program, advocate, "told_by", share_link="https://example.org/r/A")
    assert compose(message).from_email == "Site <site@example.org>"
    program.mail_from_name = 'Coffee "Harbour", Kiel\nBcc: all@example.org'
    program.mail_reply_to = "ask@example.org"
    mail = compose(message)
    sent = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert sent["From"].addresses[0].addr_spec == "site@example.org"
    assert sent["From"].addresses[0].display_name == ('Coffee "Harbour", Kiel Bcc: all@example.org')
    assert sent["Reply-To"] == "ask@example.org"
    assert sent["Bcc"] is None
    program.mail_from = "kiel@example.org"
    assert "<kiel@example.org>" in compose(message).from_email


def test_an_answer_to_somebodys_own_mail_goes_to_them(program, advocate):
    program.mail_reply_to = "ask@example.org"
    words = {"subject": "Sorry", "text": "We were late.", "reply_to": "lea@example.org"}
    assert compose(queued(program, advocate, "case_reply", **words)).reply_to == ["lea@example.org"]


@pytest.mark.parametrize("name", ["Bo\nBcc: all@example.org", "http://evil.example", "=1+1", ""])
def test_whoever_is_called_so_gets_a_proper_mail(program, advocate, name):
    advocate.person.name = name
    mail = compose(queued(program, advocate, "told_by", share_link="https://example.org/r/A"))
    assert mail.message()["Bcc"] is None
    assert mail.body.splitlines()[0] in (
        "Hello Bo Bcc: all @example. org,",
        "Hello http: //evil. example,",
        "Hello =1+1,",
        "Hello,",
    )
