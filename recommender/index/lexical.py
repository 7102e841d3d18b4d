"""The words of all papers in memory, shared by a process's threads; after a change only what changed is read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from papers.models import Paper
from recommender.encoder import paper_text
from recommender.index import bm25
from recommender.models import PaperVector

CHUNK = 2_048
Versions = dict[int, datetime]
Stamp = tuple[int, tuple[object, ...] | None, tuple[object, ...] | None]


@dataclass(frozen=True, slots=True)
class State:
    stamp: Stamp | None
    versions: Versions  # when each paper in the index was last touched
    index: bm25.Index


NOTHING = State(None, {}, bm25.empty())
_state = NOTHING
_loading = Lock()


def current() -> bm25.Index:
    """The index of the papers that the database has now.

    A new paper is noticed at once, a revised text when it has been embedded again: to look at every paper's
    updated_at for each query would cost more than the query.
    """
    global _state
    stamp = _stamp()
    with _loading:
        if _state.stamp != stamp:
            _state = _refreshed(_state, stamp)
        return _state.index


def _stamp() -> Stamp:
    newest_paper = Paper.objects.order_by("-pk").values_list("pk", "created_at").first()
    newest_vector = PaperVector.objects.order_by("-pk").values_list("pk", "paper_updated_at").first()
    return Paper.objects.count(), newest_paper, newest_vector


def _refreshed(state: State, stamp: Stamp) -> State:
    versions: Versions = dict(Paper.objects.values_list("pk", "updated_at").iterator(chunk_size=CHUNK))
    gone = state.versions.keys() - versions.keys()
    touched = sorted(key for key, version in versions.items() if state.versions.get(key) != version)
    index = state.index
    if gone or touched:
        found = dict(texts(touched))
        index = index.changed(gone, list(found), found.values())
    return State(stamp, versions, index)


def texts(keys: list[int]) -> Iterator[tuple[int, str]]:
    """Key and text of the papers with these keys, as far as they are still there."""
    for start in range(0, len(keys), CHUNK):
        papers = Paper.objects.only("title", "plain_title", "abstract", "plain_abstract")
        for paper in papers.filter(pk__in=keys[start : start + CHUNK]):
            yield paper.pk, paper_text(paper.shown_title, paper.shown_abstract)
