"""What a rule waits for."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Demands, Options, Part, Registry, Span
from ..programs.money import amount_text
from ..referrals.models import Grade, Stage
from .facts import Facts
from .fair import UNFAIR_WORDS, is_unfair

PURCHASE, CLAIMED, GRADED = "purchase", "referral.claimed", "referral.graded"
INTRODUCED, WON = "introduction.received", "introduction.won"
# They take back what a purchase brought.
NEVER_ASKED = frozenset(["refund", "chargeback", "order.changed"])
ORDER: Demands = {"order": frozenset([True]), "referral": frozenset([True])}
NO_ORDER: Demands = {"order": frozenset([False])}


class Trigger(Part):
    """A kind of event, and which events of that kind."""

    event_kind: ClassVar[str] = ""
    # Who can get something for it: our messages have words for these.
    beneficiaries: ClassVar[tuple[str, ...]] = ("advocate", "friend")
    # Whose occasion it is that comes but once, "advocate" or "friend": what was sent back and
    # bought again is no second one.
    once: ClassVar[str] = ""

    def kind_of(self, options: Options) -> str:
        """The kind of event it is asked about."""
        return self.event_kind

    def happened(self, options: Options, facts: Facts) -> bool:
        """Whether this event is one it waits for."""
        return True


triggers: Registry[Trigger] = Registry("trigger")


@triggers.add
class FeedbackFinished(Trigger):
    key = event_kind = "feedback.submitted"
    label = _("somebody finished a feedback form")
    beneficiaries = ("hand_on",)

    def demands(self, options: Options) -> Demands:
        return {**NO_ORDER, "referral": frozenset([False])}


@triggers.add
class ReferralClaimed(Trigger):
    key = event_kind = CLAIMED
    label = _("a friend claimed the offer")

    def demands(self, options: Options) -> Demands:
        return NO_ORDER


@triggers.add
class FirstPurchase(Trigger):
    key = "first_purchase"
    event_kind = PURCHASE
    label = _("a friend bought for the first time")

    def happened(self, options: Options, facts: Facts) -> bool:
        return facts.event.is_first_purchase

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "purchase": Span(1, 1)}


@triggers.add
class AnyPurchase(Trigger):
    key = event_kind = PURCHASE
    label = _("a friend bought")

    def demands(self, options: Options) -> Demands:
        return ORDER


class NumberForm(forms.Form):
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=10_000)


@triggers.add
class NthPurchase(Trigger):
    key = "nth_purchase"
    event_kind = PURCHASE
    label = _("a friend bought for the n-th time")
    form_class = NumberForm
    once = "friend"

    def happened(self, options: Options, facts: Facts) -> bool:
        return facts.purchase_number == options["number"]

    def describe(self, options: Options) -> str:
        return gettext("a friend made purchase number %(number)d") % {"number": options["number"]}

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "purchase": Span(options["number"], options["number"])}


@triggers.add
class FriendsMilestone(Trigger):
    key = "friends_milestone"
    event_kind = PURCHASE
    label = _("a number of friends have bought")
    form_class = NumberForm
    beneficiaries = ("advocate",)
    once = "advocate"

    def happened(self, options: Options, facts: Facts) -> bool:
        reached: bool = facts.friends_converted == options["number"]
        return facts.event.is_first_purchase and reached

    def describe(self, options: Options) -> str:
        return gettext("%(number)d friends have bought") % {"number": options["number"]}

    def demands(self, options: Options) -> Demands:
        number = options["number"]
        return {**ORDER, "purchase": Span(1, 1), "friends": Span(number, number)}


class ValueForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        help_text=_("In the program's currency."),
    )


@triggers.add
class ValueMilestone(Trigger):
    key = "value_milestone"
    event_kind = PURCHASE
    label = _("friends have bought for an amount in all")
    form_class = ValueForm
    beneficiaries = ("advocate",)
    once = "advocate"

    def happened(self, options: Options, facts: Facts) -> bool:
        if facts.event.currency != facts.program.currency:
            return False
        goal = Decimal(options["amount"])
        return facts.friends_value - facts.amount < goal <= facts.friends_value

    def describe(self, options: Options) -> str:
        amount = amount_text(options["amount"], options.get("currency", ""))
        return gettext("friends have bought for %(amount)s in all") % {"amount": amount}

    def demands(self, options: Options) -> Demands:
        return {**ORDER, "currency": frozenset([options["currency"]])}


class GradeForm(forms.Form):
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices)


@triggers.add
class GradeReached(Trigger):
    key = "grade"
    event_kind = GRADED
    label = _("a referral reached a grade")
    form_class = GradeForm

    def happened(self, options: Options, facts: Facts) -> bool:
        reached: bool = facts.event.metadata.get("grade") == options["grade"]
        return reached

    def describe(self, options: Options) -> str:
        return gettext("a referral reached grade %(grade)s") % options

    def demands(self, options: Options) -> Demands:
        return {**NO_ORDER, "grade": frozenset([options["grade"]])}


class StageForm(forms.Form):
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)


@triggers.add
class StageReached(Trigger):
    key = "stage"
    label = _("a referral reached a stage")
    form_class = StageForm

    def kind_of(self, options: Options) -> str:
        return CLAIMED if options.get("stage") == Stage.CLAIMED else PURCHASE

    def happened(self, options: Options, facts: Facts) -> bool:
        return options["stage"] == Stage.CLAIMED or facts.event.is_first_purchase

    def describe(self, options: Options) -> str:
        stage = Stage(options["stage"]).label
        return gettext("a referral reached the stage “%(stage)s”") % {"stage": stage}

    def demands(self, options: Options) -> Demands:
        if options["stage"] == Stage.CLAIMED:
            return NO_ORDER
        return {**ORDER, "purchase": Span(1, 1)}


@triggers.add
class IntroductionReceived(Trigger):
    key = event_kind = INTRODUCED
    label = _("an introduction came in")

    def demands(self, options: Options) -> Demands:
        return NO_ORDER


@triggers.add
class IntroductionWon(Trigger):
    key = event_kind = WON
    label = _("an introduction was won")

    def demands(self, options: Options) -> Demands:
        # The amount it was won with stands for that of an order.
        return {"order": frozenset([True])}


@triggers.add
class SignUp(Trigger):
    key = event_kind = "sign_up"
    label = _("a friend signed up")


class KindForm(forms.Form):
    kind = forms.RegexField(
        label=_("Event kind"),
        regex=r"^[a-z0-9_.]{1,50}$",
        help_text=_("As your shop reports it: letters a-z, digits, dots, underscores."),
    )

    def clean_kind(self) -> str:
        kind = str(self.cleaned_data["kind"])
        if is_unfair(kind):
            raise forms.ValidationError(UNFAIR_WORDS)
        if kind in NEVER_ASKED:
            words = gettext("It changes a purchase that was there before: no rule is asked.")
            raise forms.ValidationError(words)
        return kind


@triggers.add
class OwnKind(Trigger):
    key = "own_kind"
    label = _("an event of our own came in")
    form_class = KindForm

    def kind_of(self, options: Options) -> str:
        return str(options.get("kind", ""))

    def happened(self, options: Options, facts: Facts) -> bool:
        return not is_unfair(facts.event.kind)

    def describe(self, options: Options) -> str:
        return gettext("“%(kind)s” came in") % options


def trigger_choices() -> list[tuple[str, str | Promise]]:
    """What a rule can wait for. A function, so that a new one makes no migration."""
    return triggers.choices()
