"""Groups of people a rule can ask for."""

from django.utils.translation import gettext_lazy as _

from ..parts import Part, Registry
from .models import Person


class Segment(Part):
    """A group of people; a site adds its own with the hook ``register_referrals_segment``."""

    def includes(self, person: Person) -> bool:
        """Whether the person is one of them."""
        raise NotImplementedError


segments: Registry[Segment] = Registry("segment")


@segments.add
class Customers(Segment):
    key = "customers"
    label = _("customers")

    def includes(self, person: Person) -> bool:
        return person.customer_since is not None


@segments.add
class Staff(Segment):
    key = "staff"
    label = _("staff")

    def includes(self, person: Person) -> bool:
        return bool(person.user and person.user.is_active and person.user.is_staff)
