"""What is wrong with a rule, said by the field that has to be mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from ..exceptions import InvalidInput
from ..parts import Demands, Options, Part, Registry, Span, disagree
from ..programs.money import clean_amount
from ..programs.offers import MONEY_KINDS, Offer, OfferKind
from .conditions import conditions
from .fair import is_unfair
from .formulas import formulas
from .fulfilment import fulfilments
from .limits import MEASURES, PER, PERIODS
from .rule_models import Approval, Beneficiary, Match, RewardRule, RuleEffect, RuleState
from .triggers import PURCHASE, triggers

# The name of a field in the rule's form, and what is wrong with it.
Problem = tuple[str, str]


class Chosen(NamedTuple):
    """A part of a rule, the field that names it, and what it says and demands."""

    field: str
    said: str
    demands: Demands
    # "" for what always has to be so, "conditions", or who gets it.
    of: str


MOST_ROWS = 30


def check_rule(rule: RewardRule, effects: Sequence[RuleEffect]) -> None:
    """Raise ValidationError when a rule cannot mean what it says; ``rule.program`` is there.

    Its keys are the names of fields of the form: ``ends_at``, ``conditions-0-part``,
    ``conditions-0-options-at_least``, ``limits-1-most``, ``advocate-options-percent``.
    """
    chosen, problems = _parts(rule, effects)
    problems += chain(
        _contradictions(rule, chosen) if not problems else (),
        _uncounted(rule, effects) if not problems else (),
        _times(rule),
        _approval(rule),
        _beneficiaries(rule, effects),
        chain.from_iterable(_offer(rule, effect) for effect in effects),
        _limits(rule, effects),
        _group(rule),
    )
    if problems:
        errors: dict[str, list[str]] = {}
        for field, words in problems:
            errors.setdefault(field, []).append(words)
        raise ValidationError(errors)


def _parts(rule: RewardRule, effects: Sequence[RuleEffect]) -> tuple[list[Chosen], list[Problem]]:
    """The rule's parts, as far as they are there, and what their own forms say."""
    chosen: list[Chosen] = []
    problems: list[Problem] = []
    for registry, key, options, field, prefix in _named(rule, effects):
        part: Part | None = registry.get(key)
        if part is None:
            problems.append((field, gettext("“%(part)s” is not installed here.") % {"part": key}))
            continue
        if registry is conditions and is_unfair(key):
            problems.append((field, gettext("No rule may look at what somebody thinks of you.")))
        wrong = list(_of_form(part, options, field, prefix))
        problems += wrong
        if not wrong:
            options = {"currency": rule.program.currency, **options}
            of = "" if registry is triggers else prefix.partition("-")[0]
            chosen.append(Chosen(field, part.describe(options), part.demands(options), of))
    return chosen, problems


def _named(
    rule: RewardRule, effects: Sequence[RuleEffect]
) -> Iterator[tuple[Registry[Any], str, Options, str, str]]:
    """Each part's registry, key and options, its field and the prefix of its own fields."""
    yield triggers, rule.trigger, rule.trigger_options, "trigger", "trigger-options"
    for row, stored in enumerate(rule.conditions):
        name = f"conditions-{row}"
        options = stored.get("options", {})
        yield conditions, stored.get("key", ""), options, f"{name}-part", f"{name}-options"
    for effect in effects:
        name = effect.beneficiary
        if effect.formula:
            options = effect.formula_options
            yield formulas, effect.formula, options, f"{name}-what", f"{name}-options"
        if effect.fulfilment:
            options = effect.fulfilment_options
            yield fulfilments, effect.fulfilment, options, f"{name}-fulfilment", f"{name}-way"


def _of_form(part: Part, options: Options, field: str, prefix: str) -> Iterator[Problem]:
    try:
        part.clean(options)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            whole = name in (NON_FIELD_ERRORS, "__all__")
            for message in messages:
                yield (field if whole else f"{prefix}-{name}"), message


def _contradictions(rule: RewardRule, chosen: list[Chosen]) -> Iterator[Problem]:
    """Parts of which each would be met, but never by the same event."""
    dates = Chosen("", gettext("the rule's dates"), _window(rule), "")
    told = [dates, *chosen]
    for position, one in enumerate(told):
        for other in told[:position]:
            if not _together(rule, one, other) or not disagree(one.demands, other.demands):
                continue
            words = gettext("This and “%(other)s” can never be true together.")
            yield one.field, words % {"other": other.said}
            break


def _together(rule: RewardRule, one: Chosen, other: Chosen) -> bool:
    """Whether both have to be so: not alternatives, nor what two different people get."""
    if not one.of or not other.of:
        return True
    if "conditions" in (one.of, other.of):
        return rule.match == Match.ALL
    return one.of == other.of


def _window(rule: RewardRule) -> Demands:
    days = [at and timezone.localtime(at).date() for at in (rule.starts_at, rule.ends_at)]
    return {"day": Span(*days)} if any(days) else {}


def _times(rule: RewardRule) -> Iterator[Problem]:
    if rule.starts_at and rule.ends_at and rule.ends_at <= rule.starts_at:
        yield "ends_at", gettext("The end has to be after the start.")


def _approval(rule: RewardRule) -> Iterator[Problem]:
    if rule.approval == Approval.ABOVE and rule.approval_above is None:
        yield "approval_above", gettext("Say above which amount.")


def _beneficiaries(rule: RewardRule, effects: Sequence[RuleEffect]) -> Iterator[Problem]:
    if not effects:
        yield NON_FIELD_ERRORS, gettext("Say who gets what: nobody gets anything yet.")
    trigger = triggers.get(rule.trigger)
    for effect in effects:
        if trigger and effect.beneficiary not in trigger.beneficiaries:
            words = gettext("When this happens, %(who)s can get nothing.")
            yield (
                f"{effect.beneficiary}-what",
                words % {"who": Beneficiary(effect.beneficiary).label},
            )


def _offer(rule: RewardRule, effect: RuleEffect) -> Iterator[Problem]:
    if effect.formula:
        if effect.kind not in MONEY_KINDS:
            yield f"{effect.beneficiary}-kind", gettext("A formula gives an amount of money.")
        return
    field = f"{effect.beneficiary}-offer"
    effect.rule = rule
    offer = effect.effective_offer()
    if offer is None:
        yield field, gettext("The program has no offer for this: choose one.")
    elif offer.currency and offer.currency != rule.program.currency:
        words = gettext("This offer is in %(offer)s, the program in %(program)s.")
        yield field, words % {"offer": offer.currency, "program": rule.program.currency}
    elif _never_usable(rule, effect, offer):
        words = gettext("The friend has bought by then: “%(offer)s” is for new customers only.")
        yield field, words % {"offer": offer}
    way = offer and (effect.fulfilment or offer.fulfilment)
    if offer and offer.kind == OfferKind.PERCENT and way == "payout":
        field = f"{effect.beneficiary}-fulfilment" if effect.fulfilment else field
        yield field, gettext("A percentage cannot be paid out.")


def _never_usable(rule: RewardRule, effect: RuleEffect, offer: Offer) -> bool:
    """Whether it would come after a purchase, to somebody who must not have bought before."""
    trigger = triggers.get(rule.trigger)
    if trigger is None or effect.beneficiary != Beneficiary.FRIEND:
        return False
    after_purchase = trigger.kind_of(rule.trigger_options) == PURCHASE
    return after_purchase and (offer.first_order_only or offer.new_customers_only)


def _limits(rule: RewardRule, effects: Sequence[RuleEffect]) -> Iterator[Problem]:
    seen = set()
    for row, stored in enumerate(rule.limits):
        prefix = f"limits-{row}"
        for name, known in (("per", PER), ("period", PERIODS), ("measure", MEASURES)):
            if stored.get(name) not in known:
                yield f"{prefix}-{name}", gettext("Choose one of the list.")
        problem = _most(stored) or _no_money(stored, effects)
        if problem:
            yield f"{prefix}-most", problem
        same = tuple(stored.get(name) for name in ("per", "period", "measure"))
        if same in seen:
            yield f"{prefix}-most", gettext("There is such a limit already.")
        seen.add(same)


def _most(stored: dict[str, Any]) -> str:
    try:
        most = clean_amount(stored.get("most", ""))
    except InvalidInput:
        return gettext("Enter a number.")
    if most <= 0:
        return gettext("At least something: pause the rule to give nothing.")
    if stored.get("measure") == "count" and most != most.to_integral_value():
        return gettext("Enter a whole number of rewards.")
    return ""


def _no_money(stored: dict[str, Any], effects: Sequence[RuleEffect]) -> str:
    """A limit of money on a rule that gives none would never be reached."""
    if stored.get("measure") != "amount":
        return ""
    offers = [None if effect.formula else effect.effective_offer() for effect in effects]
    if not effects or any(offer is None or offer.kind in MONEY_KINDS for offer in offers):
        return ""
    return gettext("This rule gives no amounts of money: limit the number of rewards.")


def _uncounted(rule: RewardRule, effects: Sequence[RuleEffect]) -> Iterator[Problem]:
    """Under a limit in money nothing is given in another currency than the program's."""
    amounts = [row for row, stored in enumerate(rule.limits) if stored.get("measure") == "amount"]
    own = rule.program.currency
    for effect in effects:
        formula = formulas.get(effect.formula)
        given = formula.currencies(effect.formula_options) if formula else frozenset()
        told = {"others": ", ".join(sorted(given - {own})), "own": own}
        if not told["others"]:
            continue
        for row in amounts:
            words = gettext(
                "It counts %(own)s only, so that nothing could be given in %(others)s: "
                "limit the number of rewards."
            )
            yield f"limits-{row}-most", words % told
        if rule.program.budget_amount is not None:
            words = gettext(
                "The program's budget counts %(own)s only, so that nothing could be given in "
                "%(others)s: give the program a budget in rewards instead, or leave them out."
            )
            yield f"{effect.beneficiary}-what", words % told


def _group(rule: RewardRule) -> Iterator[Problem]:
    """All rules of a group have to agree on which of them counts."""
    if not rule.exclusive_group:
        return
    others = RewardRule.objects.filter(
        program=rule.program_id, exclusive_group=rule.exclusive_group
    ).exclude(state=RuleState.ARCHIVED)
    other = others.exclude(pk=rule.pk).exclude(exclusive_by=rule.exclusive_by).first()
    if other:
        words = gettext("In this group, “%(rule)s” says “%(what)s”. All of a group say the same.")
        yield "exclusive_by", words % {"rule": other.name, "what": other.get_exclusive_by_display()}
