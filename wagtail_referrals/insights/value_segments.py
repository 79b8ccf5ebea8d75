"""The four groups as segments of people: for rules, asks and whatever else asks for one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..people.segments import Segment, segments
from .champion_models import CustomerValue, Group


class ValueSegment(Segment):
    """One of the four groups, in whichever program; as of the last time it was worked out."""

    def includes(self, person: Person) -> bool:
        return CustomerValue.objects.filter(person=person, segment=self.key).exists()


@segments.add
class Champions(ValueSegment):
    key = Group.CHAMPIONS.value
    label = _("champions: buy much and bring much")


@segments.add
class Affluents(ValueSegment):
    key = Group.AFFLUENTS.value
    label = _("affluents: buy much, bring little")


@segments.add
class Advocates(ValueSegment):
    key = Group.ADVOCATES.value
    label = _("advocates: buy little, bring much")


@segments.add
class Misers(ValueSegment):
    key = Group.MISERS.value
    label = _("misers: buy little and bring little")
