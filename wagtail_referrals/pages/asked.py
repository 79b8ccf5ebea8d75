"""The pages on which feedback, a review or an introduction can be asked for."""

from __future__ import annotations

from typing import Any

from ..programs.models import Program
from .feedback import AbstractFeedbackPage
from .hub import AbstractPartnerHubPage
from .hubs import find_pages
from .review_request import AbstractReviewRequestPage


def feedback_pages(program: Program) -> list[Any]:
    """The feedback pages."""
    return [page for page in _live(AbstractFeedbackPage, program) if not _asks_for_review(page)]


def review_pages(program: Program) -> list[Any]:
    """The pages that ask for a review."""
    return _live(AbstractReviewRequestPage, program)


def hubs(program: Program) -> list[Any]:
    """The hubs: below each, somebody can be introduced."""
    return _live(AbstractPartnerHubPage, program)


def _live(kind: type, program: Program) -> list[Any]:
    return find_pages(kind, program=program, live=True)


def _asks_for_review(page: Any) -> bool:
    return isinstance(page, AbstractReviewRequestPage)
