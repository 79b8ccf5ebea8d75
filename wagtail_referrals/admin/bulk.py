"""Something done with many rows of a list, a slice of them with each POST.

Without JavaScript somebody presses "Continue" after each slice; with it the page does. What a
slice has done is done: stopping in between leaves the rest as it was.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_comma_separated_integer_list
from django.db.models import Count, Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from ..exceptions import ReferralsError
from ..text import clean_line
from .actions import ReasonForm
from .permissions import policy_for
from .records import RecordIndexView, Text

# How many rows a screen names; more than a list's page can hold.
MOST_NAMED = 100


class ProgressForm(forms.Form):
    """How far it has come."""

    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    upto = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    total = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    done = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    refused = forms.CharField(
        required=False,
        max_length=20 * MOST_NAMED,
        validators=[validate_comma_separated_integer_list],
        widget=forms.HiddenInput,
    )


class BulkForm(ReasonForm, ProgressForm):
    """The reason, and how far it has come."""


class SlicedBulkAction(BulkAction):
    """One of Wagtail's bulk actions, for the rows a list shows or some that were ticked."""

    form_class: type[ProgressForm] = BulkForm
    template_name = "wagtail_referrals/admin/bulk.html"
    permission = "change"
    # What is needed to name a row.
    related: ClassVar[tuple[str, ...]] = ()
    slice_size = 500
    # Where a refusal is shown; None: above the form.
    error_field: str | None = "reason"
    button_class = ""
    icon = "list-ul"
    # The list it belongs to: its filters and its search say which rows "all" are.
    index_view: ClassVar[type[RecordIndexView]]
    question: Text
    explanation: Text
    done_words: Any

    def movable(self, rows: QuerySet) -> QuerySet:
        """Those it can be done with."""
        return rows

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        """Do it; the keys of those it was done with. A ReferralsError is shown with the form."""
        raise NotImplementedError

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy_for(self.model).user_has_permission(request.user, self.permission):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def allowed(self) -> QuerySet:
        """The rows the user may do it with."""
        policy = policy_for(self.model)
        rows: QuerySet = policy.instances_user_has_permission_for(
            self.request.user, self.permission
        )
        return rows

    def selected(self) -> QuerySet:
        """What was ticked, or all the list holds; of what the user may change."""
        asked = self.request.GET.getlist("id")
        if "all" in asked:
            return self._listed(self.allowed())
        keys = [int(key) for key in asked if key.isdecimal() and len(key) < 19]
        return self.allowed().filter(pk__in=keys)

    def _listed(self, rows: QuerySet) -> QuerySet:
        view = self.index_view
        filters = view.filterset_class(self.request.GET, queryset=rows, request=self.request)
        # The list shows all for a filter it does not understand. That is no basis to act on.
        if not filters.is_valid():
            return rows.none()
        term = clean_line(self.request.GET.get("q"), 255)
        found: QuerySet = filters.filter_queryset(rows)
        return found.filter(view().search_with(term)) if term else found

    def form_valid(self, form: Any) -> HttpResponse:
        seen = form.cleaned_data
        movable = self.movable(self.selected()).order_by("pk")
        if not seen["upto"]:
            # What comes in from now on was not on the screen.
            counted = movable.order_by().aggregate(upto=Max("pk"), total=Count("pk"))
            seen.update({key: value or 0 for key, value in counted.items()})
        rest = movable.filter(pk__gt=seen["after"] or 0, pk__lte=seen["upto"])
        rows = {row.pk: row for row in rest[: self.slice_size]}
        try:
            moved = self.act(list(rows.values()), seen)
        except ReferralsError as error:
            form.add_error(self.error_field, str(error))
            return self.form_invalid(form)
        refused = [key for key in seen["refused"].split(",") if key]
        refused += [str(key) for key in rows if key not in moved]
        seen["done"] = (seen["done"] or 0) + len(moved)
        seen["refused"] = ",".join(refused[:MOST_NAMED])
        if len(rows) == self.slice_size:
            return self._go_on({**seen, "after": max(rows)})
        return self._end(seen["done"], refused)

    def _go_on(self, progress: dict[str, Any]) -> HttpResponse:
        form = self.form_class(initial=progress)
        for field in form.fields.values():
            field.widget = field.hidden_widget()
        return self.render_to_response(self.get_context_data(form=form, progress=progress))

    def _end(self, done: int, refused: list[str]) -> HttpResponse:
        words = str(self.done_words % {"number": done})
        if not refused:
            messages.success(self.request, words)
            return redirect(self.next_url)
        keys = [int(key) for key in refused if key.isdecimal() and len(key) < 19]
        left = self.allowed().filter(pk__in=keys).select_related(*self.related)
        return self.render_to_response(
            self.get_context_data(form=None, result=words, refused=list(left))
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {
            "view": self,
            "next": self.next_url,
            "submit_url": f"{self.request.path}?{self.request.META['QUERY_STRING']}",
        }
        if "progress" not in kwargs and "result" not in kwargs:
            context.update(self.question_context())
        # The base's own would load and list all that was selected.
        return {**super(BulkAction, self).get_context_data(**kwargs), **context}

    def question_context(self) -> dict[str, Any]:
        """What the question names: how many, and the first of them."""
        movable = self.movable(self.selected())
        named = movable.select_related(*self.related).order_by("pk")[: MOST_NAMED // 5]
        return {"count": movable.order_by().count(), "named": list(named)}
