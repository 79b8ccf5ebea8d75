"""Feedback: who said what, and the way to Wagtail's own list of a page's submissions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django_filters import RangeFilter
from wagtail.admin.filters import NumberRangeWidget
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.contrib.forms.utils import get_forms_for_user

from ..feedback.models import FeedbackResponse
from .mentions import mention_facts
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    filters_for,
    moment,
)
from .search import of_person


def words(response: FeedbackResponse) -> str:
    """What somebody said in their own words: the longest of their answers."""
    person = response.person
    known = {person.email, person.name} if person else set()
    said = [
        answer
        for answer in response.form_data.values()
        if isinstance(answer, str) and " " in answer.strip() and answer not in known
    ]
    return max(said, key=len, default="")


class FeedbackIndexView(RecordIndexView):
    related = ("person", "program", "page")
    exports = (
        (_("Time"), lambda row: row.submit_time),
        (_("E-mail"), lambda row: row.person.email if row.person else ""),
        (_("Name"), lambda row: row.person.name if row.person else ""),
        (_("Page"), lambda row: row.page.title),
        (_("Program"), lambda row: row.program.name if row.program else ""),
        (_("Score"), lambda row: row.score),
        (_("Words"), words),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("Publish a feedback page and send its address to your customers.")
    filterset_class = filters_for(
        FeedbackResponse,
        "submit_time",
        ["program"],
        score=RangeFilter(label=_("Score"), widget=NumberRangeWidget),
    )

    @cached_property
    def form_pages(self) -> set[int]:
        """The pages whose submissions this user may open."""
        return set(get_forms_for_user(self.request.user).values_list("pk", flat=True))

    def submissions_url(self, response: FeedbackResponse) -> str | None:
        if response.page_id not in self.form_pages:
            return None
        return reverse("wagtailforms:list_submissions", args=[response.page_id])

    @cached_property
    def list_display(self) -> list[Any]:
        return [
            TitleColumn(
                "person",
                label=_("Person"),
                accessor=lambda row: row.person or _("Somebody"),
                url_name="referrals_feedback:inspect",
            ),
            Column("score", label=_("Score")),
            Column(
                "words", label=_("Words"), accessor=lambda row: Truncator(words(row)).chars(120)
            ),
            TitleColumn(
                "page",
                label=_("All answers on"),
                accessor="page.title",
                get_url=self.submissions_url,
            ),
            Column("program", label=_("Program")),
            MomentColumn("submit_time", label=_("Time"), sort_key="submit_time"),
        ]

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class FeedbackInspectView(RecordInspectView):
    related = ("person", "program", "page", "event", "coupon")
    object: FeedbackResponse

    def facts(self) -> Iterable[Fact]:
        response = self.object
        yield self.link(_("Person"), response.person)
        yield Fact(_("Score"), response.score if response.score is not None else "–")
        yield Fact(_("Time"), moment(response.submit_time))
        page = response.page
        may_open = get_forms_for_user(self.request.user).filter(pk=page.pk).exists()
        url = reverse("wagtailforms:list_submissions", args=[page.pk]) if may_open else ""
        yield Fact(_("Page"), page.title, url)
        yield self.link(_("Program"), response.program)
        yield self.link(_("Coupon to hand on"), response.coupon)
        yield self.link(_("Event"), response.event)
        yield from mention_facts(self, response)

    def sections(self) -> Iterable[Section]:
        labels = dict(self.object.page.specific.get_data_fields())
        answers = [
            (labels.get(name, name), shown(value)) for name, value in self.object.form_data.items()
        ]
        yield from self.section(
            _("Answers"),
            answers,  # type: ignore[arg-type]
            [(_("Question"), lambda row: row[0]), (_("Answer"), lambda row: row[1])],
            name="answers",
            target=lambda row: None,
            whole=True,
        )


def shown(answer: Any) -> Any:
    """An answer as staff read it."""
    if isinstance(answer, bool):
        return _("yes") if answer else _("no")
    if isinstance(answer, list):
        return ", ".join(str(item) for item in answer)
    return "–" if answer in (None, "") else str(answer)


class FeedbackViewSet(RecordViewSet):
    model = FeedbackResponse
    icon = "form"
    index_view_class = FeedbackIndexView
    inspect_view_class = FeedbackInspectView
