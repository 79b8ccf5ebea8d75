"""The words that go with a link: a program's own texts in the reader's language, or ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language, gettext

from ..conf import setting
from ..programs.models import Offer, Program
from ..programs.share_models import ShareText

# A text, and what it says about the reward.
TestedText = tuple[str, str]
# A kit that offers more is a kit nobody reads.
MOST_TEXTS = 5


@dataclass(frozen=True)
class StoredText:
    """What is needed of a ShareText, as the cache keeps it."""

    locale: str
    channel: str
    text: str
    disclosure: str
    picture_id: int | None = None


def share_words(
    program: Program,
    offer: Offer | None = None,
    channel: str = "",
    tested: TestedText | None = None,
    stored: list[StoredText] | None = None,
) -> str:
    """The ready-made words without the link: the first there are. They say who gets something.

    In the language of the moment. ``offer`` is what the friends get where it is not the program's,
    ``tested`` what an advocate's code has drawn of the words that are put to the test, ``stored``
    the program's own texts where somebody has them at hand.
    """
    return words_to_choose(program, offer, channel, tested, stored)[0]


def words_to_choose(
    program: Program,
    offer: Offer | None = None,
    channel: str = "",
    tested: TestedText | None = None,
    stored: list[StoredText] | None = None,
) -> list[str]:
    """All the words there are for a way to share; the first is what is taken, there is always one.

    Of a program with texts of its own: those in the language, else those for every language. What
    is put to the test comes before them.
    """
    language = get_language() or ""
    stored = stored_texts(program) if stored is None else stored
    own = _spoken(_of_channel(stored, channel), language)
    words = [in_full(text.text, text.disclosure, program) for text in own]
    if tested and _is_for(language, own):
        words = list(dict.fromkeys([in_full(*tested, program), *words]))
    return words[:MOST_TEXTS] or [program.share_text or _ours(program, offer)]


def _is_for(language: str, own: list[StoredText]) -> bool:
    """Whether a tested text is for the reader: it is in the site's language, as nothing says.

    Who reads another one gets the program's texts or our own words in it, unless they would get
    a text for every language.
    """
    speaks_ours = _plain(language) == _plain(settings.LANGUAGE_CODE)
    return speaks_ours or (bool(own) and not any(text.locale for text in own))


def picture_of(stored: list[StoredText]) -> int | None:
    """The key of the picture of the first words for all ways to share, if they have one."""
    own = _spoken(_of_channel(stored, ""), get_language() or "")
    return next((text.picture_id for text in own if text.picture_id), None)


def in_full(text: str, disclosure: str, program: Program) -> str:
    """The text and what it says about the reward: who gets something for a word has to say so."""
    if not disclosure and program.advocate_offer_id:
        # The offer came after the text.
        disclosure = gettext("I get a thank-you, too.")
    return f"{text} {disclosure}".strip()


def _of_channel(texts: Iterable[StoredText], channel: str) -> list[StoredText]:
    """Those for this way to share before those for all; what is for another one is left out."""
    fitting = [text for text in texts if text.channel in ("", channel)]
    return sorted(fitting, key=lambda text: text.channel != channel)


def _spoken(texts: list[StoredText], language: str) -> list[StoredText]:
    """Those in the language, else in its plain form (de for de-at), else those for every one."""
    for locale in (language, _plain(language), ""):
        if found := [text for text in texts if text.locale.lower() == locale.lower()]:
            return found
    return []


def _plain(language: str) -> str:
    return language.partition("-")[0].lower()


def _ours(program: Program, offer: Offer | None) -> str:
    name = program.site.site_name or program.name
    offer = offer or program.friend_offer
    if offer is None:
        return gettext("I can recommend %(name)s.") % {"name": name}
    return gettext(
        "I can recommend %(name)s. With my link you get %(offer)s, and I get a thank-you too."
    ) % {"name": name, "offer": offer.headline}


def stored_texts(program: Program) -> list[StoredText]:
    """The program's texts in use, in their order: from the cache, or by one query."""
    if program.pk is None:
        return []
    found: list[StoredText] | None = cache.get(_cache_key(program.pk))
    if found is None:
        texts = ShareText.objects.filter(program=program.pk, is_active=True)
        values = texts.order_by("position", "pk").values_list(
            "locale", "channel", "text", "disclosure", "picture"
        )
        found = [StoredText(*value) for value in values]
        cache.set(_cache_key(program.pk), found, setting("LINK_CACHE_SECONDS"))
    return found


def forget_texts(program_id: int) -> None:
    """Drop a program's texts from the cache after a change."""
    cache.delete(_cache_key(program_id))


def _cache_key(program_id: int) -> str:
    return f"wagtail_referrals:share_texts:{program_id}"
