"""What rules may look at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils import timezone

from ..people.models import Person
from ..programs.models import Program
from ..referrals.models import Advocate, Referral
from .rule_models import Beneficiary

if TYPE_CHECKING:
    from ..events.models import Event


@dataclass(frozen=True)
class Facts:
    """An event and what surrounds it. The score of a feedback is not among it, on purpose."""

    event: Event
    program: Program
    advocate: Advocate | None
    referral: Referral | None = None

    @classmethod
    def of(cls, event: Event) -> Facts:
        """The facts of a stored event, as far as they can still be told."""
        referral = event.referral
        advocate = referral.advocate if referral else None
        if advocate is None and event.person_id:
            own = Advocate.objects.select_related("person").filter(program=event.program_id)
            advocate = own.filter(person=event.person_id).first()
        return cls(event, event.program, advocate, referral)

    def person_for(self, beneficiary: str) -> Person | None:
        """Who would get it."""
        if beneficiary == Beneficiary.FRIEND:
            return self.referral.friend if self.referral else None
        return self.advocate.person if self.advocate else None

    @property
    def grade(self) -> str:
        """The grade of the introduction it is about, or of the referral; "" without either."""
        if self.event.kind.startswith("introduction."):
            return str(self.event.metadata.get("grade", ""))
        return self.referral.grade if self.referral else ""

    @property
    def flags(self) -> list[str]:
        """What looked wrong when the referral was made, as far as the program looks at it."""
        flags = self.referral.flags if self.referral else []
        return [flag for flag in flags if flag not in self.program.risk_off]

    @property
    def amount(self) -> Decimal:
        """The order's total, in its own currency."""
        return self.event.amount or Decimal("0.00")

    @property
    def friends_converted(self) -> int:
        """How many friends of the advocate have bought, this one included."""
        if self.event.friends_converted is not None:
            return self.event.friends_converted
        return self.advocate.friends_converted if self.advocate else 0

    @property
    def friends_value(self) -> Decimal:
        """What the advocate's friends bought, this order included, in the program's currency."""
        if self.event.friends_value is not None:
            return self.event.friends_value
        return self.advocate.friends_value if self.advocate else Decimal("0.00")

    @cached_property
    def purchase_number(self) -> int:
        """1 for the person's first purchase, 2 for the second; orders sent back do not count."""
        sent_back = Q(amount__gt=0, refunded=F("amount"))
        before = (
            type(self.event)
            .objects.filter(
                person=self.event.person_id,
                kind="purchase",
                occurred_at__lte=self.event.occurred_at,
            )
            .exclude(sent_back)
        )
        return before.exclude(pk=self.event.pk).count() + 1

    @cached_property
    def days_since_claim(self) -> int | None:
        """Whole days from the claim to the event; None without a referral."""
        if self.referral is None:
            return None
        return (self.event.occurred_at - self.referral.claimed_at).days

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The order's lines: ``metadata["items"]``, each with ``sku`` and ``category``."""
        lines = self.event.metadata.get("items")
        if not isinstance(lines, list):
            return []
        return [line if isinstance(line, dict) else {"sku": str(line)} for line in lines]

    @property
    def local_time(self) -> Any:
        """When it happened, by the site's clock."""
        return timezone.localtime(self.event.occurred_at)
