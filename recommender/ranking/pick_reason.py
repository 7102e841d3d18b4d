"""The reason why a paper was picked, as plain data stored with the digest; mails/pick_cards puts it into words."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NotRequired, TypedDict

from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Candidates, Pick, Reader, ReaderInterest, TookOff
from recommender.words import wording

# Relevance on the scale of topics. Of the papers this near to a topic, nine, eight and seven in ten are of its field.
CLOSENESS: Sequence[tuple[float, str]] = ((0.5, "very close"), (0.42, "close"), (0.35, "related"))
DISTANT = "a little further away"
TREND: Sequence[tuple[float, str]] = (
    (0.95, "among the most noticed"),
    (0.8, "much noticed"),
    (0.5, "noticed more than most"),
)
LITTLE_NOTICED = "noticed less than most"
TERMS, PEOPLE = 3, 3


class Rise(TypedDict):
    since: str  # the first day on which it was counted, as 2026-08-12
    then: int  # the count of that day
    now: int
    kind: str  # of count: upvotes, stars


class Reason(TypedDict):
    cold_start: bool  # nothing was known of the reader's interests: trend and date decided
    explored: bool  # from outside the interests: trend decided
    kind: str  # of the interest: topic, text, papers, feedback, author, lab; empty without one
    label: str  # the interest in the reader's words; empty without one
    closeness: float  # on the scale of a topic's cosines, below 1, two decimals
    closeness_words: str
    papers: list[str]  # identifiers of papers that the reader named or liked on this subject, the most typical first
    people: list[str]  # its authors whom the reader follows, or who wrote papers that the reader named or liked
    terms: list[str]  # words that this paper shares with them, or with the text, the most telling first
    sentence: str  # of the abstract, the nearest to the subject; empty where it is not known
    trend: float | None  # percentile 0 to 1, two decimals; None where unknown
    trend_words: str  # empty where unknown
    folded: list[int]  # keys of the papers on the same idea that this one stands for
    took_off: Rise | None  # where it rose days after it came
    catch_up: NotRequired[bool]  # below the floor, and sent because nothing else came for a week


def subject_of(pick: Pick, reader: Reader) -> Subject | None:
    """Return the reader's subject that led to it; None where a name did, or nothing was known of the reader."""
    interest = None if pick.interest_at is None else reader.interests[pick.interest_at]
    return interest.subjects[pick.subject_at] if interest and interest.subjects else None


def reason(
    pick: Pick, reader: Reader, candidates: Candidates, sentence: str = "", known: dict[Hashable, Reason] | None = None
) -> Reason:
    """Return what led to this pick for this reader, JSON-serialisable and without any markup.

    sentence is the nearest one of the abstract to the subject, where it is known. known holds what was said to others
    of the same candidates: who gets the same paper for the same topic shares one object, which nobody may change.
    """
    interest = None if pick.interest_at is None else reader.interests[pick.interest_at]
    subject = interest.subjects[pick.subject_at] if interest and interest.subjects else None
    people = _people(pick, reader, interest, candidates)
    if known is None or (interest and interest.kind != "topic"):
        return _reason(pick, interest, subject, people, candidates, sentence)
    led = (interest.label, id(subject)) if interest else None
    key = (pick.paper_id, pick.relevance, pick.trend, pick.explored, pick.folded, led, *people, sentence)
    found = known.get(key)
    if found is None:
        found = known[key] = _reason(pick, interest, subject, people, candidates, sentence)
    return found


def _reason(
    pick: Pick,
    interest: ReaderInterest | None,
    subject: Subject | None,
    people: list[str],
    candidates: Candidates,
    sentence: str,
) -> Reason:
    trend, trend_words = (None, "") if pick.trend is None else _noticed(pick.trend)
    return {
        "cold_start": interest is None and not pick.explored,
        "explored": pick.explored,
        "kind": interest.kind if interest else "",
        "label": interest.label if interest else "",
        "closeness": round(pick.relevance, 2),
        "closeness_words": _words(pick.relevance, CLOSENESS, DISTANT) if interest else "",
        "papers": list(subject.papers) if subject else [],
        "people": people,
        # None for a topic: its description is ours and not the reader's.
        "terms": _terms(subject, pick.at, candidates) if interest and subject and interest.kind != "topic" else [],
        "sentence": sentence,
        "trend": trend,
        "trend_words": trend_words,
        "folded": list(pick.folded),
        "took_off": _rise(candidates.took_off.get(pick.paper_id)),
    }


def _rise(rise: TookOff | None) -> Rise | None:
    if rise is None:
        return None
    return {"since": rise.since.isoformat(), "then": rise.then, "now": rise.now, "kind": rise.kind}


def _words(value: float, steps: Sequence[tuple[float, str]], otherwise: str) -> str:
    for least, words in steps:
        if value >= least:
            return words
    return otherwise


@lru_cache(maxsize=4096)
def _noticed(trend: float) -> tuple[float, str]:
    """Return a percentile as it is told, and its words: many readers get the same papers."""
    return round(trend, 2), _words(trend, TREND, LITTLE_NOTICED)


def _terms(subject: Subject, position: int, candidates: Candidates) -> list[str]:
    """Return the words that led to it."""
    return wording.shared(subject.terms, candidates.texts.wording(position), TERMS, candidates.words.everyday)


def _people(pick: Pick, reader: Reader, interest: ReaderInterest | None, candidates: Candidates) -> list[str]:
    """Return names as they are printed, those first who wrote most of the reader's papers."""
    if interest and interest.kind == "author":
        return [candidates.authors.found(interest.label)[pick.at]]
    if not reader.people or reader.people.keys().isdisjoint(candidates.authors.of[pick.at]):
        return []
    known = candidates.authors.known_on(pick.at, reader.people)
    return sorted(known, key=lambda name: (-known[name], name))[:PEOPLE]
