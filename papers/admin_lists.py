"""Lists of the admin on tables that grow without end: nothing they show needs a look at all rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

FOUND = 500  # rows of another model that a search goes on from
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


class ShortChangeList(ChangeList):
    """Reads no column that the list does not show, and offers no calendar of what a search has found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.query:
            self.date_hierarchy = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        return rows.defer(*getattr(self.model_admin, "unlisted", ()))


def found_by(model: type[Model], fields: Iterable[str], text: str) -> Q:
    """Return a condition on rows of which a field holds all words of a text, or with a leading = is that text.

    Of fields of another model its rows are looked for first, FOUND of them at most: a join would read both tables.
    """
    words, found = text.split(), Q(pk__in=[])
    owners: dict[str, list[str]] = {}
    for name in fields:
        owner, _, rest = name.removeprefix("=").rpartition("__")
        owners.setdefault(owner, []).append("=" + rest if name.startswith("=") else rest)
    for owner, names in owners.items():
        if not owner:
            found |= _holding(names, words, text)
            continue
        of: Any = model._meta.get_field(owner).related_model
        keys = of._default_manager.filter(_holding(names, words, text)).order_by("pk").values_list("pk", flat=True)
        found |= Q(**{f"{owner}__in": list(keys[:FOUND])})
    return found


def _holding(names: Iterable[str], words: Sequence[str], text: str) -> Q:
    found = Q(pk__in=[])
    for name in names:
        if name.startswith("="):
            found |= Q(**{name.removeprefix("="): text.strip()})
        else:
            found |= Q(*(Q(**{f"{name}__icontains": word}) for word in words))
    return found


class Long(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A list of millions: the newest first, and in no other order, for which there is no index."""

    ordering = ("-pk",)
    sortable_by = ()
