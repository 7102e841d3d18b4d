"""Lists of the admin on tables that grow without end, and what it asks before it deletes: no look at all rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import CASCADE, PROTECT, RESTRICT, Model, Q, QuerySet
from django.db.models.deletion import get_candidate_relations_to_delete
from django.http import HttpRequest
from django.utils.functional import cached_property

FOUND = 500  # rows of another model that a search goes on from
FEW = 1_000  # rows that a search finds one by one
MOST = 10_000  # rows that a list counts, and pages through
NAMED = 500  # rows that are to be deleted, of those that somebody chose
# Columns that no list shows, of papers and of what belongs to one.
LONG_TEXTS = ("abstract", "plain_abstract", "authors", "plain_authors", "comment", "machine_summary")
TEXTS_OF_ITS_PAPER = tuple(f"paper__{name}" for name in LONG_TEXTS)

Deleted = tuple[list[Any], dict[str, Any], set[str], list[str]]


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


def few_or_all(model: type[Model], found: Q) -> Q:
    """Return a condition by keys where few rows were found, which are then sorted; else the condition as it is.

    Of many the newest are soon come by in order. Of few PostgreSQL would look for them through all rows, in order, too.
    """
    keys = list(model._base_manager.filter(found).order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(pk__in=keys) if len(keys) <= FEW else found


def in_words(model: type[Model], fields: Iterable[str]) -> str:
    """Say what a search finds: parts of these fields, or where it is so marked the whole of one."""
    parts = [_called(model, name) for name in fields if not name.startswith("=")]
    wholes = [_called(model, name[1:]) for name in fields if name.startswith("=")]
    found = [f"parts of: {', '.join(dict.fromkeys(parts))}"] if parts else []
    found += [f"a whole {', '.join(dict.fromkeys(wholes))}"] if wholes else []
    return f"Finds {'; or '.join(found)}." if found else ""


def _called(model: type[Model], name: str) -> str:
    owner, _, rest = name.rpartition("__")
    of: Any = model._meta.get_field(owner).related_model if owner else model
    return str(of._meta.get_field(rest).verbose_name).removeprefix("plain ")


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


class CountedDeletion(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Asks before a deletion with as many queries as there are tables, where Django's own names each row of each."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Deleted:
        """Return what would be deleted, in words and by table, what the user has no right to, and what forbids it."""
        chosen = self.model._base_manager.filter(pk__in=[row.pk for row in objs])
        gone = {held.model: words for held in hanging_on(chosen, CASCADE) if (words := _counted(held))}
        kept = [words for held in _guarding(chosen) if (words := _counted(held))]
        lacking = {
            str(model._meta.verbose_name) for model in (self.model, *gone) if not self._may_delete(request, model)
        }
        named = [str(row) for row in self.get_queryset(request).filter(pk__in=chosen)[:NAMED]]
        counts = {str(model._meta.verbose_name_plural): words.partition(":")[2] for model, words in gone.items()}
        own = {str(self.opts.verbose_name_plural): len(objs)}
        return [*named, list(gone.values())] if gone else named, own | counts, lacking, kept

    def _may_delete(self, request: HttpRequest, model: type[Model]) -> bool:
        """Tell whether this user may delete rows of a table; what has no page of its own goes along."""
        place = self.admin_site._registry.get(model)
        return place is None or place.has_delete_permission(request)


def hanging_on(rows: QuerySet[Any], how: Any, seen: frozenset[Any] = frozenset()) -> Iterator[QuerySet[Any]]:
    """Yield, by table, the rows that lead to these in this way, and those that lead to them by CASCADE."""
    for relation in get_candidate_relations_to_delete(rows.model._meta):
        if relation in seen:
            continue
        field: Any = relation.field  # type: ignore[attr-defined]
        held = field.model._base_manager.filter(**{f"{field.name}__in": rows.values("pk")})
        if field.remote_field.on_delete is how:
            yield held
        if field.remote_field.on_delete is CASCADE:
            yield from hanging_on(held, how, seen | {relation})


def _guarding(rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    yield from hanging_on(rows, PROTECT)
    yield from hanging_on(rows, RESTRICT)


def _counted(rows: QuerySet[Any]) -> str:
    """Return how many rows there are, no further than a list counts; '' for none."""
    count = rows.order_by()[: MOST + 1].count()
    much = f"more than {MOST:,}" if count > MOST else f"{count:,}"
    return f"{rows.model._meta.verbose_name_plural}: {much}" if count else ""
