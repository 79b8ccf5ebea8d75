"""A page that asks for a review: guided sentences, and back they come to be taken along."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from ..feedback.models import FeedbackResponse
from ..feedback.questions import WORDS, said_in, type_of
from .feedback import AbstractFeedbackPage


class AbstractReviewRequestPage(AbstractFeedbackPage):
    """A rating and a few guided sentences, a coupon, then one's own words beside the review sites.

    All of it is a feedback page's; what is new are the words on the last screen.
    """

    is_review_page = True
    words_heading = models.CharField(
        _("heading above their words"),
        max_length=120,
        blank=True,
        help_text=_("Empty: “Your words, to take along”."),
    )

    review_panels = [
        *AbstractFeedbackPage.feedback_panels,
        MultiFieldPanel([FieldPanel("words_heading")], heading=_("Their words, beside the links")),
    ]

    class Meta:
        abstract = True

    def words_back(self, response: FeedbackResponse | None) -> str:
        """What somebody wrote in open words; in a preview, what they might have."""
        if response is None:
            return gettext("My order was ready on time, and the advice was worth the visit.")
        asked = self.get_form_fields()
        names = [one.clean_name for one in asked if type_of(one).meaning == WORDS]
        return said_in(names, response.form_data)


def first_questions() -> list[dict[str, Any]]:
    """What a new page asks: opinion first, then words, then permission. An editor changes it."""
    return [
        {"field_type": "stars", "label": gettext("How was it?"), "required": True, "choices": "5"},
        {
            "field_type": "multiline",
            "label": gettext("What did you come for, and what did you get?"),
            "required": True,
        },
        {
            "field_type": "multiline",
            "label": gettext("What would you tell somebody who thinks of coming?"),
            "required": False,
        },
        {"field_type": "name", "label": gettext("Your name"), "required": False},
        {"field_type": "town", "label": gettext("Your town"), "required": False},
        {"field_type": "email", "label": gettext("Your e-mail"), "required": True},
        {
            "field_type": "publish_as",
            "label": gettext("May we publish your words?"),
            "help_text": gettext(
                "You can take it back at any time, by the link in the mail we send you then."
            ),
            "required": False,
        },
    ]


def fill_in_questions(page: Any, **kwargs: Any) -> None:
    """A new review request opens with questions in it."""
    if not isinstance(page, AbstractReviewRequestPage):
        return
    asked: Any = page
    question = asked.form_fields.model
    asked.form_fields = [
        question(sort_order=place, **values) for place, values in enumerate(first_questions())
    ]
