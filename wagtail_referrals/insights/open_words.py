"""Which words come up in the open answers."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..feedback.words_index import fold

# Of the newest so many answers: older ones say how it was, not how it is.
NEWEST = 1000
# Words that say nothing by themselves, in English and German, folded.
_STOP_WORDS = """
a about after again all also always am an and any are as at be because been before being but by can
could did do does doing don down each ever every few for from get go good got great had has have
having he her here him his how i if in into is isn it its just like ll lot m many me more most much
my never no nor not nothing now of off on once one only or other our out over own please re really
s same see she should so some still such t than thank thanks that the their them then there these
they thing things this those through time to too up us ve very was way we well were what when where
which while who why will with would you your
aber alle allem allen aller alles als also am an andere auch auf aus bei beim bin bis bitte da damit
dann das dass dem den denn der des die dies diese diesem diesen dieser doch dort du ein eine einem
einen einer eines er es etwas euch euer fur gut habe haben hat hatte hier ich ihr ihre im immer in
ist ja jede jeden jeder kann kein keine man mehr mein mich mir mit nach nicht nichts noch nur ob
oder ohne schon sehr sein sich sie sind so uber um und uns unser von vor war waren was weil wenn
werden wie wieder wir wird wo zu zum zur danke mal
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


def common_words(answers: Any, most: int = 40) -> list[tuple[str, int]]:
    """In how many of the newest answers each word comes up, the most frequent first.

    ``answers`` is a queryset of FeedbackResponse.
    """
    newest = answers.order_by("-submit_time", "-pk").values_list("words", flat=True)[:NEWEST]
    counts: Counter[str] = Counter()
    for said in newest:
        counts.update({word for word in fold(said) if _tells(word)})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def _tells(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in STOP_WORDS
