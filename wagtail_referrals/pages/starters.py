"""Forms to start from. Each asks in the order that people like to answer in:

opinion first, then ideas, then open words, then permission; after that come coupon and review
links, which every form has anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import get_page_models

from ..programs.models import Program
from .feedback import AbstractFeedbackPage
from .review_request import AbstractReviewRequestPage, first_questions

Question = dict[str, Any]


@dataclass(frozen=True)
class Starter:
    """A form to start from. ``questions`` makes its questions, in the language of the moment."""

    label: str | Promise
    text: str | Promise
    title: str | Promise
    introduction: str | Promise
    questions: Callable[[], list[Question]]
    is_review_request: bool = False


def ask(kind: str, label: str, **more: Any) -> Question:
    """A question that need not be answered, unless ``more`` says so."""
    return {"field_type": kind, "label": label, "required": False, **more}


def _only_if(question: str, test: str, value: str) -> list[Any]:
    return [("condition", {"question": question, "test": test, "value": value})]


def _recommend(**more: Any) -> Question:
    label = gettext("How likely are you to recommend us to a friend?")
    return ask("score", label, required=True, **more)


def _about_them() -> list[Question]:
    """The last step of each form: who it is, and whether their words may be shown."""
    return [
        ask(
            "email",
            gettext("Your e-mail"),
            required=True,
            help_text=gettext("The coupon for a friend goes there, too."),
            step_title=gettext("About you"),
        ),
        ask("name", gettext("Your name")),
        ask("town", gettext("Your town")),
        ask(
            "publish_as",
            gettext("May we publish your words?"),
            help_text=gettext("You can take it back at any time."),
        ),
        ask("hidden", gettext("Source")),
    ]


def _first_order() -> list[Question]:
    return [
        _recommend(step_title=gettext("Your opinion")),
        ask("csat", gettext("How easy was it to find what you wanted?")),
        ask("ideas", gettext("What could be better?"), step_title=gettext("Your ideas")),
        ask("multiline", gettext("What did you like?"), step_title=gettext("In your words")),
        ask("heard", gettext("How did you hear about us?")),
        *_about_them(),
    ]


def _service_visit() -> list[Question]:
    visit = gettext("How was our visit?")
    call = gettext("Please call me about it")
    return [
        ask("csat", visit, required=True, step_title=gettext("Your opinion")),
        _recommend(),
        ask(
            "radio",
            gettext("Were we on time?"),
            choices="\n".join([gettext("Yes"), gettext("A little late"), gettext("No")]),
        ),
        ask("ideas", gettext("What could we do better?"), step_title=gettext("Your ideas")),
        ask("call_me", call, conditions=_only_if(visit, "at_most", "3")),
        ask(
            "phone",
            gettext("Your telephone number"),
            required=True,
            conditions=_only_if(call, "answered", ""),
        ),
        ask("multiline", gettext("What was good?"), step_title=gettext("In your words")),
        *_about_them(),
    ]


def _yearly() -> list[Question]:
    reason = gettext("What is the main reason for your number?")
    others = [
        ("words", {"audience": "promoters", "words": gettext("What do you like best about us?")}),
        ("words", {"audience": "detractors", "words": gettext("What went wrong?")}),
    ]
    return [
        _recommend(step_title=gettext("Your opinion")),
        ask("ideas", gettext("What should we change?"), step_title=gettext("Your ideas")),
        ask("multiline", reason, step_title=gettext("In your words"), other_words=others),
        *_about_them(),
    ]


def _event() -> list[Question]:
    parts = [gettext("The programme"), gettext("The people"), gettext("The place")]
    return [
        ask(
            "stars",
            gettext("How was it?"),
            required=True,
            choices="5",
            step_title=gettext("Your opinion"),
        ),
        ask("checkboxes", gettext("What was worth coming for?"), choices="\n".join(parts)),
        _recommend(),
        ask(
            "ideas",
            gettext("What should be different next time?"),
            step_title=gettext("Your ideas"),
        ),
        ask(
            "multiline",
            gettext("What will you tell your friends?"),
            step_title=gettext("In your words"),
        ),
        *_about_them(),
    ]


STARTERS: dict[str, Starter] = {
    "first-order": Starter(
        _("After the first order"),
        _("A few days after somebody bought for the first time, once they have used it."),
        _("How was your first order?"),
        _("A minute of your time. Whatever you say, there is a coupon for a friend at the end."),
        _first_order,
    ),
    "service-visit": Starter(
        _("After a service visit"),
        _("The day after you were at somebody's. Who is unhappy can ask for a call."),
        _("How was our visit?"),
        _("A minute of your time. Whatever you say, there is a coupon for a friend at the end."),
        _service_visit,
    ),
    "yearly-nps": Starter(
        _("Yearly NPS"),
        _("Once a year, everybody the same: what the NPS report compares."),
        _("Would you recommend us?"),
        _("Two questions and room for your words. It takes a minute."),
        _yearly,
    ),
    "review-request": Starter(
        _("Review request"),
        _("Hands people their own words and the places to say them in public."),
        _("Would you tell others?"),
        _("A rating and a few sentences, in your own words, whatever you think."),
        first_questions,
        is_review_request=True,
    ),
    "event": Starter(
        _("Event"),
        _("The day after a tasting, a workshop, an open day."),
        _("How was the event?"),
        _("A minute of your time. Whatever you say, there is a coupon for a friend at the end."),
        _event,
    ),
}


def page_type(starter: Starter, parent: Any) -> type[Any] | None:
    """The type of page it becomes below this one, the site's own or ours; None: none may be."""
    allowed = set(parent.specific_class.creatable_subpage_models())
    for model in get_page_models():
        is_one = issubclass(model, AbstractFeedbackPage) and model in allowed
        if is_one and issubclass(model, AbstractReviewRequestPage) == starter.is_review_request:
            return model if model.can_create_at(parent) else None
    return None


@transaction.atomic
def start_page(starter: Starter, parent: Any, program: Program, *, user: Any = None) -> Any:
    """A new draft below ``parent``, in its language, with all its questions. Nothing goes live.

    Raises ValueError where ``page_type`` finds none.
    """
    model = page_type(starter, parent)
    if model is None:
        raise ValueError("No form can be made below this page.")
    with translation.override(parent.locale.language_code):
        page = model(
            title=str(starter.title),
            introduction=f"<p>{starter.introduction}</p>",
            program=program,
            owner=user,
            live=False,
        )
        question = page.form_fields.model
        page.form_fields = [
            question(sort_order=place, **values) for place, values in enumerate(starter.questions())
        ]
        parent.add_child(instance=page)
    page.save_revision(user=user)
    log(instance=page, action="wagtail.create", user=user)
    return page
