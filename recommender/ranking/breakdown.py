"""The numbers that make a pick's relevance and score, for whoever wonders why it came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.ranking import evidence, picks
from recommender.ranking.authorship import known_author_gain
from recommender.ranking.feedback import lowered_by
from recommender.ranking.fusion import Line, support
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.pick_reason import subject_of
from recommender.ranking.reader import Candidates, Pick, Reader


@dataclass(frozen=True, slots=True)
class Nearness:
    """To the subject: line.dense · vectors + line.lexical · words + line.constant + offset + wordless."""

    vectors: float  # cosine
    words: float  # cosine
    line: Line
    offset: float  # of the kind of interest
    wordless: float  # at most 0: what a paper loses that has few words of what the reader wrote

    def total(self) -> float:
        by_line = self.line.dense * self.vectors + self.line.lexical * self.words + self.line.constant
        return by_line + self.offset + self.wordless


@dataclass(frozen=True, slots=True)
class Breakdown:
    """relevance = nearness, bent where it is high, + people − less."""

    nearness: Nearness | None  # None where no subject led to it: a name did, or nothing was known of the reader
    share: float  # of the interest's papers that are on the subject
    subject: str  # such as 2 of 3
    people: float  # gained by authors whom the reader knows
    less: float  # lost to papers that the reader wants less of
    relevance: float
    trend: float | None
    score: float


def breakdown(pick: Pick, reader: Reader, candidates: Candidates) -> Breakdown:
    """Return the parts of a pick, or of a near miss, among the candidates that it was chosen from."""
    interest = None if pick.interest_at is None else reader.interests[pick.interest_at]
    subject = subject_of(pick, reader)
    return Breakdown(
        nearness=_nearness(subject, interest.kind, pick.at, candidates) if subject and interest else None,
        share=subject.share if subject else 0.0,
        subject=f"{pick.subject_at + 1} of {len(interest.subjects)}" if subject and interest else "",
        people=float(known_author_gain(reader, candidates)[pick.at]),
        less=float(lowered_by(reader.less, candidates.vectors[pick.at][np.newaxis], candidates.scales.papers)[0]),
        relevance=pick.relevance,
        trend=pick.trend,
        score=pick.score,
    )


def _nearness(subject: Subject, kind: str, position: int, candidates: Candidates) -> Nearness:
    """Return the nearness of the candidate at that position to the subject, in parts."""
    words = evidence.words(evidence.stacked([subject]), candidates.words)[0, position]
    vectors = float(candidates.vectors[position] @ subject.vector)
    wordless = float(support(words)) if picks.needs_words(subject, kind, candidates) else 0.0
    return Nearness(vectors, float(words), subject.line, picks.OFFSETS.get(kind, 0.0), wordless)
