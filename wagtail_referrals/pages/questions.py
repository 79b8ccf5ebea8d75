"""A question as an editor sets it: Wagtail's own, when it is asked, its step, its other words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.forms.models import AbstractFormField
from wagtail.fields import StreamField

from ..feedback.flow_blocks import ConditionBlock, OtherWordsBlock
from ..feedback.forms import question_choices
from ..feedback.show_when import Match

_CHOICES = FieldPanel(
    "choices",
    classname="formbuilder-choices",
    help_text=_(
        "One per line. Stars: how many, 3, 4, 5, 7 or 10. Smileys: five words of your own, from "
        "the worst to the best. Empty where we have a list of our own."
    ),
)


class AbstractFeedbackQuestion(AbstractFormField):
    """One question. Its page is a ParentalKey with ``related_name="form_fields"``."""

    field_type = models.CharField(
        _("question type"), max_length=16, choices=question_choices, default="singleline"
    )
    field_type.required_on_save = True  # type: ignore[attr-defined]
    step_title = models.CharField(
        _("begins the step"),
        max_length=120,
        blank=True,
        help_text=_("Filled in: a new step begins here, and this is its title."),
    )
    conditions = StreamField(
        [("condition", ConditionBlock())],
        blank=True,
        verbose_name=_("only if"),
        help_text=_("Without a condition it is always asked."),
    )
    conditions_match = models.CharField(
        _("has to be met"), max_length=3, choices=Match.choices, default=Match.ALL
    )
    whole_step = models.BooleanField(
        _("for the whole step"),
        default=False,
        help_text=_("The step that begins here is left out unless the conditions are met."),
    )
    other_words = StreamField(
        [("words", OtherWordsBlock())],
        blank=True,
        verbose_name=_("other words for some"),
        help_text=_("The first that fits takes the place of the label."),
    )

    panels = [
        *(
            _CHOICES if panel.field_name == "choices" else panel
            for panel in AbstractFormField.panels
        ),
        FieldPanel("step_title"),
        MultiFieldPanel(
            [
                FieldPanel("conditions"),
                FieldPanel("conditions_match"),
                FieldPanel("whole_step"),
            ],
            heading=_("Show when"),
            classname="collapsed",
        ),
        FieldPanel("other_words", classname="collapsed"),
    ]

    class Meta(AbstractFormField.Meta):
        abstract = True
