"""What is fair about a page that asks for an opinion, and what is not, with the rule's source.

Texts are looked through by words that give an unfair offer away, in English and German. That is
a help, no judge: what it does not find can be unfair all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from ..programs.disclosure import hides_reward
from .review_sites import ReviewSite, Source, site_at
from .wording import stored_words

BUYING = Source(
    "16 CFR 465.4, buying positive or negative consumer reviews (FTC)",
    "https://www.ecfr.gov/current/title-16/section-465.4",
)
SUPPRESSING = Source(
    "16 CFR 465.7, review suppression (FTC)",
    "https://www.ecfr.gov/current/title-16/section-465.7",
)
SAYING_SO = Source(
    "16 CFR 255.5, disclosure of material connections (FTC)",
    "https://www.ecfr.gov/current/title-16/section-255.5",
)
BROKEN, RISKY, FAIR = "broken", "risky", "fair"


@dataclass(frozen=True)
class Finding:
    """``level`` is BROKEN (not to be published), RISKY or FAIR; ``field`` of the page, or ""."""

    level: str
    words: str | Promise
    field: str = ""
    sources: tuple[Source, ...] = ()
    # The editor's own words that it is about.
    quote: str = ""


# Words of unfair offers, in English and German.
_GIFT = (
    r"(?:coupons?|vouchers?|discounts?|rewards?|gifts?|prizes?|cash|money|free \w+|\d+ ?% off"
    r"|gutscheine?|rabatte?|geschenke?|prämien?|gratis \w+|verlosung)"
)
_REVIEW = (
    r"(?:reviews?|ratings?|stars?|testimonials?|\w*bewertung(?:en)?|rezension(?:en)?|sternen?)"
)
_GOOD = (
    r"(?:good|great|positive|nice|kind|favou?rable|glowing|excellent|top|best|five|5|10|ten"
    r"|gut\w*|positiv\w*|toll\w*|nett\w*|fünf|zehn)"
)
_HAPPY = r"(?:happy|satisfied|pleased|loved?|liked|enjoyed|zufrieden|begeistert|gefallen)"
_FOR = r"(?:for|if|when|once|in return|in exchange|für|wenn|sobald|bei|gegen)"
_GET = r"(?:get|gets|receive|win|earn|bekomm\w*|erhalt\w*|erhält\w*|gewinn\w*)"
_WRITE = r"(?:write|leave|post|give|rate|review|schreib\w*|hinterlass\w*|geb\w*|gib)"
_GOOD_ONE = rf"{_GOOD}[\s-]+(?:\w+[\s-]+)?{_REVIEW}"
# Who says what the gift is not for means well; "no strings attached" and its like say nothing.
_NOT = re.compile(
    r"\b(?:not(?! only)|never|no(?! (?:strings|catch|questions|purchase))|nothing|without|whatever"
    r"|regardless|honest\w*|nicht(?! nur)|nie|kein\w*|ohne(?! wenn)|egal|unabhängig|ehrlich\w*)\b"
    r"|n['’]t\b(?! (?:miss|forget|wait))",
    re.IGNORECASE,
)


def _in_turn(*parts: str, within: str = r"[^.!?]{0,80}?") -> re.Pattern[str]:
    return re.compile(r"\b" + rf"\b{within}\b".join(parts) + r"\b", re.IGNORECASE)


_CLOSE = r"(?:[\s-]+\w+){0,3}?[\s-]+"
_BOUGHT = (
    _in_turn(_GIFT, _FOR, _GOOD_ONE),
    _in_turn(_WRITE, _GOOD_ONE, _GET, _GIFT),
)
_PAID = (
    _in_turn(_GIFT, _FOR, _REVIEW, within=_CLOSE),
    _in_turn(_GIFT, _FOR, _WRITE, _REVIEW, within=_CLOSE),
    _in_turn(_WRITE, _REVIEW, _GET, _GIFT, within=_CLOSE),
)
_GATED = (
    _in_turn(r"(?:if|only if|when|wenn|nur wenn|falls)", _HAPPY, _REVIEW),
    _in_turn(
        r"(?:before you|instead of|bevor sie|bevor du|statt)",
        r"(?:bad|negativ\w*|schlecht\w*)",
        _REVIEW,
    ),
)
_ANY_GIFT = (_in_turn(_GIFT),)
_ASKED = (_in_turn(_WRITE, _REVIEW, within=_CLOSE),)
# Audiences by what they think of us.
_OPINIONS = frozenset(["promoters", "passives", "detractors"])
_ASK_ALL = _("Ask everybody for a review, not only those who are happy.")
HIDES_REWARD = _(
    "Advocates get something when a friend buys, and the program's text to share does not say so. "
    "Whoever recommends for a reward has to."
)

NOT_OUR_TEXTS = frozenset(["path", "url_path", "slug", "draft_title"])


def findings(page: Any, questions: Iterable[Any] | None = None) -> list[Finding]:
    """What is fair and what is not about a page, the worst first.

    ``questions`` stand for the page's own: an editor's form has some that are not saved yet.
    """
    asked = page.form_fields.all() if questions is None else questions
    found = list(_findings(page, list(asked)))
    return sorted(found, key=lambda one: (BROKEN, RISKY, FAIR).index(one.level))


def broken(page: Any) -> list[Finding]:
    """What a page must not go live with."""
    return [one for one in findings(page) if one.level == BROKEN]


def unfair_mail(texts: Iterable[str], *, for_review: bool) -> list[Finding]:
    """What a mail that asks for an opinion must not say; for a review no gift is named at all."""
    return [found for text in texts for found in _unfair_mail(text, for_review)]


def _unfair_mail(text: str, for_review: bool) -> Iterator[Finding]:
    for sentence in _sentences(text):
        if _says(sentence, _BOUGHT):
            words = _("Nothing may be promised for a good review or for stars.")
            yield Finding(BROKEN, words, "body", (BUYING,), sentence)
        elif for_review and _says(sentence, _ANY_GIFT):
            words = _(
                "A mail that asks for a review names no gift: review sites allow nothing in return."
            )
            yield Finding(BROKEN, words, "body", (SAYING_SO,), sentence)
        if _says(sentence, _GATED):
            yield Finding(BROKEN, _ASK_ALL, "body", (SUPPRESSING,), sentence)


def _findings(page: Any, asked: list[Any]) -> Iterator[Finding]:
    links = [block.value for block in page.review_links or []]
    sites = list(dict.fromkeys(filter(None, (_site_of(link) for link in links))))
    gives = bool(page.program and page.program.friend_offer_id)
    yield from _about_sites(sites, gives)
    for field, text in _texts(page, asked):
        yield from _about_text(field, text, sites)
    for field, usual, words in _words_by_opinion(page, asked):
        yield from _about_choosing(field, usual, words, sites)
    if page.program and hides_reward(page.program):
        yield Finding(RISKY, HIDES_REWARD, "program", (SAYING_SO,), page.program.share_text)
    if links:
        yield Finding(FAIR, _("Everybody gets the same review links, whatever they answered."))
    if gives:
        yield Finding(FAIR, _("The coupon is for finishing the form, whatever was answered."))


def _site_of(link: Any) -> ReviewSite | None:
    """Whose rules count: those of where it leads, whatever an editor says it is."""
    return site_at(link.get("url") or "") or site_at(link.address)


def _about_sites(sites: list[ReviewSite], gives: bool) -> Iterator[Finding]:
    for site in sites:
        if site.forbids_asking:
            words = _("%(site)s forbids asking for reviews. Leave the link out.")
            yield Finding(BROKEN, words % {"site": site.label}, "review_links", _sources([site]))
    strict = [site for site in sites if site.forbids_incentives]
    if strict and gives:
        words = _(
            "%(sites)s allow nothing in return for a review, and this page gives a coupon for the "
            "answers. So the links stand on a screen of their own, after the coupon and apart "
            "from it. It is safest to ask for these reviews on a page without a program."
        )
        names = ", ".join(str(site.label) for site in strict)
        yield Finding(RISKY, words % {"sites": names}, "review_links", _sources(strict))


def _about_text(field: str, text: str, sites: list[ReviewSite]) -> Iterator[Finding]:
    strict = [site for site in sites if site.forbids_incentives]
    unbiased = [site for site in sites if site.forbids_choosing]
    for sentence in _sentences(text):
        if _says(sentence, _BOUGHT):
            words = _("Nothing may be promised for a good review or for stars.")
            yield Finding(BROKEN, words, field, (BUYING,), sentence)
        elif _says(sentence, _PAID) and strict:
            words = _("A site you link to allows nothing in return for a review.")
            yield Finding(BROKEN, words, field, _sources(strict), sentence)
        elif _says(sentence, _PAID):
            words = _(
                "Who gets something for a review has to say so in it. Better promise nothing."
            )
            yield Finding(RISKY, words, field, (SAYING_SO,), sentence)
        elif field.startswith("reviews_") and _says(sentence, _ANY_GIFT):
            words = _(
                "The screen with the review links is apart from the coupon: don't name it here."
            )
            yield Finding(BROKEN, words, field, _sources(strict) or (SAYING_SO,), sentence)
        if _says(sentence, _GATED):
            level = BROKEN if unbiased else RISKY
            yield Finding(level, _ASK_ALL, field, (*_sources(unbiased), SUPPRESSING), sentence)


def _about_choosing(
    field: str, usual: str, words: str, sites: list[ReviewSite]
) -> Iterator[Finding]:
    """Whether only people of one opinion are asked for a review."""
    if any(_says(sentence, _ASKED) for sentence in _sentences(usual)):
        return
    unbiased = [site for site in sites if site.forbids_choosing]
    level = BROKEN if unbiased else RISKY
    for sentence in _sentences(words):
        if _says(sentence, _ASKED):
            yield Finding(level, _ASK_ALL, field, (*_sources(unbiased), SUPPRESSING), sentence)


def _says(sentence: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    return any(pattern.search(sentence) for pattern in patterns) and not _NOT.search(sentence)


def _sources(sites: Iterable[ReviewSite]) -> tuple[Source, ...]:
    return tuple(site.source for site in sites if site.source)


def _sentences(text: str) -> list[str]:
    plain = strip_tags(re.sub(r"<(?:br|/p|/li|/h\d)[^>]*>", "\n", text))
    sentences = re.split(r"(?<=[.!?])\s+|\n", plain[:10_000])
    return [sentence.strip()[:300] for sentence in sentences if sentence.strip()]


def _texts(page: Any, questions: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Everything visitors may read: (the page's field, or "" for another place, the text)."""
    for field in page._meta.get_fields():
        if isinstance(field, (models.CharField, models.TextField)):
            if field.name not in NOT_OUR_TEXTS:
                yield field.name, getattr(page, field.name) or ""
        elif isinstance(field, StreamField):
            for text in _strings(getattr(page, field.name).get_prep_value()):
                yield field.name, text
    for question in questions:
        for name in ("label", "help_text", "choices", "step_title"):
            yield "form_fields", getattr(question, name) or ""
        for other in stored_words(question.other_words):
            yield "form_fields", other.get("words") or ""
    if page.program:
        offers = (page.program.friend_offer, page.program.advocate_offer)
        yield "program", page.program.terms
        yield "program", page.program.share_text
        for offer in filter(None, offers):
            yield "program", f"{offer.wording}\n{offer.fine_print}"


def _words_by_opinion(page: Any, questions: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    """Words for people of one opinion: (the page's field, what everybody else reads, the words)."""
    blocks = [(page, "other_words", block) for block in stored_words(page.other_words)]
    for question in questions:
        named = ({"text": "label", **block} for block in stored_words(question.other_words))
        blocks += [(question, "form_fields", block) for block in named]
    for owner, field, block in blocks:
        if block.get("audience") in _OPINIONS:
            yield field, getattr(owner, block.get("text") or "", ""), block.get("words") or ""


def _strings(value: Any) -> Iterator[str]:
    """The texts in a stream of blocks."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
