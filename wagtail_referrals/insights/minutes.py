"""How long something took, in a sum that every database reckons alike."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, Func

# What stands in the place of a currency where an amount is minutes.
MINUTES = "min"


class Minutes(Func):
    """From the first time to the second in minutes, each taken as the minute it lies in.

    What came before it began, as a purchase known by its day only, took no time.
    """

    arity = 2
    output_field: DecimalField = DecimalField(max_digits=18, decimal_places=2)
    template = (
        "GREATEST(0, FLOOR(EXTRACT(EPOCH FROM {1}) / 60) - FLOOR(EXTRACT(EPOCH FROM {0}) / 60))"
    )

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """By the database's own words for it; ``{0}`` and ``{1}`` are the times."""
        template = _TEMPLATES.get(connection.vendor, self.template)
        (start, of_start), (end, of_end) = map(compiler.compile, self.source_expressions)
        return template.format(start, end), [*of_end, *of_start]


_TEMPLATES = {
    "sqlite": "MAX(0, strftime('%%s', {1}) / 60 - strftime('%%s', {0}) / 60)",
    "mysql": (
        "GREATEST(0, "
        "TIMESTAMPDIFF(MINUTE, '1970-01-01', {1}) - TIMESTAMPDIFF(MINUTE, '1970-01-01', {0}))"
    ),
}
