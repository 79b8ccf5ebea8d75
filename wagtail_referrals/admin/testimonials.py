"""Testimonials: editing for length, moderation and publishing are Wagtail's own, for snippets.

Words come with an answer and its permission: nothing can be added, copied or deleted here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList, Panel, PublishingPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)
from wagtail.snippets.views.snippets import HistoryView, SnippetViewSet

from ..feedback.testimonial_models import Testimonial, public
from .permissions import LOOK, can_look, policy_for, visible
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    Section,
    Text,
    filters_for,
    moment,
)
from .search import of_person

# What can be done with one; the names of Wagtail's own addresses.
SCREENS = frozenset(
    [
        *("list", "list_results", "edit", "inspect", "history", "history_results", "unpublish"),
        *("preview_on_edit", "revisions_view", "revisions_revert", "revisions_compare"),
        *("revisions_unschedule", "workflow_action", "collect_workflow_action_data"),
        *("confirm_workflow_cancellation", "workflow_history", "workflow_history_detail"),
        "workflow_preview",
    ]
)


class PermissionPanel(Panel):
    """What was allowed and how it was said at first, beside what an editor makes of it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/testimonial_permission.html"

        class Media:
            css: ClassVar[dict[str, list[str]]] = {"all": ["wagtail_referrals/admin/admin.css"]}

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "testimonial": self.instance}


class TestimonialIndexView(RecordIndexView):
    related = ("person", "program", "consent", "response")
    exports = (
        (_("Given"), lambda row: row.created_at),
        (_("Shown as"), lambda row: row.byline),
        (_("Words"), lambda row: row.words),
        (_("As they were written"), lambda row: row.original),
        (_("Permission"), lambda row: row.consent.wording),
        (_("Version"), lambda row: row.consent.version),
        (_("State"), lambda row: row.state_words),
        (_("Program"), lambda row: row.program.name if row.program else ""),
    )
    search_hint = _("Beginning of an e-mail or a name")
    empty_text = _("Ask for a permission to publish on a feedback page or a review request.")
    filterset_class = filters_for(Testimonial, "created_at", ["program", "live", "scope"])

    @cached_property
    def list_display(self) -> list[Any]:
        return [
            TitleColumn(
                "byline",
                label=_("Shown as"),
                accessor=lambda row: row.byline,
                get_url=self.own_url,
                width="20%",
            ),
            Column("words", label=_("Words"), accessor=lambda row: Truncator(row.words).chars(120)),
            Column("state", label=_("State"), accessor=lambda row: row.state_words),
            Column("program", label=_("Program")),
            MomentColumn("created_at", label=_("Given"), sort_key="created_at"),
        ]

    @cached_property
    def may_change(self) -> bool:
        return bool(policy_for(Testimonial).user_has_permission(self.request.user, "change"))

    def own_url(self, testimonial: Testimonial) -> str:
        """Where it is edited, or where it can be looked at."""
        screen = "edit" if self.may_change and not testimonial.bar else "inspect"
        return reverse(f"referrals_testimonials:{screen}", args=[testimonial.pk])

    def search_with(self, term: str) -> Q:
        return of_person("person", term)


class TestimonialInspectView(RecordInspectView):
    related = ("person", "program", "consent", "response")
    object: Testimonial

    def facts(self) -> Iterable[Fact]:
        testimonial = self.object
        yield Fact(_("State"), testimonial.state_words)
        yield Fact(_("Shown as"), testimonial.byline)
        yield Fact(_("Words"), testimonial.words or "–")
        if testimonial.is_shortened:
            yield Fact(_("As they were written"), testimonial.original or "–")
        yield Fact(_("Permission"), testimonial.consent.wording)
        yield Fact(_("Version"), testimonial.consent.version)
        yield Fact(_("Given"), moment(testimonial.consent.given_at))
        if testimonial.is_withdrawn:
            yield Fact(_("Withdrawn"), moment(testimonial.consent.withdrawn_at))
        yield Fact(_("Retires"), moment(testimonial.expire_at) or "–")
        yield self.link(_("Person"), testimonial.person)
        yield self.link(_("Feedback"), testimonial.response)
        yield self.link(_("Program"), testimonial.program)

    def looks(self) -> Iterable[tuple[str, Text]]:
        if self.may_change and not self.object.bar:
            yield reverse("referrals_testimonials:edit", args=[self.object.pk]), _("Edit")

    def sections(self) -> Iterable[Section]:
        yield from self.log_section()


class TestimonialHistoryView(HistoryView):
    """For who may look only, too, as in our other parts."""

    any_permission_required = LOOK


class PublicWordsMixin:
    """Who sees testimonials chooses among those that may be seen by everybody."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_look(request.user, Testimonial):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_object_list(self: Any) -> QuerySet:
        return visible(self.request.user, public())

    def get_object(self: Any, pk: str) -> Testimonial:
        found: Testimonial = get_object_or_404(self.get_object_list(), pk=_key(pk))
        return found

    def get_objects(self: Any, pks: list[str]) -> QuerySet:
        return self.get_object_list().filter(pk__in=[_key(pk) for pk in pks])


def _key(text: Any) -> int:
    """A key from an address; 0, which nothing has, for what is none."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


RESULTS = "wagtailadmin/generic/chooser/results.html"


class ChoosePublic(PublicWordsMixin, ChooseView):
    results_template_name = RESULTS


class ChoosePublicResults(PublicWordsMixin, ChooseResultsView):
    results_template_name = RESULTS


class ChosenPublic(PublicWordsMixin, SnippetChosenView):
    pass


class ChosenPublicMultiple(PublicWordsMixin, SnippetChosenMultipleView):
    pass


class NoBulkDelete(DeleteBulkAction):
    """Words stay with their permission. Wagtail offers to delete any snippets; not these."""

    models = [Testimonial]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise PermissionDenied


class TestimonialChooserViewSet(SnippetChooserViewSet):
    choose_view_class = ChoosePublic
    choose_results_view_class = ChoosePublicResults
    chosen_view_class = ChosenPublic
    chosen_multiple_view_class = ChosenPublicMultiple

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class TestimonialViewSet(SnippetViewSet):
    model = Testimonial
    icon = "comment-add"
    url_namespace = "referrals_testimonials"
    url_prefix = "referrals/testimonials"
    chooser_base_url_path = "referrals/testimonials/choose"
    chooser_viewset_class = TestimonialChooserViewSet
    index_view_class = TestimonialIndexView
    index_results_template_name = TestimonialIndexView.results_template_name
    inspect_view_class = TestimonialInspectView
    inspect_view_enabled = True
    history_view_class = TestimonialHistoryView
    copy_view_enabled = False
    add_to_reference_index = False
    # It stands in our own group of the menu.
    menu_item_is_registered = True
    list_per_page = 50
    export_filename = "testimonials"
    edit_handler = ObjectList(
        [PermissionPanel(heading=_("Permission")), FieldPanel("words"), PublishingPanel()]
    )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = ("add", "delete", "copy", "usage", "reorder")
        without = {f"{name}_url_name": None for name in names}
        common: dict[str, Any] = super().get_common_view_kwargs(**{**kwargs, **without})
        return {**common, **without}

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        view_kwargs: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        # How it searches and what it exports is in the view's class.
        for name in ("search_fields", "search_backend_name", "list_export", "export_headings"):
            view_kwargs.pop(name, None)
        return view_kwargs

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = [
            URLPattern(
                pattern.pattern,
                of_visible(pattern.callback, Testimonial),
                pattern.default_args,
                pattern.name,
            )
            for pattern in super().get_urlpatterns()
            if pattern.name in SCREENS
        ]
        # The list by the name it has in our other parts.
        return [*kept, path("", self.index_view, name="index")]


def of_visible(view: Callable[..., Any], model: type[Model]) -> Callable[..., Any]:
    """Wagtail's screens of one object, of those only whose program the user sees."""

    @functools.wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "pk" in kwargs and request.user.is_authenticated:
            if not can_look(request.user, model):
                raise PermissionDenied
            seen = visible(request.user, model._default_manager.all())
            if not seen.filter(pk=_key(kwargs["pk"])).exists():
                raise Http404
        return view(request, *args, **kwargs)

    return kept
