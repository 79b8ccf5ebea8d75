"""Lists of what comes by the million: counted no further than somebody turns pages."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from wagtail.admin.paginator import WagtailPaginator

MOST_COUNTED = 10_000


class BoundedPaginator(WagtailPaginator):
    """Counts up to 10,000 rows: counting all of a million would take longer than the list."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST_COUNTED + 1].count())

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than pages."""
        return self._counted > MOST_COUNTED

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @cached_property
    def items_count_label(self) -> str:
        if not self.is_cut:
            return str(super().items_count_label)
        return gettext("more than %(number)s %(items)s") % {
            "number": number_format(MOST_COUNTED, force_grouping=True),
            "items": self.verbose_name_plural,
        }
