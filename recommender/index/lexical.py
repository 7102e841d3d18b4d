"""The words of all papers in memory, shared by a process's threads; after a change only what changed is read again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from papers.models import Paper
from recommender.encoder import paper_text
from recommender.index.files import Files
from recommender.index.mirror import Mirror, Rows
from recommender.index.words import CODE, WITHDRAWN, Text, WordLayer, Words, in_category

AT_ONCE = 2_048
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LATE = 10 * 60 * 1_000_000  # microseconds after which no transaction brings an earlier change to light
TEXT = ("plain_title", "title", "plain_abstract", "abstract")
DAYS = ("announced_on", "listed_on", "published_on")  # the first that is known is a paper's day
FIELDS = ("pk", "updated_at", *TEXT, *DAYS, "categories", "github_repo", "withdrawn_on")


class Papers:
    """The table of papers; a paper's version is when it was last written."""

    def stamp(self) -> Hashable:
        newest = Paper.objects.order_by("-updated_at").values_list("updated_at", "pk").first()
        return newest, Paper.objects.order_by("-pk").values_list("pk", flat=True).first()

    def since(self, version: int, limit: int | None) -> Rows:
        touched = Paper.objects.order_by("updated_at").values_list("pk", "updated_at")
        if version >= 0:
            touched = touched.filter(updated_at__gte=EPOCH + MICROSECOND * max(version - LATE, 0))
        found = touched[:limit].iterator(chunk_size=AT_ONCE)
        return Rows.of((key, version_of(touched_at)) for key, touched_at in found)

    def count(self) -> int:
        return Paper.objects.count()

    def read(self, ids: list[int]) -> WordLayer:
        return WordLayer.of(_indexed(ids))


_papers = Mirror(Papers(), WordLayer, Words, Files("words"))


def current() -> Words:
    """The words of the papers that the database has now; of those read so far while very many are new."""
    return _papers.current()


def caught_up(progress: bool = False) -> Words:
    """The same, after waiting until all are read."""
    return _papers.caught_up(progress)


def forget() -> None:
    """Begin anew: this process has turned to another database."""
    _papers.forget()


def is_behind() -> bool:
    """Whether papers are being read just now, so that some cannot be found by their words yet."""
    return _papers.is_behind


def version_of(moment: datetime) -> int:
    """In microseconds."""
    return (moment - EPOCH) // MICROSECOND


def texts(keys: list[int]) -> Iterator[tuple[int, str]]:
    """Key and text of the papers with these keys, as far as they are still there."""
    for start in range(0, len(keys), AT_ONCE):
        papers = Paper.objects.filter(pk__in=keys[start : start + AT_ONCE])
        for key, *parts in papers.values_list("pk", *TEXT).iterator(chunk_size=AT_ONCE):
            yield key, shown_text(*parts)


def shown_text(plain_title: str, title: str, plain_abstract: str, abstract: str) -> str:
    """As Paper.shown_title and Paper.shown_abstract, without making the Paper: a first start reads them all."""
    return paper_text(plain_title or title, plain_abstract or abstract)


def _indexed(keys: list[int]) -> Iterator[Text]:
    for start in range(0, len(keys), AT_ONCE):
        papers = Paper.objects.filter(pk__in=keys[start : start + AT_ONCE])
        for key, touched_at, *rest in papers.values_list(*FIELDS).iterator(chunk_size=AT_ONCE):
            parts, days, (categories, code, withdrawn_on) = rest[:4], rest[4:7], rest[7:]
            marks = tuple(map(in_category, categories))
            marks += (CODE,) * bool(code) + (WITHDRAWN,) * bool(withdrawn_on)
            yield Text(key, version_of(touched_at), shown_text(*parts), day_of(days), marks)


def day_of(days: Iterable[date | None]) -> int:
    return next((day.toordinal() for day in days if day), 0)
