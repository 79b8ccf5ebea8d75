"""The words of answers, folded and indexed: full-text search on every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..events.bulk_insert import insert_new
from .inbox_models import FeedbackWord

if TYPE_CHECKING:
    from .models import FeedbackResponse
    from .submit import Answers

LONGEST_WORD = 40
MOST_WORDS = 200
# Whoever searches for more at once is not helped by more.
MOST_SEARCHED = 8

# Scripts that put no spaces between words: two characters stand for a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")


def fold(text: str) -> list[str]:
    """The words of a text as they are compared: each once, without case and accents."""
    folded = text.casefold()
    if not folded.isascii():
        bare = [c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)]
        folded = unicodedata.normalize("NFC", "".join(bare)).casefold()
    plain = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in folded)
    parts = (part[:LONGEST_WORD] for word in plain.split() for part in _parts(word))
    return list(dict.fromkeys(parts))


def _parts(word: str) -> Iterable[str]:
    run = _UNSPACED.search(word)
    if run is None:
        yield word
        return
    yield from filter(None, [word[: run.start()]])
    chars = run.group()
    yield from (chars[at : at + 2] for at in range(max(len(chars) - 1, 1)))
    if run.end() < len(word):
        yield from _parts(word[run.end() :])


def note_words(response: FeedbackResponse, answers: Answers) -> None:
    """Index an answer by its words, and by the person's name and mailbox, in one statement."""
    about = fold(f"{answers.name} {answers.email.partition('@')[0]}")
    words = list(dict.fromkeys([*about, *fold(answers.words)]))[:MOST_WORDS]
    insert_new(FeedbackWord, ["word"], [(word,) for word in words], response_id=response.pk)
