"""Publishing many pages at once goes past their forms: there, too, the unfair stay drafts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import swapper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.admin.views.pages.bulk_actions.publish import PublishBulkAction

from ..feedback.fairness import broken
from ..pages.base import AbstractFeedbackPage

# More names help nobody.
MOST_NAMED = 5


def refuse_unfair(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """Publish none of them while one breaks a rule of fair play; say which."""
    if not isinstance(action, PublishBulkAction):
        return None
    with_drafts_below = bool(action.cleaned_form.cleaned_data["include_descendants"])
    titles = [page.title for page in _to_publish(objects, with_drafts_below) if broken(page)]
    if not titles:
        return None
    words = gettext("Nothing was published. “Fair play” says what has to be mended on: %(pages)s.")
    messages.error(request, words % {"pages": ", ".join(titles[:MOST_NAMED])})
    return redirect(action.next_url)


def _to_publish(pages: list[Any], with_drafts_below: bool) -> Iterable[Any]:
    """The latest drafts of our pages among these, and below them."""
    ours = swapper.load_model("wagtailcore", "Page").objects.type(AbstractFeedbackPage)
    found = {page.pk: page for page in ours.filter(pk__in=[page.pk for page in pages])}
    for parent in pages if with_drafts_below else ():
        found |= {page.pk: page for page in ours.descendant_of(parent).not_live()}
    return (page.get_latest_revision_as_object() for page in found.values())
