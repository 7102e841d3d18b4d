"""What a curator's decisions do to the next digests of a few readers: which papers come because of them, and go.

Whoever may see no subscribers looks at readers that do not exist, each of whom follows one topic and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
from django.conf import settings

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.candidates import kept_stretch
from recommender.candidates.stretch import Stretch
from recommender.ranking import picks
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from subscriptions.interests import readers
from subscriptions.models import InterestKind, Subscriber

READERS = 3


class Named(NamedTuple):
    """A reader to look at: one who follows a topic, or a subscriber."""

    kind: str  # "topic" or "subscriber"
    key: int

    @classmethod
    def read(cls, text: str) -> "Named | None":
        kind, _, key = text.partition("-")
        return cls(kind, int(key)) if kind in ("topic", "subscriber") and key.isdecimal() and len(key) < 19 else None

    def __str__(self) -> str:
        return f"{self.kind}-{self.key}"


@dataclass(frozen=True, slots=True)
class Line:
    """A paper of a reader's next digest, and what the decisions have to do with it."""

    title: str
    is_new: bool = False  # it comes because of them
    is_gone: bool = False  # it would come without them


@dataclass(frozen=True, slots=True)
class Effect:
    named: Named
    name: str
    lines: tuple[Line, ...]

    @property
    def changes(self) -> int:
        return sum(line.is_new or line.is_gone for line in self.lines)


def effects(edition: Edition, wanted: Sequence[Named], today: date) -> list[Effect]:
    """Return the next digests of these readers, with and without what was decided in the edition.

    A constant number of queries. Raises kept_stretch.BeingRead while a process that has just started reads the papers.
    """
    papers = kept_stretch.current(today)
    present, untouched = _pools(edition, papers, today)
    people = _readers(wanted, present)
    if not people:
        return []
    asked = [reader for _, _, reader in people]
    after, before = picks.rank(asked, present), picks.rank(asked, untouched)
    chosen = [
        ([pick.paper_id for pick in now.picks], [pick.paper_id for pick in then.picks])
        for now, then in zip(after, before, strict=True)
    ]
    titles = _titles(paper for both in chosen for keys in both for paper in keys)
    return [
        Effect(named, name, tuple(_lines(*both, titles))) for (named, name, _), both in zip(people, chosen, strict=True)
    ]


def topics() -> list[tuple[Named, str]]:
    """Return all that a reader who does not exist can follow."""
    rows = Topic.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
    return [(Named("topic", key), name) for key, name in rows]


def usual() -> list[Named]:
    """Return the readers to look at before a curator has chosen any: of the first topics."""
    return [Named("topic", key) for key in Topic.objects.filter(is_active=True).values_list("pk", flat=True)[:READERS]]


def _pools(edition: Edition, papers: Stretch, today: date) -> tuple[Candidates, Candidates]:
    """Return the candidates with the decisions of the edition as they stand now, and without them."""
    pool = papers.window(today, settings.CANDIDATE_DAYS).candidates
    place_of = {key: at for at, key in enumerate(pool.ids.tolist())}
    entries = EditionEntry.objects.filter(edition=edition).values_list("paper", "hidden", "featured")
    mine = [(place_of[paper], hidden, featured) for paper, hidden, featured in entries if paper in place_of]
    at, hidden, featured = np.array(mine, dtype=np.int64).reshape(-1, 3).T
    is_open = np.ones(len(pool.ids), dtype=np.bool_) if pool.open is None else pool.open.copy()
    is_featured = pool.featured.copy()
    is_open[at], is_featured[at] = papers.shown[at], False
    untouched = replace(pool, open=is_open.copy(), featured=is_featured.copy())
    is_open[at] &= hidden == 0
    is_featured[at] = featured == 1
    return replace(pool, open=is_open, featured=is_featured), untouched


def _readers(wanted: Iterable[Named], pool: Candidates) -> list[tuple[Named, str, Reader]]:
    """Return those who are still there, in order, each with a name that tells nobody's address."""
    topics = Topic.objects.in_bulk([one.key for one in wanted if one.kind == "topic"])
    people = Subscriber.objects.in_bulk([one.key for one in wanted if one.kind == "subscriber"])
    subjects = readers.topic_subjects(topics, pool.model) if pool.model and topics else {}
    rows = list(people.values())
    loaded = readers.load(rows, pool.model, pool.named) if pool.model and rows else []
    of_person = {person.pk: reader for person, reader in zip(rows, loaded, strict=False)}
    found = list[tuple[Named, str, Reader]]()
    for one in wanted:
        if one.kind == "topic" and one.key in subjects:
            topic = topics[one.key]
            interest = ReaderInterest(0, InterestKind.TOPIC, topic.name, subjects[one.key])
            found.append((one, f"follows {topic.name}", readers.reader(Subscriber(), [interest])))
        elif one.kind == "subscriber" and one.key in of_person:
            found.append((one, f"subscriber {one.key}", of_person[one.key]))
    return found


def _titles(keys: Iterable[int]) -> dict[int, str]:
    papers = Paper.objects.filter(pk__in=set(keys)).only("title", "plain_title")
    return {paper.pk: paper.shown_title for paper in papers}


def _lines(now: Sequence[int], then: Sequence[int], titles: dict[int, str]) -> Iterable[Line]:
    for key in now:
        yield Line(titles[key], is_new=key not in then)
    for key in then:
        if key not in now:
            yield Line(titles[key], is_gone=True)
