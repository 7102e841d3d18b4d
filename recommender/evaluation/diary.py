"""What happened to one reader while days were replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from papers.evaluation.metrics import Ints
from recommender.evaluation.days import Person
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Pick, Ranking, Reader

OWN = 0.10  # of a reader's papers: a subject of fewer may go without


@dataclass(frozen=True, slots=True)
class Later:
    """Where a paper that the reader submitted or wrote later stood on its first day."""

    places: dict[str, float]  # 1 the highest, by the method that put the candidates in order
    among: int


@dataclass(slots=True)
class Diary:
    person: Person
    reader: Reader
    picks: list[Pick] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)  # papers that were picked, or named under a pick
    repeats: int = 0
    digests: int = 0
    empty: int = 0  # days without a pick
    served: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))  # (s,) had a fitting paper
    later: dict[int, Later] = field(default_factory=dict)  # by the paper's position

    @property
    def subjects(self) -> Sequence[Subject]:
        return self.reader.interests[0].subjects

    def note(self, ranking: Ranking) -> None:
        """Note a day's digest, which the reader has seen from then on."""
        digest = [paper for pick in ranking.picks for paper in (pick.paper_id, *pick.folded)]
        self.repeats += len(digest) - len(set(digest) - self.shown)
        self.digests, self.empty = self.digests + bool(ranking.picks), self.empty + (not ranking.picks)
        self.picks += ranking.picks
        self.shown.update(digest)

    def picks_by_subject(self) -> Ints:
        return np.bincount([pick.subject_at for pick in self.picks], minlength=len(self.subjects))

    def starved(self) -> int:
        """Count the subjects of a tenth of the papers or more that had a fitting candidate, and not one pick."""
        own = np.array([subject.share >= OWN for subject in self.subjects], dtype=np.bool_)
        return int((own & self.served & (self.picks_by_subject() == 0)).sum())

    def sent_later(self) -> int:
        """Count the papers that the reader submitted or wrote later and that a digest had."""
        return len(self.shown & self.later.keys())
