"""Understand what a reader asked for: an arXiv id, what papers must have or lack, and the words to be near to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from papers.arxiv.arxiv_ids import canonical_id
from recommender.search.conditions import Condition
from recommender.search.operators import SINCE, Misread, Piece, pieces

LONGEST = 500  # characters
MOST = 12  # phrases and operators together
TOO_MANY = f"Only the first {MOST} phrases and operators of a query count."


@dataclass(frozen=True, slots=True)
class Query:
    text: str = ""  # the words to be near to, those of phrases and titles among them
    arxiv_id: str = ""  # of a query that is nothing but an arXiv id or a link to one
    conditions: tuple[Condition, ...] = ()
    since: date | None = None
    until: date | None = None
    misread: tuple[str, ...] = ()  # what was not understood, in sentences

    @property
    def narrows(self) -> bool:
        """Tell whether it demands something, so that it can be answered without words."""
        return bool(self.conditions or self.since or self.until)

    @property
    def authors(self) -> list[str]:
        return [one.value for one in self.conditions if one.kind == "author" and not one.unwanted]


EMPTY = Query()


@dataclass(slots=True)
class _Reading:
    """A query while its pieces are read."""

    words: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    since: list[date] = field(default_factory=list)
    until: list[date] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)

    def take(self, piece: Piece) -> None:
        try:
            self._take(piece)
        except Misread as error:
            self.misread.append(str(error))

    def _take(self, piece: Piece) -> None:
        if piece.operator and not piece.is_known:
            self._take_as_words(piece)
        elif piece.is_date:
            self._take_day(piece)
        elif condition := piece.condition():
            self._take_condition(condition)
        else:
            self.words.append(piece.value)

    def _take_as_words(self, piece: Piece) -> None:
        self.words.append(piece.written.lstrip("-"))
        if piece.value and piece.written.lstrip("-")[0].islower():
            raise Misread(f"{piece.operator}: is none of the operators, so “{piece.shown}” was searched as words.")

    def _take_day(self, piece: Piece) -> None:
        day = piece.day()
        if piece.operator == SINCE:
            self.since.append(day)
        elif day > date.min:
            self.until.append(day - timedelta(days=1))

    def _take_condition(self, condition: Condition) -> None:
        if len(self.conditions) == MOST:
            raise Misread(TOO_MANY)
        self.conditions.append(condition)
        if condition.kind in {"words", "title"} and not condition.unwanted:
            self.words.append(condition.value)


def understood(asked: str) -> Query:
    """Read a query: an arXiv id or link alone, or words, phrases and operators."""
    asked = asked.strip()[:LONGEST]
    if arxiv_id := canonical_id(asked):
        return Query(asked, arxiv_id)
    reading = _Reading()
    for piece in pieces(asked):
        reading.take(piece)
    return Query(
        " ".join(" ".join(reading.words).split()),
        conditions=tuple(reading.conditions),
        since=max(reading.since, default=None),
        until=min(reading.until, default=None),
        misread=tuple(dict.fromkeys(reading.misread)),
    )
