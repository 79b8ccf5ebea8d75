"""Conditions about the advocate, the friend, and how they came to each other."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Demands, Options
from ..people.segments import segments
from ..referrals.models import Grade, Source
from .condition import (
    Condition,
    LinesField,
    NumberRangeForm,
    conditions,
    in_range,
    range_text,
    span,
)
from .facts import Facts

# Somebody recommended us to a friend: not so with a feedback.
REFERRAL: Demands = {"referral": frozenset([True])}


@conditions.add
class FriendIsNew(Condition):
    key = "friend_is_new"
    label = _("the friend had not bought before the recommendation")
    gentle = _("The offer is for people who had not bought here before.")

    def holds(self, options: Options, facts: Facts) -> bool:
        if facts.referral is None:
            return False
        since = facts.referral.friend.customer_since
        return since is None or since >= facts.referral.claimed_at

    def demands(self, options: Options) -> Demands:
        return REFERRAL


@conditions.add
class DaysSinceClaim(Condition):
    key = "days_since_claim"
    label = _("days have passed since the claim")
    form_class = NumberRangeForm
    gentle = _("It was not within the time the offer asks for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        days = facts.days_since_claim
        return days is not None and in_range(days, options)

    def found(self, options: Options, facts: Facts) -> str:
        days = facts.days_since_claim
        return gettext("no claim") if days is None else str(days)

    def describe(self, options: Options) -> str:
        words = range_text(options.get("at_least"), options.get("at_most"))
        return gettext("days since the claim: %(range)s") % {"range": words}

    def demands(self, options: Options) -> Demands:
        return {**REFERRAL, "days since the claim": span(options)}


@conditions.add
class FriendsConverted(Condition):
    key = "friends_converted"
    label = _("so many friends of the advocate have bought")
    form_class = NumberRangeForm
    gentle = _("The number of friends who bought is not the one the offer asks for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return in_range(facts.friends_converted, options)

    def found(self, options: Options, facts: Facts) -> str:
        return str(facts.friends_converted)

    def describe(self, options: Options) -> str:
        words = range_text(options.get("at_least"), options.get("at_most"))
        return gettext("friends who have bought: %(range)s") % {"range": words}

    def demands(self, options: Options) -> Demands:
        return {"friends": span(options)}


class TierForm(forms.Form):
    tiers = LinesField(label=_("Tiers"), max_length=500, help_text=_("One a line."))


@conditions.add
class AdvocateTier(Condition):
    key = "tier"
    label = _("the advocate is of a tier")
    form_class = TierForm
    gentle = _("The offer is for another group of advocates.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return facts.advocate is not None and facts.advocate.tier in options["tiers"]

    def found(self, options: Options, facts: Facts) -> str:
        return (facts.advocate.tier if facts.advocate else "") or gettext("no tier")

    def describe(self, options: Options) -> str:
        return gettext("the advocate's tier is %(tiers)s") % {"tiers": ", ".join(options["tiers"])}

    def demands(self, options: Options) -> Demands:
        return {"tier": frozenset(options["tiers"])}


class SegmentForm(forms.Form):
    segment = forms.ChoiceField(label=_("Segment"), choices=segments.choices)


@conditions.add
class AdvocateSegment(Condition):
    key = "segment"
    label = _("the advocate is of an audience or segment")
    form_class = SegmentForm
    gentle = _("The offer is for another group of advocates.")

    def holds(self, options: Options, facts: Facts) -> bool:
        segment = segments.get(options["segment"])
        return bool(segment and facts.advocate and segment.includes(facts.advocate.person))

    def describe(self, options: Options) -> str:
        segment = segments.get(options["segment"])
        label = segment.label if segment else options["segment"]
        return gettext("the advocate is one of “%(segment)s”") % {"segment": label}


class GradeForm(forms.Form):
    grade = forms.ChoiceField(label=_("At least"), choices=Grade.choices)


@conditions.add
class GradeAtLeast(Condition):
    key = "grade_at_least"
    label = _("the referral or introduction is of a grade or better")
    form_class = GradeForm
    gentle = _("The recommendation is not as far along as the offer asks for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        # A is the best and the first of the letters.
        return "" < facts.grade <= options["grade"]

    def found(self, options: Options, facts: Facts) -> str:
        return facts.grade or gettext("no referral")

    def describe(self, options: Options) -> str:
        return gettext("the grade is %(grade)s or better") % options

    def demands(self, options: Options) -> Demands:
        return {
            **REFERRAL,
            "grade": frozenset(grade for grade in Grade.values if grade <= options["grade"]),
        }


class SourceForm(forms.Form):
    sources = forms.MultipleChoiceField(
        label=_("Came"), choices=Source.choices, widget=forms.CheckboxSelectMultiple
    )


@conditions.add
class CameBy(Condition):
    key = "came_by"
    label = _("the friend came by link, code, coupon, partner or staff")
    form_class = SourceForm
    gentle = _("The friend came another way than the offer asks for.")

    def holds(self, options: Options, facts: Facts) -> bool:
        return facts.referral is not None and facts.referral.source in options["sources"]

    def found(self, options: Options, facts: Facts) -> str:
        return facts.referral.get_source_display() if facts.referral else gettext("no referral")

    def describe(self, options: Options) -> str:
        ways = ", ".join(str(Source(source).label) for source in options["sources"])
        return gettext("the friend came %(ways)s") % {"ways": ways}

    def demands(self, options: Options) -> Demands:
        return {**REFERRAL, "source": frozenset(options["sources"])}
