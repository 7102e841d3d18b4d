"""Why a paper was picked, as plain data that is stored with the digest; the templates make the sentences."""

from collections.abc import Sequence
from typing import TypedDict

from recommender.ranking import Pick, Reader, ReaderInterest

# Cosines on the scale of topics. Of the papers this near to a topic, nine, eight and seven in ten are of its field.
CLOSENESS: Sequence[tuple[float, str]] = ((0.5, "very close"), (0.42, "close"), (0.35, "related"))
DISTANT = "a little further away"
TREND: Sequence[tuple[float, str]] = (
    (0.95, "among the most noticed"),
    (0.8, "much noticed"),
    (0.5, "noticed more than most"),
)
LITTLE_NOTICED = "noticed less than most"


class Reason(TypedDict):
    cold_start: bool  # nothing was known of the reader's interests: trend and date decided
    kind: str  # of the interest: topic, text, papers; empty at a cold start
    label: str  # the interest in the reader's words; empty at a cold start
    closeness: float  # cosine on the scale of topics, two decimals
    closeness_words: str
    nearest_paper: str  # arXiv id of the named paper that is nearest, where it is known; else empty
    trend: float | None  # percentile 0 to 1, two decimals; None where unknown
    trend_words: str  # empty where unknown
    folded: list[int]  # keys of the papers on the same idea that this one stands for


def reason(pick: Pick, reader: Reader) -> Reason:
    """What led to this pick for this reader, JSON-serialisable and without any markup."""
    interest = None if pick.interest_at is None else reader.interests[pick.interest_at]
    return {
        "cold_start": interest is None,
        "kind": interest.kind if interest else "",
        "label": interest.label if interest else "",
        "closeness": round(pick.relevance, 2),
        "closeness_words": _words(pick.relevance, CLOSENESS, DISTANT) if interest else "",
        "nearest_paper": _nearest_paper(interest, pick.nearest),
        "trend": None if pick.trend is None else round(pick.trend, 2),
        "trend_words": "" if pick.trend is None else _words(pick.trend, TREND, LITTLE_NOTICED),
        "folded": list(pick.folded),
    }


def _words(value: float, steps: Sequence[tuple[float, str]], otherwise: str) -> str:
    return next((words for least, words in steps if value >= least), otherwise)


def _nearest_paper(interest: ReaderInterest | None, row: int) -> str:
    return interest.papers[row] if interest and row < len(interest.papers) else ""
