"""The kinds of mails there are: what each is for, what it can name, and our own words for it.

Owners change the words in the admin; a site adds a kind of its own with the Wagtail hook
``register_referrals_mail``, whose function returns a ``MailKind``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

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


@dataclass(frozen=True)
class Field:
    """Something a mail can name as ``{{ name|otherwise }}``. ``sample`` stands in previews."""

    name: str
    label: Words
    sample: Any = ""


# What every mail can name.
COMMON = (
    Field("first_name", _("first name"), "Maria"),
    Field("site_name", _("name of the site"), _("Our shop")),
    Field("program_name", _("name of the program"), _("Friends")),
)


@dataclass(frozen=True)
class MailKind:
    """One kind of mails. ``why`` ends the mail: why its reader gets it."""

    key: str
    label: Words
    category: str
    subject: Words
    body: tuple[Block, ...]
    why: Words
    fields: tuple[Field, ...] = ()


def text(words: Words, *, only_with: str = "") -> Block:
    """A paragraph; ``only_with`` names a field without which it falls away ("!name": with it)."""
    return "text", {"text": words, "only_with": only_with}


def button(label: Words, link: str) -> Block:
    """A button to the address in the field ``link``; it falls away where there is none."""
    return "button", {"label": label, "link": link}


COUPON: Block = ("coupon", None)
SCORE: Block = ("score", None)
LINES: Block = ("lines", None)
SHARE: Block = ("share", None)


def mail_kinds() -> dict[str, MailKind]:
    """Every kind by its key: those of our ``words_*.py`` files, then those of the site's hooks."""
    added: list[MailKind] = [make() for make in hooks.get_hooks("register_referrals_mail")]
    return {**_own_kinds(), **{kind.key: kind for kind in added}}


@cache
def _own_kinds() -> dict[str, MailKind]:
    package = __package__ or ""
    names = sorted(module.name for module in iter_modules(import_module(package).__path__))
    files = [import_module(f"{package}.{name}") for name in names if name.startswith("words_")]
    return {kind.key: kind for file in files for kind in file.KINDS}
