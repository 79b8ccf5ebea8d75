"""What is done with an experiment: begin, look early, end it, keep the winner, go back."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..exceptions import ReferralsError
from ..insights.experiment_plan import problems
from ..insights.experiments import (
    Result,
    count_now,
    keep_winner,
    look_early,
    result_of,
    start_experiment,
    stop_experiment,
    undo_winner,
)
from ..programs.experiment_models import Experiment, ExperimentState, Subject, Variant
from ..programs.models import Program
from ..programs.share_models import ShareText
from ..retention import retention_days
from .actions import ActionView, ReasonForm
from .experiment_words import problem_told, rate_told
from .links import admin_url
from .permissions import policy_for

# For so long a look early stays open, unless it is counted anew: then it is another look.
LOOK_SECONDS = 3600
_SALT = "wagtail_referrals.look_early"


def look_token(experiment: Experiment, user: Any) -> str:
    """What opens an experiment's result to one of the staff, for a while: as it is counted now."""
    return signing.dumps(_look(experiment, user), salt=_SALT)


def _look(experiment: Experiment, user: Any) -> list[Any]:
    until = experiment.counted_until
    return [experiment.pk, user.pk, until and until.astimezone(UTC).isoformat()]


def may_look(token: str, experiment: Experiment, user: Any) -> bool:
    """Whether somebody said before that they look early at this count, and that was noted."""
    if experiment.counted_until is None:
        return False
    try:
        found = signing.loads(token, salt=_SALT, max_age=LOOK_SECONDS)
    except signing.BadSignature:
        return False
    return bool(found == _look(experiment, user))


def may_show(user: Any, experiment: Experiment) -> bool:
    """Whether the user may change what a variant stands in for: a test is no way around that."""
    if experiment.subject == Subject.LANDING:
        page: Any = experiment.program.landing_page
        return page is None or bool(page.permissions_for_user(user).can_publish())
    if experiment.subject == Subject.SHARE_TEXT:
        return bool(policy_for(ShareText).user_has_permission(user, "add"))
    policy = policy_for(Program)
    return bool(policy.user_has_permission_for_instance(user, "change", experiment.program))


def words_stay(experiment: Experiment) -> str:
    """What to look at before another offer is shown; "" where no offer is put to the test."""
    if experiment.subject not in (Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER):
        return ""
    return gettext(
        "Terms, pages and texts to share that name the offer do not change with it: look at them."
    )


def words_out(experiment: Experiment) -> str:
    """What friends were told already and no end of a test takes back; "" where nothing is."""
    if experiment.subject != Subject.FRIEND_OFFER:
        return ""
    return gettext(
        "Mails, messages and cards that are out go on saying what was tested. Who opens such a "
        "link from now on gets what the page says then."
    )


def words_drafted(experiment: Experiment) -> str:
    """That no visitor sees words in the draft of a page that is not live; "" where it is."""
    page = experiment.program.landing_page
    if experiment.subject != Subject.LANDING or page is None or page.live:
        return ""
    return gettext("The landing page is not published: the words are written to its draft only.")


class ExperimentAction(ActionView):
    """The base of them: nothing is asked but whether it is meant."""

    model = Experiment
    related = ("program",)
    form_class = forms.Form
    header_icon = "tasks"
    object: Experiment

    def ask_permission(self) -> None:
        """Raises ReferralsError("not_permitted")."""
        if not may_show(self.request.user, self.object):
            raise ReferralsError("not_permitted")


class BeginView(ExperimentAction):
    page_title = button_label = _("Begin")
    success_message = _("It has begun.")

    @property
    def explanation(self) -> str:  # type: ignore[override]
        words = gettext(
            "From now on visitors see the variants, each advocate's visitors always the same one. "
            "What is measured, the weights and the variants do not change any more until it ends."
        )
        return f"{words} {words_stay(self.object)}".rstrip()

    def perform(self, reason: str) -> None:
        self.ask_permission()
        start_experiment(self.object, user=self.request.user, click_days=retention_days("clicks"))

    def told(self, error: ReferralsError) -> str | list[str]:
        """All that is missing, by variant and field."""
        if error.code != "incomplete":
            return super().told(error)
        variants = list(self.object.variants.select_related("offer"))
        found = problems(self.object, variants, click_days=retention_days("clicks"))
        return [str(error), *map(problem_told, found)]


class CountView(ExperimentAction):
    page_title = button_label = _("Count now")
    explanation = _(
        "It is counted once an hour by itself. If this count finds that enough have come, or is "
        "the one after the planned end, it decides."
    )
    success_message = _("It is counted.")

    def perform(self, reason: str) -> None:
        count_now(self.object)


class LookView(ExperimentAction):
    page_title = _("Look early")
    button_label = _("Look all the same")
    explanation = _(
        "Each look before the planned end makes it likelier to take chance for a difference: who "
        "looks five times and stops at the first that is “significant” is wrong in 14 of 100 "
        "tests instead of 5 (Armitage, McPherson and Rowe 1969). The look is counted and shown "
        "beside the result."
    )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            look_early(self.object, user=self.request.user)
        except ReferralsError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        self.object.refresh_from_db(fields=["counted_until"])
        token = look_token(self.object, self.request.user)
        return redirect(f"{admin_url(self.object)}?{urlencode({'look': token})}")


class StopView(ExperimentAction):
    page_title = button_label = _("End it without a winner")
    form_class = ReasonForm
    button_class = "no"
    success_message = _("It has ended.")

    @property
    def explanation(self) -> str:  # type: ignore[override]
        words = gettext("Everybody sees again what was before. The result stays readable.")
        return f"{words} {words_out(self.object)}".rstrip()

    def perform(self, reason: str) -> None:
        stop_experiment(self.object, user=self.request.user, reason=reason)


class VariantField(forms.ModelChoiceField):
    """Variants, each with its rate where that may be seen."""

    # What is said of them, by key.
    told: dict[int, str]

    def label_from_instance(self, variant: Any) -> str:
        return self.told.get(variant.pk, variant.name)


class KeepForm(forms.Form):
    """Which of them."""

    variant: Any = VariantField(
        label=_("From now on everybody gets"),
        queryset=Variant.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )


class KeepView(ExperimentAction):
    page_title = _("Keep the winner")
    button_label = _("Keep it")
    form_class = KeepForm

    @property
    def success_message(self) -> str:  # type: ignore[override]
        kept = gettext("It is kept: from now on everybody gets it.")
        stays = self.form_values["variant"].is_control
        return kept if stays else words_drafted(self.object) or kept

    @cached_property
    def result(self) -> Result:
        return result_of(self.object)

    @property
    def may_see(self) -> bool:
        """Whether rates are no early look any more."""
        return self.result.is_complete or self.object.state == ExperimentState.ENDED

    @property
    def explanation(self) -> str:  # type: ignore[override]
        words = gettext(
            "The experiment ends, and everybody gets what you choose. What was promised to "
            "somebody already stays promised. You can go back later."
        )
        more = (words_stay(self.object), words_out(self.object), words_drafted(self.object))
        words = " ".join(filter(None, (words, *more)))
        if self.result.is_complete:
            return words
        if self.result.is_over:
            return f"{words} " + gettext("The count that decides is not made yet: it is made now.")
        return f"{words} " + gettext(
            "Its plan is not complete yet: what looks like a winner may be chance."
        )

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        choice: Any = form.fields["variant"]
        choice.told = {arm.variant.pk: rate_told(arm) for arm in self.result.arms if self.may_see}
        choice.queryset = self.object.variants.filter(weight__gt=0)
        winner = self.result.winner
        choice.initial = winner and winner.pk
        return form

    def perform(self, reason: str) -> None:
        self.ask_permission()
        user: Any = self.request.user
        keep_winner(self.object, self.form_values["variant"], user=user)


class UndoView(ExperimentAction):
    page_title = button_label = _("Go back to how it was")

    @property
    def explanation(self) -> str:  # type: ignore[override]
        words = gettext("Everybody gets again what was before the experiment.")
        return f"{words} {words_drafted(self.object)}".rstrip()

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return words_drafted(self.object) or gettext("It is as it was before.")

    def perform(self, reason: str) -> None:
        self.ask_permission()
        user: Any = self.request.user
        undo_winner(self.object, user=user)


ACTIONS: dict[str, type[ExperimentAction]] = {
    "start": BeginView,
    "look": LookView,
    "count": CountView,
    "stop": StopView,
    "keep": KeepView,
    "undo": UndoView,
}
