"""The kinds of mails there are: what each is for, what it can name, and our own words for it.

Owners change the words in the admin; a site adds a kind of its own with the Wagtail hook
``register_referrals_mail``, whose function returns a ``MailKind``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

Words = str | Promise
# A block of ``MailBody``: its name and its value, as StreamField stores it.
Block = tuple[str, Any]

# What a person can decline, in the order of the page that asks. Mails of ASKED_FOR answer what
# somebody did a minute ago: only they reach an address that asked not to be contacted.
ASKED_FOR = "asked_for"
REWARDS = "rewards"
ASKS = "asks"
THANKS = "thanks"
FRIENDS = "friends"
PARTNERS = "partners"
STAFF = "staff"
CATEGORIES: dict[str, Words] = {
    REWARDS: _("what you have earned, and coupons that are about to expire"),
    ASKS: _("questions: how it was, and whether you would recommend us"),
    THANKS: _("thank-you notes"),
    FRIENDS: _("recommendations of friends"),
    PARTNERS: _("our partnership"),
}


# What a field's value looks like, as its sample does.
LINE = "line"
LETTER = "letter"  # several lines
LINK = "link"
DAY = "day"
FLAG = "flag"  # for conditions: nothing is shown
LIST = "list"  # for a block


@dataclass(frozen=True)
class Field:
    """Something a mail can name as ``{{ name|otherwise }}``.

    ``sample`` stands in previews and says by its looks what values look like: an ISO date is
    written as the reader's language writes days, an address becomes a link, a text of several
    lines keeps them, True is for conditions only, a list for a block. In what people have written
    addresses are broken up, so that no mailbox makes links of them; ``as_it_is`` is for codes
    and for the words of staff.
    """

    name: str
    label: Words
    sample: Any = ""
    as_it_is: bool = False

    @cached_property
    def form(self) -> str:
        """LINE, LETTER, LINK, DAY, FLAG or LIST."""
        if isinstance(self.sample, bool):
            return FLAG
        if isinstance(self.sample, list | tuple):
            return LIST
        sample = str(self.sample)
        if sample.startswith(("https://", "http://")):
            return LINK
        if "\n" in sample:
            return LETTER
        return DAY if parse_datetime(sample) or parse_date(sample) else LINE


# What every mail can name.
COMMON = (
    Field("first_name", _("first name"), "Maria"),
    Field("site_name", _("name of the site"), _("Our shop"), as_it_is=True),
    Field("program_name", _("name of the program"), _("Friends"), as_it_is=True),
)

# What the blocks of the same names show. A kind whose mails can hold one has its fields.
COUPON_FIELDS = (
    Field("offer_headline", _("what one gets"), _("€10 off"), as_it_is=True),
    Field("code", _("code of the coupon"), "7K2M-Q4XW-9T3C", as_it_is=True),
    Field("expires_at", _("valid until"), "2030-12-24T12:00:00+00:00"),
    Field("conditions", _("conditions"), [_("For orders from €30")]),
)
SCORE_FIELDS = (
    Field(
        "question",
        _("question with numbers"),
        _("How likely are you to recommend us?"),
        as_it_is=True,
    ),
    Field(
        "numbers",
        _("numbers to rate with"),
        [[number, f"https://example.org/form/?score={number}"] for number in range(11)],
    ),
)
SHARE_FIELDS = (
    Field("share_link", _("their own link"), "https://example.org/r/MARIA"),
    Field(
        "share_text",
        _("words to send along"),
        _("I like it there.\nTry it yourself!"),
        as_it_is=True,
    ),
    Field("share_ways", _("ways to share"), []),
)
LINES_FIELDS = (
    Field(
        "lines",
        _("the list"),
        [{"text": _("One"), "url": "https://example.org/one/", "day": "2030-12-24"}],
    ),
)
# By the blocks they are for. Whatever kind has fields of these names, they look like these.
BLOCK_FIELDS = {
    "coupon": COUPON_FIELDS,
    "score": SCORE_FIELDS,
    "share": SHARE_FIELDS,
    "lines": LINES_FIELDS,
}
_OF_BLOCKS = {field.name: field for fields in BLOCK_FIELDS.values() for field in fields}


def _shown(field: Field) -> Field:
    """A field that a block shows, in its form; the sample may be a kind's own."""
    usual = _OF_BLOCKS.get(field.name)
    if usual is None:
        return field
    own = field.sample and field.form == usual.form
    return replace(usual, sample=field.sample) if own else usual


@dataclass(frozen=True)
class MailKind:
    """One kind of mails. ``why`` ends the mail: why its reader gets it.

    ``derive`` takes the context it was queued with and returns more values, in the reader's
    language. ``hello`` is False for a letter that has its own. ``for_review`` is True for a mail
    that leads to sites of reviews: no gift is named in it.
    """

    key: str
    label: Words
    category: str
    subject: Words
    body: tuple[Block, ...]
    why: Words
    fields: tuple[Field, ...] = ()
    hello: bool = True
    for_review: bool = False
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    @cached_property
    def named(self) -> dict[str, Field]:
        """All that it can name."""
        shown = (BLOCK_FIELDS.get(name, ()) for name, _value in self.body)
        fields = (*COMMON, *self.fields, *chain.from_iterable(shown))
        return {field.name: _shown(field) for field in fields}

    @property
    def footer(self) -> tuple[str, ...]:
        """The addresses that end its mails: to choose among mails, to say that one is not meant."""
        if self.category == STAFF:
            return ()
        return ("not_me",) if self.category == ASKED_FOR else ("mail_settings", "not_me")

    @property
    def samples(self) -> dict[str, Any]:
        """A context as for a mail that could be real."""
        return {name: field.sample for name, field in self.named.items()}


def text(words: Words, *, only_with: str = "") -> Block:
    """A paragraph; ``only_with`` names a field without which it falls away ("!name": with it)."""
    return "text", {"text": words, "only_with": only_with}


def button(label: Words, link: str) -> Block:
    """A button to the address in the field ``link``; it falls away where there is none."""
    return "button", {"label": label, "link": link}


def quote(words: Words, who: Words = "") -> Block:
    """Somebody's words."""
    return "quote", {"text": words, "who": who}


COUPON: Block = ("coupon", None)
SCORE: Block = ("score", None)
LINES: Block = ("lines", None)
SHARE: Block = ("share", None)


def mail_kinds() -> dict[str, MailKind]:
    """Every kind by its key: those of our ``words_*.py`` files, then those of the site's hooks."""
    return _gathered(tuple(hooks.get_hooks("register_referrals_mail")))


@lru_cache(maxsize=8)
def _gathered(makers: tuple[Callable[[], MailKind], ...]) -> dict[str, MailKind]:
    return {**_own_kinds(), **{kind.key: kind for kind in (make() for make in makers)}}


@cache
def _own_kinds() -> dict[str, MailKind]:
    package = __package__ or ""
    names = sorted(module.name for module in iter_modules(import_module(package).__path__))
    files = [import_module(f"{package}.{name}") for name in names if name.startswith("words_")]
    return {kind.key: kind for file in files for kind in file.KINDS}
