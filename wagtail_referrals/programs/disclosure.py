"""Whether words to share say that who shares them gets something."""

from __future__ import annotations

import re

from .models import Program

# Words that say so, in English and German. A help, no judge.
_SAYS_SO = re.compile(
    r"\b(?:I(?:['’]ll| will)?(?: also)? (?:get|receive|earn)|thank[ -]?you,? too|rewards? me|"
    r"(?:both|each) of us|we both|ad(?:vertisement)?|sponsored|affiliate|"
    r"(?:bekomme|erhalte|kriege) ich|ich (?:bekomme|erhalte|kriege|verdiene)|wir beide|"
    r"dankeschön|prämie|werbung|anzeige)\b",
    re.IGNORECASE,
)


def says_reward(text: str) -> bool:
    """Whether a text says that its sender gets something."""
    return bool(_SAYS_SO.search(text))


def hides_reward(program: Program) -> bool:
    """Whether advocates get something and the program's own words to share don't say so."""
    text = program.share_text
    return bool(text and program.advocate_offer_id and not says_reward(text))
