"""The feedback inbox: who said what, found again by words, scores, tags and pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, Value
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, StatusTagColumn, TitleColumn

from ..coupons.models import Coupon
from ..feedback.case_models import OPEN_STATES, Case
from ..feedback.inbox_models import FeedbackTag
from ..feedback.models import FeedbackResponse, ResponseState
from ..feedback.questions import question_name, type_of
from ..feedback.ratings import FACES, Rating
from .bounded import BoundedPaginator
from .feedback_actions import (
    AddNoteView,
    DeleteResponseView,
    MarkSpamView,
    OpenCaseView,
    ReleaseView,
    TagView,
)
from .feedback_filters import FeedbackFilters
from .mentions import mention_facts
from .permissions import can_look, form_pages, policy_for
from .plain_export import PlainColumn, PlainExportMixin, Row, by_the_clock
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    moment,
)
from .saved_views import SavedViewsView, saved_views
from .search import of_person, words_q
from .words import user_name


def words(response: FeedbackResponse) -> str:
    """What somebody said in their own words: the longest of their answers."""
    return max(response.words.split("\n\n"), key=len)


def rating(response: FeedbackResponse) -> str:
    """What they gave: a score of ten, stars, or a smiley."""
    if response.score is not None:
        return str(response.score)
    if response.stars:
        return f"{response.stars}/{response.stars_of} ★"
    return face(response) or "–"


def face(response: FeedbackResponse) -> str:
    """What the smiley they chose is usually called; "" for none."""
    return said_face(response.csat)


def said_face(number: int | None) -> str:
    """The same, of its number."""
    return str(FACES[number - 1]) if number else ""


def said_state(state: str) -> str:
    """What a state is called."""
    return str(ResponseState(state).label)


def tag_names(response: FeedbackResponse) -> str:
    return ", ".join(sorted(tagged.tag.name for tagged in response.tagged.all()))


def standing(response: FeedbackResponse) -> str:
    """What is out of the ordinary: that it is held or spam, that there is an open case."""
    if response.state != ResponseState.RECEIVED:
        return str(response.get_state_display())
    return gettext("open case") if response.cases.all() else ""


class FeedbackIndexView(PlainExportMixin, RecordIndexView):
    template_name = "wagtail_referrals/admin/feedback.html"
    results_template_name = "wagtail_referrals/admin/feedback_results.html"
    paginator_class = BoundedPaginator
    search_hint = _("Words, a name, or the beginning of an e-mail")
    empty_text = _("Publish a feedback page and send its address to your customers.")
    filterset_class = FeedbackFilters
    plain_columns = (
        PlainColumn(_("Time"), "submit_time", by_the_clock),
        PlainColumn(_("E-mail"), "person__email"),
        PlainColumn(_("Name"), "person__name"),
        PlainColumn(_("Page"), "page__title"),
        PlainColumn(_("Program"), "program__name"),
        PlainColumn(_("Score"), "score"),
        PlainColumn(_("Stars"), "stars"),
        PlainColumn(_("Smiley"), "csat", said_face),
        PlainColumn(_("Source"), "source"),
        PlainColumn(_("State"), "state", said_state),
        PlainColumn(_("Tags"), Value("")),
        PlainColumn(_("Words"), "words"),
    )
    tags_at = 11

    @cached_property
    def may_change(self) -> bool:
        """Whether the user may do something about answers."""
        return bool(policy_for(FeedbackResponse).user_has_permission(self.request.user, "change"))

    @cached_property
    def may_bulk(self) -> bool:
        """Whether there is anything to do with many answers."""
        policy = policy_for(FeedbackResponse)
        return bool(policy.user_has_any_permission(self.request.user, ["change", "delete"]))

    def submissions_url(self, response: FeedbackResponse) -> str | None:
        if response.page_id not in form_pages(self.request.user):
            return None
        return reverse("wagtailforms:list_submissions", args=[response.page_id])

    @cached_property
    def columns(self) -> list[Any]:
        columns = [
            TitleColumn(
                "person",
                label=_("Person"),
                accessor=lambda row: row.person or _("Somebody"),
                url_name="referrals_feedback:inspect",
                get_title_id=lambda row: f"feedbackresponse_{row.pk}_title",
            ),
            Column("score", label=_("Score"), accessor=rating),
            Column(
                "words", label=_("Words"), accessor=lambda row: Truncator(words(row)).chars(120)
            ),
            StatusTagColumn("standing", label=_("Standing"), accessor=standing, primary=True),
            Column("tags", label=_("Tags"), accessor=tag_names),
            TitleColumn(
                "page",
                label=_("All answers on"),
                accessor="page.title",
                get_url=self.submissions_url,
            ),
            Column("source", label=_("Source")),
            MomentColumn("submit_time", label=_("Time"), sort_key="submit_time"),
        ]
        if self.may_bulk:
            checkbox = BulkActionsCheckboxColumn("bulk_actions", obj_type="feedbackresponse")
            columns.insert(0, checkbox)
        return columns

    def get_base_queryset(self) -> QuerySet:
        responses = super().get_base_queryset()
        tagged = FeedbackTag.objects.select_related("tag")
        still_open = Case.objects.filter(state__in=OPEN_STATES).order_by().only("response_id")
        if self.is_export:
            return responses
        # Not joined: what a search finds would be joined and sorted whole, for fifty rows of it.
        return responses.prefetch_related(
            "person", "page", Prefetch("tagged", tagged), Prefetch("cases", still_open)
        )

    def complete(self, rows: list[Row]) -> list[Row]:
        """With the names of their tags."""
        tags = FeedbackTag.objects.filter(content_object__in=[row[0] for row in rows])
        names: dict[int, list[str]] = defaultdict(list)
        for key, name in tags.order_by("tag__name").values_list("content_object", "tag__name"):
            names[key].append(name)
        for row in rows:
            if row[0] in names:
                row[self.tags_at] = ", ".join(names[row[0]])
        return rows

    def search_with(self, term: str) -> Q:
        return of_person("person", term) if "@" in term else words_q(term)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        query = self.request.GET.copy()
        for name in ("p", "export"):
            query.pop(name, None)
        address = reverse("referrals_feedback:views")
        context["saved_views"] = saved_views(self.request.user)
        context["save_url"] = f"{address}?{query.urlencode()}" if query else address
        context["index_address"] = reverse("referrals_feedback:index")
        return context


class FeedbackInspectView(RecordInspectView):
    related = ("person", "program", "page", "event", "coupon")
    object: FeedbackResponse

    def facts(self) -> Iterable[Fact]:
        response, page = self.object, self.object.page
        yield self.link(_("Person"), response.person)
        yield Fact(_("Score"), rating(response))
        yield Fact(_("Time"), moment(response.submit_time))
        yield Fact(_("Page"), page.title, reverse("wagtailforms:list_submissions", args=[page.pk]))
        yield Fact(_("State"), response.get_state_display())
        yield Fact(_("Source"), response.source or "–")
        if response.regular is not None:
            yield Fact(_("They are"), _("a regular") if response.regular else _("new here"))
        yield Fact(_("Tags"), tag_names(response) or "–")
        yield self.link(_("Program"), response.program)
        if can_look(self.request.user, Coupon):
            yield self.link(_("Coupon to hand on"), response.coupon)
        yield self.link(_("Event"), response.event)
        yield from mention_facts(self, response)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        response, policy = self.object, policy_for(FeedbackResponse)
        first = ReleaseView if response.state != ResponseState.RECEIVED else OpenCaseView
        buttons = {
            "release" if first is ReleaseView else "open_case": first.button_label,
            "note": AddNoteView.button_label,
            "tags": TagView.page_title,
        }
        if response.state != ResponseState.SPAM:
            buttons["spam"] = MarkSpamView.button_label
        for name, label in buttons.items():
            url = reverse(f"referrals_feedback:{name}", args=[response.pk])
            yield url, label, "" if name in ("release", "open_case") else "button-secondary"
        if policy.user_has_permission_for_instance(self.request.user, "delete", response):
            url = reverse("referrals_feedback:delete", args=[response.pk])
            yield url, DeleteResponseView.button_label, "serious"

    def sections(self) -> Iterable[Section]:
        response = self.object
        yield from answers_section(self, response)
        yield from self.records_section(
            Case,
            _("Cases"),
            response.cases.select_related("owner").order_by("-opened_at"),
            [
                (_("Because of"), lambda case: case.why),
                (_("State"), lambda case: case.get_state_display()),
                (_("Whose it is"), lambda case: user_name(case.owner) if case.owner else "–"),
                (_("Due"), lambda case: moment(case.due_at)),
            ],
            name="cases",
        )
        yield from self.section(
            _("Notes"),
            response.notes.select_related("user"),
            [
                (_("Note"), lambda note: note.text),
                (_("By"), lambda note: user_name(note.user) if note.user else "–"),
                (_("Time"), lambda note: moment(note.created_at)),
            ],
            name="notes",
            target=lambda row: None,
            whole=True,
        )
        yield from self._history()

    def _history(self) -> Iterable[Section]:
        """What else the same person said."""
        response = self.object
        if response.person is None:
            return
        others = FeedbackResponse.objects.filter(person=response.person).exclude(pk=response.pk)
        yield from self.records_section(
            FeedbackResponse,
            _("What they said at other times"),
            others.select_related("page", "person").order_by("-submit_time"),
            [
                (_("Time"), lambda row: moment(row.submit_time)),
                (_("Page"), lambda row: row.page.title),
                (_("Score"), rating),
                (_("Words"), lambda row: Truncator(words(row)).chars(120)),
            ],
            name="others",
        )


def answers_section(view: RecordInspectView, response: FeedbackResponse) -> Iterable[Section]:
    """What was asked and what was answered."""
    page = response.page.specific
    labels = dict(page.get_data_fields())
    questions = {question_name(question): question for question in page.get_form_fields()}
    answers = [
        (labels.get(name, name), shown(value, questions.get(name)))
        for name, value in response.form_data.items()
    ]
    yield from view.section(
        _("Answers"),
        answers,
        [(_("Question"), lambda row: row[0]), (_("Answer"), lambda row: row[1])],
        name="answers",
        target=lambda row: None,
        whole=True,
    )


def shown(answer: Any, question: Any = None) -> Any:
    """An answer as staff read it: of a rating, what its number is called."""
    kind = type_of(question) if question else None
    if isinstance(kind, Rating):
        called = {str(number): words for number, words in kind.row(question)}
        words = called.get(str(answer), "")
        if words and str(answer) not in words:
            return f"{answer} – {words}"
        answer = words or answer
    if isinstance(answer, bool):
        return _("yes") if answer else _("no")
    if isinstance(answer, list):
        return ", ".join(str(item) for item in answer)
    return "–" if answer in (None, "") else str(answer)


class FeedbackViewSet(RecordViewSet):
    model = FeedbackResponse
    icon = "form"
    menu_label = _("Feedback inbox")
    index_view_class = FeedbackIndexView
    inspect_view_class = FeedbackInspectView
    has_actions = True
    can_erase = True

    def get_urlpatterns(self) -> list[URLPattern]:
        views: Any = self.construct_view(SavedViewsView)
        actions = {
            "note": AddNoteView,
            "tags": TagView,
            "open_case": OpenCaseView,
            "release": ReleaseView,
            "spam": MarkSpamView,
            "delete": DeleteResponseView,
        }
        screens: dict[str, Any] = {
            name: self.construct_view(view) for name, view in actions.items()
        }
        return [
            *super().get_urlpatterns(),
            path("views/", views, name="views"),
            *(path(f"{name}/<int:pk>/", view, name=name) for name, view in screens.items()),
        ]
