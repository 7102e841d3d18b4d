"""Take a query apart: words, phrases in quotes, and operators such as author:Lovelace, -survey and after:2026-06."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from recommender.index.stems import WORD, folded, words
from recommender.index.words import author_words
from recommender.search.conditions import Condition, Kind

_NAME = "[A-Za-z]{2,12}"
_QUOTES = '"“”„«»'
_TOKEN = re.compile(
    rf'(?:(?<!\S)(?P<minus>-)?(?:(?P<name>{_NAME}):)?)?["“”„«](?P<phrase>[^{_QUOTES}]+)["”»]'
    rf"|(?P<word>[^\s{_QUOTES}]+|[{_QUOTES}])"
)
_WORD = re.compile(rf"(?P<minus>-(?=[^\W_]))?(?:(?P<name>{_NAME}):(?!/))?(?P<value>.*)")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
SINCE, UNTIL, HAS = "after", "before", "has"
KINDS: dict[str, Kind] = {"author": "author", "title": "title", "category": "category", "cat": "category"}
KNOWN = frozenset({SINCE, UNTIL, HAS, *KINDS})
# What looks like an operator and is how identifiers and addresses begin.
NO_OPERATORS = frozenset({"arxiv", "doi", "http", "https", "isbn", "oai", "orcid", "pmid", "urn"})
SHOWN = 40  # characters of what was not understood


class Misread(Exception):
    """A piece of a query that means nothing; the message says so to whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, one phrase, or one operator with its value."""

    written: str
    value: str
    operator: str = ""  # '' for words and phrases
    unwanted: bool = False
    quoted: bool = False

    @property
    def is_known(self) -> bool:
        return self.operator in KNOWN

    @property
    def is_date(self) -> bool:
        return self.operator in {SINCE, UNTIL}

    def condition(self) -> Condition | None:
        """Return what this piece demands of a paper, None for words that demand nothing; raise Misread."""
        if self.operator == HAS:
            return self._having()
        if self.operator in KINDS:
            return self._about(KINDS[self.operator])
        return self._about("words") if self._demands_words() else None

    def _demands_words(self) -> bool:
        return self.unwanted or (self.quoted and WORD.search(folded(self.value)) is not None)

    def _about(self, kind: Kind) -> Condition:
        found = author_words(self.value) if kind == "author" else WORD.findall(folded(self.value))
        if not found:
            raise Misread(f"“{self.shown}” was left out: write what to look for right behind it, without a blank.")
        if kind in {"author", "category"}:
            return Condition(kind, self.value, self.unwanted)
        as_written = self.quoted or len(found) > 1
        if not as_written and self.unwanted and not words(self.value):
            raise Misread(f"“{self.shown}” was left out: nearly every abstract has that word.")
        return Condition(kind, self.value, self.unwanted, as_written)

    def _having(self) -> Condition:
        if self.value.casefold() != "code":
            raise Misread(f"“{self.shown}” was left out: only has:code can be asked for.")
        return Condition("code", unwanted=self.unwanted)

    def day(self) -> date:
        """Return the day of after: or before:, the first one of a month or a year; raise Misread."""
        match = _DAY.fullmatch(self.value)
        try:
            if match is None or self.unwanted:
                raise ValueError
            return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        except ValueError as error:
            ways = " or ".join(f"{self.operator}:{when}" for when in ("2026-06-30", "2026-06", "2026"))
            raise Misread(f"“{self.shown}” was left out: write {ways}.") from error

    @property
    def shown(self) -> str:
        return self.written if len(self.written) <= SHOWN else self.written[: SHOWN - 1] + "…"


def pieces(asked: str) -> Iterator[Piece]:
    """Yield the pieces of a query in their order."""
    for match in _TOKEN.finditer(asked):
        if match["word"] is None:
            name = (match["name"] or "").lower()
            yield Piece(match[0], match["phrase"].strip(), name, match["minus"] is not None, quoted=True)
        else:
            yield _word(match["word"], begins=match.start() == 0 or asked[match.start() - 1].isspace())


def _word(written: str, *, begins: bool) -> Piece:
    """Return a word; it is an operator only where a blank stands before it."""
    match = _WORD.fullmatch(written) if begins else None
    if match is None or (match["name"] or "").lower() in NO_OPERATORS:
        return Piece(written, written)
    return Piece(written, match["value"], (match["name"] or "").lower(), match["minus"] is not None)
