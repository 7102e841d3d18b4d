"""Lists of the admin on tables that grow without end: nothing they show needs a look at all rows."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST = 10_000  # rows that a list counts, and pages through


class ShortPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts up to MOST rows: to count millions takes longer than to show any page of them."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than the list goes through."""
        return self._counted > MOST

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)


class Long(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A list of millions: the newest first, and in no other order, for which there is no index."""

    ordering = ("-pk",)
    sortable_by = ()
