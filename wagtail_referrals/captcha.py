"""The captcha of a site that wants one: a form field of another package, asked last of all."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from .conf import setting

logger = logging.getLogger(__name__)

# A provider takes a solution once; a double click sends it twice.
_SAME_POST_SECONDS = 600
_NEEDS_SCRIPT = _("Please switch JavaScript on: without it this form cannot tell you from a robot.")
_NOT_REACHED = _("We could not check this just now. Please send the form once more in a moment.")


def captcha_field() -> forms.Field | None:
    """The field that CAPTCHA_FIELD names, None without. Raises ImportError or TypeError."""
    path = setting("CAPTCHA_FIELD")
    if not path:
        return None
    field_class = import_string(path)
    if not (isinstance(field_class, type) and issubclass(field_class, forms.Field)):
        raise TypeError(f"{path} is not a form field.")
    return field_class()


def shown_field(captcha: forms.Field) -> forms.Field:
    """What a form shows of it; it takes every answer, for the captcha itself is asked later."""
    hint = format_html("<noscript>{}</noscript>", _NEEDS_SCRIPT)
    return forms.Field(required=False, label="", widget=captcha.widget, help_text=hint)


def captcha_error(captcha: forms.Field, solution: Any, post: Mapping[str, Any]) -> Any:
    """What is wrong with a solution, None for nothing. The same post again passes again."""
    key = f"wagtail_referrals.captcha.{_digest(post)}"
    try:
        captcha.clean(solution)
    except ValidationError as error:
        return None if cache.get(key) else error
    except (OSError, HTTPException, ValueError):
        # Its server is down, or says what nobody understands.
        logger.exception("The captcha could not be checked.")
        return str(_NOT_REACHED)
    cache.set(key, True, _SAME_POST_SECONDS)
    return None


def _digest(post: Mapping[str, Any]) -> str:
    return hashlib.sha256(repr(sorted(dict(post).items())).encode()).hexdigest()
