"""Understand what a reader asked for: an arXiv id, phrases in quotes, and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from papers.arxiv.arxiv_ids import canonical_id
from recommender.index.stems import WORD, folded

LONGEST = 500  # characters
MOST_PHRASES = 5
QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]")


@dataclass(frozen=True, slots=True)
class Query:
    text: str  # without quotes; '' for an empty query
    arxiv_id: str = ""  # of a query that is nothing but an arXiv id or a link to one
    phrases: tuple[str, ...] = ()  # that a paper has to have word for word

    def is_met_by(self, text: str) -> bool:
        """Tell whether a text has every phrase, whatever its case, accents and the signs between its words."""
        plain = folded(text)
        return all(_pattern(phrase).search(plain) for phrase in self.phrases)


def understood(asked: str) -> Query:
    """Read a query: an arXiv id or link alone, or text with phrases."""
    asked = asked.strip()[:LONGEST]
    if arxiv_id := canonical_id(asked):
        return Query(asked, arxiv_id)
    phrases = tuple(phrase for phrase in QUOTED.findall(asked) if WORD.search(folded(phrase)))
    return Query(" ".join(QUOTED.sub(r" \1 ", asked).split()), phrases=phrases[:MOST_PHRASES])


def _pattern(phrase: str) -> re.Pattern[str]:
    words = map(re.escape, WORD.findall(folded(phrase)))
    return re.compile(r"(?<![^\W_])" + r"[\W_]+".join(words) + r"(?![^\W_])")
