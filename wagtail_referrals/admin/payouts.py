"""Payouts: what is due, lists for whoever pays, and their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django_filters import ModelChoiceFilter
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..coupons.codes import LINK_LENGTH, code_key
from ..programs.access import visible_programs
from ..programs.models import Program
from ..programs.money import CENT, format_money
from ..programs.offers import MONEY_KINDS
from ..rewards.models import Reward
from ..rewards.payout_files import read_answer
from ..rewards.payout_models import Payout, PayoutRun, PayoutState
from ..rewards.payouts import BadAnswers, answer_payouts, export_payouts
from .bounded import BoundedPaginator
from .line_errors import add_line_errors
from .links import list_url
from .permissions import in_program_of, policy_for, visible
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Text,
    filters_for,
    moment,
)
from .search import of_person

LARGEST_FILE = 10_000_000

in_program_of(Payout, "reward")


def amount(payout: Payout) -> str:
    """What is to be paid; until it is on a list, what the reward is worth."""
    if payout.reward.kind not in MONEY_KINDS:
        return ""
    due = payout.state == PayoutState.DUE
    return format_money(payout.reward.balance if due else payout.amount, payout.currency)


def _amount_cell(payout: Payout) -> Any:
    if payout.reward.kind not in MONEY_KINDS:
        return None
    return payout.reward.balance if payout.state == PayoutState.DUE else payout.amount


def _of_program() -> ModelChoiceFilter:
    return ModelChoiceFilter(
        field_name="reward__program",
        queryset=lambda request: visible_programs(request.user),
        label=_("Program"),
    )


def _on_list() -> ModelChoiceFilter:
    def lists(request: Any) -> QuerySet:
        payouts = visible(request.user, Payout.objects.order_by())
        return PayoutRun.objects.filter(pk__in=payouts.values("run"))

    return ModelChoiceFilter(field_name="run", queryset=lists, label=_("List"))


class PayoutIndexView(RecordIndexView):
    related = ("reward__person", "reward__program", "run")
    paginator_class = BoundedPaginator
    template_name = "wagtail_referrals/admin/payouts.html"
    results_template_name = "wagtail_referrals/admin/payouts_results.html"
    list_display = [
        TitleColumn("number", label=_("Number"), url_name="referrals_payouts:inspect"),
        Column("person", label=_("Person"), accessor="reward.person"),
        Column("what", label=_("What"), accessor="reward.headline"),
        Column("amount", label=_("Amount"), accessor=amount),
        Column("program", label=_("Program"), accessor="reward.program"),
        StatusTagColumn(
            "get_state_display",
            label=_("State"),
            primary=lambda row: row.state == PayoutState.DUE,
        ),
        Column("problem", label=_("Problem")),
        Column("run", label=_("List")),
        MomentColumn("created_at", label=_("Due since"), sort_key="created_at"),
    ]
    # With the columns that the answer fills in: a list is its own form.
    exports = (
        (_("Number"), lambda row: row.number),
        (_("E-mail"), lambda row: row.reward.person.email),
        (_("Name"), lambda row: row.reward.person.name),
        (_("What"), lambda row: row.reward.headline),
        (_("Amount"), _amount_cell),
        (_("Currency"), lambda row: row.currency),
        (_("Program"), lambda row: row.reward.program.name),
        (_("Due since"), lambda row: row.created_at),
        # An old answer is told from one to the list that a payout is on now.
        (_("List"), lambda row: row.run_id),
        (_("Result"), lambda row: gettext("paid") if row.state == PayoutState.PAID else ""),
        (_("Reference"), lambda row: row.reference),
        (_("Problem"), lambda row: row.problem),
    )
    search_hint = _("Number, e-mail or name")
    empty_text = _("Cash, donations and what else you hand over yourselves is listed here.")
    filterset_class = filters_for(
        Payout, "created_at", ["state"], run=_on_list(), program=_of_program()
    )

    def search_with(self, term: str) -> Q:
        found = Q(reward__in=_rewards_of(term))
        key = code_key(term.upper().removeprefix("P-"), LINK_LENGTH)
        return found | Q(number_key=key) if key else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        payouts = policy_for(Payout)
        context["due"] = _due(visible(self.request.user, Payout.objects.all()))
        context["may_pay"] = payouts.user_has_permission(self.request.user, "change")
        return context


def _rewards_of(term: str) -> QuerySet:
    return Reward.objects.filter(of_person("person", term)).order_by().values("pk")


def _due(payouts: QuerySet[Payout]) -> list[tuple[int, str]]:
    """How many payouts are due and what they come to, currency by currency."""
    rows = payouts.filter(state=PayoutState.DUE).order_by("currency").values("currency")
    return [
        (
            row["count"],
            format_money((row["sum"] or CENT * 0).quantize(CENT), row["currency"])
            if row["currency"]
            else "",
        )
        for row in rows.annotate(count=Count("pk"), sum=Sum("reward__balance"))
    ]


class PayoutInspectView(RecordInspectView):
    related = ("reward__person", "reward__program", "run")
    object: Payout

    def facts(self) -> Iterable[Fact]:
        payout = self.object
        due = payout.state == PayoutState.DUE
        yield Fact(_("State"), payout.get_state_display(), status="primary" if due else "secondary")
        yield Fact(_("What"), payout.reward.headline)
        yield Fact(_("Amount"), amount(payout) or "–")
        yield self.link(_("Person"), payout.reward.person)
        yield self.link(_("Reward"), payout.reward)
        yield self.link(_("Program"), payout.reward.program)
        yield Fact(_("Due since"), moment(payout.created_at))
        if payout.run:
            yield Fact(_("List"), payout.run, f"{list_url(Payout)}?run={payout.run_id}")
        if payout.paid_at:
            yield Fact(_("Paid at"), moment(payout.paid_at))
        yield Fact(_("Reference"), payout.reference or "–")
        yield Fact(_("Problem"), payout.problem or "–")


class PayoutsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """A screen about many payouts."""

    permission_required = "change"
    template_name = "wagtail_referrals/admin/upload.html"
    header_icon = "download"
    explanation: Text = ""
    button_label: Text = ""

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Payout)

    def payouts(self) -> QuerySet[Payout]:
        """Those the user may change."""
        rows: QuerySet[Payout] = self.permission_policy.instances_user_has_permission_for(
            self.request.user, "change"
        )
        return rows

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(Payout._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Payout), "label": plural},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=list_url(Payout), **kwargs)


class ListForm(forms.Form):
    """Of which program."""

    program = forms.ModelChoiceField(
        label=_("Program"),
        queryset=Program.objects.none(),
        required=False,
        empty_label=_("all programs"),
    )


class ExportPayoutsView(PayoutsView):
    """Puts what is due on one list, to be downloaded as often as needed."""

    page_title = button_label = _("Make a list of what is due")
    form_class = ListForm
    explanation = _(
        "What is due goes on one list, and on no other one. Download it, have it paid, fill in the "
        "columns “Result” (paid or failed) and “Reference”, and import it as the answer."
    )

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["program"].queryset = visible_programs(self.request.user)
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        program = form.cleaned_data["program"]
        payouts = self.payouts()
        if program:
            payouts = payouts.filter(reward__program=program)
        run = export_payouts(payouts, user=self.request.user)
        if run is None:
            form.add_error(None, gettext("Nothing is due."))
            return self.form_invalid(form)
        words = gettext("The list is made. Download it here as XLSX or CSV, as often as you need.")
        messages.success(self.request, words)
        return redirect(f"{list_url(Payout)}?run={run.pk}")


class AnswerForm(forms.Form):
    """The list as it came back."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("The list with its columns “Result” and “Reference” filled in, CSV or XLSX."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 10 MB."))
        return file


class AnswerPayoutsView(PayoutsView):
    """Notes what was paid, and says line by line what was not."""

    page_title = button_label = _("Import the answer")
    header_icon = "upload"
    form_class = AnswerForm
    explanation = _(
        "If a line has to be mended, nothing is noted, and every such line is named. What failed "
        "is due again. Importing the same file twice pays nothing twice."
    )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            lines = read_answer(form.cleaned_data["file"].read())
            answered = answer_payouts(lines, payouts=self.payouts(), user=self.request.user)
        except BadAnswers as bad:
            add_line_errors(form, "file", bad.errors)
            return self.form_invalid(form)
        paid, failed, known = map(len, (answered.paid, answered.failed, answered.known))
        words = [ngettext("%(count)d was paid.", "%(count)d were paid.", paid) % {"count": paid}]
        if known:
            words.append(gettext("%(count)d were known before.") % {"count": known})
        if not failed:
            messages.success(self.request, " ".join(words))
            return redirect(list_url(Payout))
        words.append(ngettext("%(count)d failed.", "%(count)d failed.", failed) % {"count": failed})
        self.template_name = "wagtail_referrals/admin/payouts_answered.html"
        context = self.get_context_data(words=" ".join(words), failed=answered.failed)
        return self.render_to_response(context)


class PayoutViewSet(RecordViewSet):
    model = Payout
    icon = "download"
    index_view_class = PayoutIndexView
    inspect_view_class = PayoutInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        views: dict[str, Any] = {"export": ExportPayoutsView, "answer": AnswerPayoutsView}
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/", view.as_view(), name=name) for name, view in views.items()),
        ]
