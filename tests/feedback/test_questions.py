"""Every type of question: what it takes, what it refuses, and what it says to us."""

from types import SimpleNamespace

import pytest

from wagtail_referrals.feedback.forms import FeedbackFormBuilder
from wagtail_referrals.feedback.questions import question_choices, question_types

pytestmark = pytest.mark.usefixtures("no_time_trap")


def question(field_type, **values):
    row = {"label": "Q", "help_text": "", "required": True, "choices": "", "default_value": ""}
    row = {**row, "clean_name": "q", "field_type": field_type, **values}
    return SimpleNamespace(**row, get_field_clean_name=lambda: "q")


def field(field_type, **values):
    return FeedbackFormBuilder([question(field_type, **values)]).formfields["q"]


def test_every_key_fits_its_column_and_every_type_can_be_chosen():
    keys = [key for _group, types in question_choices() for key, _label in types]
    assert sorted(keys) == sorted(question_types.all())
    assert all(len(key) <= 16 for key in keys)
