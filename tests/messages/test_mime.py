"""Mails as they go over the wire say what they were given, and nothing else."""

import email
import email.policy
import string

import django
import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.messages.mime import Mail

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], include_characters="\n"),
    max_size=3000,
)


def mail(**values):
    values = {
        "subject": "Ten euros",
        "body": "Hello",
        "from_email": "Shop <shop@example.org>",
        "to": ["bo@example.org"],
        "headers": {"Message-ID": "<1@example.org>"},
        **values,
    }
    html = values.pop("html", "<p>Hello</p>")
    made = Mail(**values)
    made.attach_alternative(html, "text/html")
    return made


def sent(made):
    """What a mail server gets, as a mailbox reads it."""
    if django.VERSION >= (6, 0):
        written = made.message(policy=email.policy.SMTP).as_bytes()
    else:
        written = made.message().as_bytes(linesep="\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, written.split(b"\r\n"))) < 998
    return email.message_from_bytes(written, policy=email.policy.default)


def texts(read):
    contents = [part.get_content().replace("\r\n", "\n") for part in read.iter_parts()]
    return [content.rstrip("\n") for content in contents]


@given(subject=WORDS, body=TEXTS, html=TEXTS)
def test_what_is_written_is_read(subject, body, html):
    read = sent(mail(subject=subject, body=body, html=html))
    assert str(read["Subject"]).split() == subject.split()
    assert texts(read) == [body.rstrip("\n"), html.rstrip("\n")]
    assert read.get_content_type() == "multipart/alternative"


@given(name=WORDS)
def test_a_senders_name_stays_a_name(name):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    made = mail(from_email=f'"{quoted}" <shop@example.org>')
    (sender,) = sent(made)["From"].addresses
    assert sender.addr_spec == "shop@example.org"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85"])
@pytest.mark.parametrize("header", ["subject", "to", "from_email", "headers", "reply_to"])
def test_nothing_puts_in_a_header_of_its_own(header, end):
    value = f"bo@example.org{end}Bcc: all@example.org"
    given = {"to": [value], "reply_to": [value], "headers": {"X-Own": value}}.get(header, value)
    try:
        read = sent(mail(**{header: given}))
    except ValueError:
        return
    assert read["Bcc"] is None


def test_it_is_the_mail_that_django_writes():
    values = {"reply_to": ["Bö <answers@example.org>"], "html": "<p>" + "Grüße " * 100 + "</p>"}
    ours = mail(**values)
    theirs = EmailMultiAlternatives(
        subject=ours.subject,
        body=ours.body,
        from_email=ours.from_email,
        to=ours.to,
        reply_to=ours.reply_to,
        headers=ours.extra_headers,
    )
    theirs.attach_alternative(*ours.alternatives[0])
    assert ours.message().as_bytes().isascii()
    ours, theirs = sent(ours), sent(theirs)
    assert texts(ours) == texts(theirs)
    for name in ("Subject", "From", "To", "Reply-To", "Message-ID", "MIME-Version"):
        assert str(ours[name]) == str(theirs[name])


@pytest.mark.parametrize(
    "unusual",
    [
        {"to": ["bo@exämple.org"]},
        {"to": ["a@example.org", "b@example.org"]},
        {"cc": ["c@example.org"]},
        {"attachments": [("terms.txt", "All of them.", "text/plain")]},
    ],
)
def test_what_is_unusual_is_written_by_django(unusual):
    assert sent(mail(**unusual))["To"]


def test_a_long_address_stays_in_one_piece():
    """Mailboxes look for it between angle brackets."""
    address = f"<https://example.org/{string.ascii_letters * 5}/>"
    read = sent(mail(headers={"List-Unsubscribe": address}))
    assert str(read["List-Unsubscribe"]) == address
