"""The words of all papers in memory, shared by a process's threads; after a change only what changed is read again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.encoding.encoder import paper_text
from recommender.index import stems
from recommender.index.files import Files
from recommender.index.mirror import Mirror, Rows
from recommender.index.stems import all_words
from recommender.index.words import (
    CODE,
    WITHDRAWN,
    Text,
    WordLayer,
    Words,
    author_words,
    in_category,
    in_title,
    of_author,
)

AT_ONCE = 2_048
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LATE = 10 * 60 * 1_000_000  # microseconds; no transaction commits an earlier change after so long
TEXT = ("plain_title", "title", "plain_abstract", "abstract")
DAYS = ("announced_on", "listed_on", "published_on")  # the first that is known is a paper's day
AUTHORS = ("plain_authors", "authors")
FIELDS = ("pk", "updated_at", *TEXT, *DAYS, "categories", "github_repo", "withdrawn_on", *AUTHORS)


class Papers:
    """The table of papers; a paper's version is when it was last written."""

    def stamp(self) -> Hashable:
        return tuple(_last_written()), tuple(_last_stored())

    def since(self, version: int, limit: int | None) -> Rows:
        touched = Paper.objects.order_by("updated_at").values_list("pk", "updated_at")
        if version >= 0:
            touched = touched.filter(updated_at__gte=EPOCH + MICROSECOND * max(version - LATE, 0))
        rows = touched[:limit].iterator(chunk_size=AT_ONCE)
        return Rows.of((key, _version_of(touched_at)) for key, touched_at in rows)

    def count(self) -> int:
        return Paper.objects.count()

    def read(self, ids: list[int]) -> WordLayer:
        return WordLayer.of(_indexed(ids))


def _by_change() -> QuerySet[Paper, Any]:
    return Paper.objects.order_by("-updated_at").values_list("updated_at", "pk")[:1]


def _by_key() -> QuerySet[Paper, Any]:
    return Paper.objects.order_by("-pk").values_list("pk")[:1]


_last_written, _last_stored = Prepared(_by_change), Prepared(_by_key)
mirror = Mirror(Papers(), WordLayer, Words, Files(f"words_{stems.RULES}"))


def current() -> Words:
    """Return the words of the papers that the database has now; of those read so far while very many are new."""
    return mirror.current()


def caught_up(progress: bool = False) -> Words:
    """Return the same, after waiting until all papers are read."""
    return mirror.caught_up(progress)


def forget() -> None:
    """Empty the index: this process has turned to another database."""
    mirror.forget()


def is_behind() -> bool:
    """Tell whether papers are being read just now, so that some cannot be found by their words yet."""
    return mirror.is_behind


def _version_of(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


@dataclass(frozen=True, slots=True)
class Read:
    """What of a paper a query is held against where the index does not know enough."""

    key: int
    title: str
    text: str
    authors: list[str]


def read(keys: list[int]) -> Iterator[Read]:
    """Yield the papers with these keys, as far as they are still there."""
    for start in range(0, len(keys), AT_ONCE):
        papers = Paper.objects.filter(pk__in=keys[start : start + AT_ONCE])
        for key, *parts, plain, served in papers.values_list("pk", *TEXT, *AUTHORS).iterator(chunk_size=AT_ONCE):
            yield Read(key, parts[0] or parts[1], _shown_text(*parts), plain or served)


def _shown_text(plain_title: str, title: str, plain_abstract: str, abstract: str) -> str:
    """Return Paper.shown_title and shown_abstract as one text, without a Paper: a first start reads them all."""
    return paper_text(plain_title or title, plain_abstract or abstract)


def _indexed(keys: list[int]) -> Iterator[Text]:
    for start in range(0, len(keys), AT_ONCE):
        papers = Paper.objects.filter(pk__in=keys[start : start + AT_ONCE])
        for key, touched_at, *rest in papers.values_list(*FIELDS).iterator(chunk_size=AT_ONCE):
            parts, days, (categories, code, withdrawn_on, *authors) = rest[:4], rest[4:7], rest[7:]
            marks = {*_named(categories), *map(in_title, all_words(parts[0] or parts[1])), *_written_by(*authors)}
            facts = (CODE,) * bool(code) + (WITHDRAWN,) * bool(withdrawn_on)
            yield Text(key, _version_of(touched_at), _shown_text(*parts), _day_of(days), (*marks, *facts))


def _named(categories: Iterable[str]) -> Iterator[str]:
    """Yield the marks of categories and of their archives."""
    for category in categories:
        yield in_category(category)
        yield in_category(category.partition(".")[0])


def _written_by(plain: list[str], served: list[str]) -> Iterable[str]:
    return map(of_author, author_words(" ".join(plain or served)))


def _day_of(days: Iterable[date | None]) -> int:
    return next((day.toordinal() for day in days if day), 0)
