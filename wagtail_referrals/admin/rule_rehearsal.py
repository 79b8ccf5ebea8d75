"""Dry run: what the rules would say to an event, and to those of the last days. Only reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..events.models import Event
from ..exceptions import InvalidInput
from ..people.identity import email_key
from ..people.models import Person
from ..programs.access import visible_programs
from ..programs.models import Program
from ..programs.money import format_money
from ..referrals.models import Advocate
from ..rewards.answers import Answer, needs_approval
from ..rewards.conditions import conditions
from ..rewards.describe import describe_rule, part_words
from ..rewards.engine import rehearse
from ..rewards.facts import Facts
from ..rewards.rehearsal import DAYS, MOST, Replay, facts_of, replay
from ..rewards.rule_models import RewardRule, RuleEffect, RuleState
from ..rewards.words import explain, in_short
from .permissions import can_look
from .records import moment
from .rule_form import RuleForm
from .rule_sample import SampleForm
from .search import begins_with
from .setup import SetupView


@dataclass(frozen=True)
class Line:
    """What one rule says about one beneficiary, to be shown."""

    answer: Answer

    @property
    def granted(self) -> bool:
        return self.answer.reward is not None

    @property
    def verdict(self) -> str:
        """Would grant what; would not."""
        reward, words = self.answer.reward, {"who": self.answer.effect.get_beneficiary_display()}
        if reward is None:
            return gettext("Would give nothing to %(who)s") % words
        what = reward.headline
        return gettext("Would give %(what)s to %(who)s") % {**words, "what": what}

    @property
    def because(self) -> str:
        """Why not; or what would happen to it next."""
        answer, reward = self.answer, self.answer.reward
        if reward is None:
            return explain(answer.rule, answer.reason, answer.details)
        if needs_approval(reward, answer.rule):
            return gettext("It would be held until somebody approves it.")
        if answer.rule.effective_hold_days():
            return gettext("It would wait until %(time)s") % {"time": moment(reward.hold_until)}
        return gettext("It would be given at once.")


@dataclass(frozen=True)
class Asked:
    """One rule, what it says to whom, and its conditions' answers."""

    rule: RewardRule
    sentence: str
    unsaved: bool
    lines: list[Line]

    @property
    def conditions(self) -> list[tuple[bool, str, str]]:
        """Each condition's answer: did it hold, what it asks, what was found."""
        longest = max((line.answer.conditions for line in self.lines), key=len)
        return [
            (
                condition.holds,
                part_words(conditions, condition.key, condition.options, self.rule.program),
                condition.found,
            )
            for condition in longest
        ]


class RehearsalView(SetupView):
    """A dry run of all rules of a program. An unsaved rule comes by POST, and is kept in fields."""

    page_title = _("Dry run")
    template_name = "wagtail_referrals/admin/rule_rehearsal.html"
    longest = 20

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_has_specific_permission(user, "change"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = self.get(request, *args, **kwargs)
        return response

    @property
    def sent(self) -> Any:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def stored_rule(self) -> RewardRule | None:
        """The rule the dry run is about, when it is stored."""
        key = self.sent.get("rule", "")
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            return None
        rules = self.get_base_queryset().select_related("program")
        found: RewardRule | None = rules.filter(pk=key).first()
        return found

    @cached_property
    def draft(self) -> RuleForm | None:
        """The rule as it was just typed, when it comes from its form."""
        if "trigger" not in self.sent or self.request.method != "POST":
            return None
        rule = self.stored_rule or RewardRule()
        form = RuleForm(rule, [], self.request.POST, check=True).within(self.request.user)
        return form

    @cached_property
    def program(self) -> Program | None:
        if self.draft:
            self.draft.head.is_valid()
            return self.draft.rule.program if self.draft.rule.program_id else None
        if self.stored_rule:
            return self.stored_rule.program
        programs = {str(program.pk): program for program in self.programs}
        only = self.programs[0] if len(self.programs) == 1 else None
        return programs.get(self.sent.get("program", "")) or only

    @cached_property
    def programs(self) -> list[Program]:
        return list(visible_programs(self.request.user))

    @cached_property
    def effects(self) -> list[RuleEffect]:
        """Of the active rules and the one it is about, in the order in which they are asked."""
        about = self.stored_rule.pk if self.stored_rule else None
        stored = RuleEffect.objects.select_related("rule", "offer").filter(
            Q(rule__state=RuleState.ACTIVE) | Q(rule=about), rule__program=self.program
        )
        effects = list(stored)
        if self.draft and self.draft.is_valid():
            drafted = self.draft.effects
            for effect in drafted:
                # The key of a rule that is not there yet: limits and groups tell rules by it.
                effect.rule.pk = effect.rule.pk or -1
            effects = [effect for effect in effects if effect.rule_id != about] + drafted
        for effect in effects:
            effect.rule.program = self.program  # type: ignore[assignment]
        # A new rule is asked after the others of its priority.
        return sorted(effects, key=lambda e: (e.rule.priority, e.rule.pk < 0, e.rule.pk))

    @property
    def rule(self) -> RewardRule | None:
        """The rule it is about, as it was typed or as it is stored."""
        return self.draft.rule if self.draft else self.stored_rule

    @cached_property
    def found(self) -> list[Event]:
        """Past events of the program by the beginning of their id, or by an e-mail address."""
        term = self.sent.get("q", "").strip().replace("\x00", "")[:255]
        events = Event.objects.filter(program=self.program).select_related("person")
        if not term:
            return list(events[: self.longest]) if "q" in self.sent else []
        return list(events.filter(_by(term))[: self.longest])

    @cached_property
    def event(self) -> Event | None:
        key = self.sent.get("event", "")
        if not can_look(self.request.user, Event):
            return None
        if not (key.isascii() and key.isdecimal() and len(key) < 19):
            return None
        events: QuerySet[Event] = Event.objects.select_related(
            "person", "program", "referral__advocate__person", "referral__friend"
        )
        return events.filter(program=self.program, pk=key).first()

    @cached_property
    def sample_form(self) -> SampleForm:
        assert self.program is not None
        kinds = [effect.rule.event_kind for effect in self.effects if effect.rule.event_kind]
        sent = self.sent if "kind" in self.sent else None
        form = SampleForm(sent, program=self.program, kinds=kinds)
        if not can_look(self.request.user, Advocate):
            # Whether somebody has joined is not for them to try out.
            del form.fields["advocate"]
        return form

    @cached_property
    def facts(self) -> Facts | None:
        if self.event:
            return Facts.of(self.event)
        if self.sample_form.is_bound and self.sample_form.is_valid():
            assert self.program is not None
            return facts_of(self.program, self.sample_form.sample())
        return None

    def asked(self) -> list[Asked]:
        """What each rule would say that waits for this kind of event."""
        facts = self.facts
        if facts is None:
            return []
        effects = [e for e in self.effects if e.rule.event_kind == facts.event.kind]
        answers: dict[int, list[Answer]] = {}
        for answer in rehearse(effects, facts):
            answers.setdefault(answer.rule.pk, []).append(answer)
        return [
            Asked(
                rule=those[0].rule,
                sentence=describe_rule(those[0].rule, [answer.effect for answer in those]),
                unsaved=bool(self.draft) and those[0].rule is self.rule,
                lines=[Line(answer) for answer in those],
            )
            for those in answers.values()
        ]

    def others(self) -> list[str]:
        """The rules that wait for something else."""
        kind = self.facts.event.kind if self.facts else ""
        rules = [effect.rule for effect in self.effects if effect.rule.event_kind != kind]
        return list(dict.fromkeys(rule.name for rule in rules))

    def replayed(self) -> Replay | None:
        rule = self.rule
        if rule is None or "replay" not in self.sent or (self.draft and not self.draft.is_valid()):
            return None
        effects = [effect for effect in self.effects if effect.rule.pk == rule.pk]
        return replay(rule, effects)

    @property
    def form_url(self) -> str:
        """Where the rule is edited."""
        if self.stored_rule is None:
            return str(self.create_url)
        return str(self.url_helper.get_action_url("edit", self.stored_rule.pk))

    def carried(self) -> Iterable[tuple[str, str]]:
        """The fields of the unsaved rule, to be sent along with the next dry run."""
        own = {"csrfmiddlewaretoken", "q", "event", "replay", *SampleForm.base_fields}
        if not self.draft:
            return [(name, self.sent[name]) for name in ("rule", "program") if name in self.sent]
        return [
            (name, value)
            for name, values in self.request.POST.lists()
            if name not in own and not name.startswith("_")
            for value in values
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context.update(programs=self.programs, program=self.program, rule=self.rule)
        if self.program is None:
            return context
        result = self.replayed()
        context.update(
            draft=self.draft,
            broken=bool(self.draft and not self.draft.is_valid()),
            facts=self.facts,
            asked=self.asked(),
            others=self.others(),
            carried=list(self.carried()),
            events=self.found if can_look(self.request.user, Event) else [],
            searched="q" in self.sent,
            replay=result,
            things=result.things.most_common() if result else [],
            sums=[format_money(total, code) for code, total in result.sums.items()]
            if result
            else [],
            refusals=[
                (in_short(reason), number) for reason, number in result.refusals.most_common()
            ]
            if result
            else [],
            days=DAYS,
            most=MOST,
        )
        return context


def _by(term: str) -> Q:
    try:
        people = Person.objects.filter(email_key=email_key(term)).order_by().values("pk")
        return begins_with("external_id", term) | Q(person__in=people)
    except InvalidInput:
        return begins_with("external_id", term)
