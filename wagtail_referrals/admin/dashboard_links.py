"""From a number to the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ..insights.dashboard import FunnelStep
from .links import RECORDS
from .permissions import can_look

_MODELS = {f"referrals_{part}:index": model for model, part in RECORDS.items()}


def rows_urls(user: Any, funnel: Sequence[FunnelStep]) -> list[str]:
    """The list behind each step; "" where there is none or the user may not see it."""
    return [_rows_url(user, step) for step in funnel]


def _rows_url(user: Any, step: FunnelStep) -> str:
    if not step.rows:
        return ""
    name, query = step.rows
    model = _MODELS.get(name)
    if model is None or not can_look(user, model):
        return ""
    return f"{reverse(name)}?{urlencode(query, doseq=True)}"
