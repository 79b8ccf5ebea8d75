"""What else has to be so for a rule to grant."""

from . import conditions_details, conditions_order, conditions_people
from .condition import Condition, conditions

__all__ = [
    "Condition",
    "conditions",
    "conditions_details",
    "conditions_order",
    "conditions_people",
]
