"""How good an introduction is: the program's table says, or the usual one."""

from __future__ import annotations

from ..programs.models import Program
from ..referrals.models import Grade
from .introduction_models import GradeLine

# Way, how well known ("" for any), grade: what a program without lines of its own has.
USUAL_TABLE: list[tuple[str, str, str]] = [
    ("brought", "", Grade.A),
    ("meeting", "", Grade.A),
    ("mail", "well", Grade.B),
    ("call", "well", Grade.B),
    ("mail", "", Grade.C),
    ("call", "", Grade.C),
    ("name", "well", Grade.C),
    ("", "", Grade.D),
]


def table_of(program: Program) -> list[tuple[str, str, str]]:
    """The program's own lines from the top, or the usual ones when it has none."""
    lines = GradeLine.objects.filter(program=program).order_by("position", "pk")
    return list(lines.values_list("way", "known", "grade")) or USUAL_TABLE


def grade_of(program: Program, way: str, known: str) -> str:
    """The grade of the first line that fits; D when none does."""
    for its_way, its_known, grade in table_of(program):
        if its_way in ("", way) and its_known in ("", known):
            return grade
    return Grade.D
