"""On a response: who had told the customer about the shop."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..feedback.heard_models import Mention
from ..feedback.models import FeedbackResponse
from .records import Fact, RecordInspectView


def mention_facts(view: RecordInspectView, response: FeedbackResponse) -> Iterable[Fact]:
    """Who was named, whether we know them, and what came of it."""
    related = Mention.objects.select_related("person", "referral__advocate__person")
    mention = related.select_related("referral__friend").filter(response=response).first()
    if mention is None:
        return
    yield Fact(_("Who told them"), str(mention))
    if mention.person:
        yield view.link(_("That is"), mention.person)
    if mention.referral:
        yield view.link(_("Counts as the recommendation"), mention.referral)
    else:
        yield Fact(_("Counts for nobody"), mention.get_not_credited_display() or "–")
