"""What a query demands of a paper beside its words: looked up in memory, and where that is not enough in its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from recommender.index import lexical
from recommender.index.layers import Ids, Mask
from recommender.index.lexical import Read
from recommender.index.stems import WORD, all_words, folded
from recommender.index.words import CODE, Words, author_words, in_category, in_title, of_author
from recommender.words import names

MOST_LOOKED_AT = 500  # papers, the best ones first, whose rows one search reads: some fifty milliseconds
Kind = Literal["words", "title", "author", "category", "code"]


@dataclass(frozen=True)
class Condition:
    """A demand of one kind; unwanted, it holds for the papers that do not meet it."""

    kind: Kind
    value: str = ""
    unwanted: bool = False
    as_written: bool = False  # word for word, in this order; else by the stems of its words

    def masks(self, papers: Words) -> list[Mask] | None:
        """Return, for each part of the words, a mask (n,) of the papers that may meet it; None if all may."""
        if self.unwanted and self.is_looked_up:
            return None
        having = _MASKS[self.kind](papers, self.value)
        return papers.others(having) if self.unwanted else having

    @cached_property
    def is_looked_up(self) -> bool:
        """Tell whether a paper's row has to be read to know."""
        return self.as_written or (self.kind == "author" and len(author_words(self.value)) > 1)

    def is_met_by(self, paper: Read) -> bool:
        return self._has(paper) != self.unwanted

    def _has(self, paper: Read) -> bool:
        if self.kind == "author":
            return any(map(self._is_name, paper.authors))
        return self._pattern.search(folded(paper.title if self.kind == "title" else paper.text)) is not None

    def _is_name(self, printed: str) -> bool:
        """Tell whether a printed name may be that of whom the query names."""
        name = printed[: names.LONGEST]
        if _longest(self.value) not in author_words(name):
            return False
        spelled = names.cached_spellings(name)
        return any(names.same(one, other) for one in names.typed(self.value) for other in spelled)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = map(re.escape, WORD.findall(folded(self.value)))
        return re.compile(r"(?<![^\W_])" + r"[\W_]+".join(words) + r"(?![^\W_])")


def _of_author(papers: Words, name: str) -> list[Mask]:
    """Return masks of the papers with all words of a name; where there are none, with the longest of them.

    A paper may print "Weihsiang" where the query has "Wei-Hsiang", and which of both is a forename is not known here.
    """
    in_full = [word for word in author_words(name) if len(word) > 1] or [_longest(name)]
    masks = papers.marked(*map(of_author, in_full))
    return masks if any(mask.any() for mask in masks) else papers.marked(of_author(_longest(name)))


def _longest(name: str) -> str:
    """Return the word of a name that tells most: whichever way round it is written, the printed one has it too."""
    return max(author_words(name), key=len, default="")


_MASKS: dict[Kind, Callable[[Words, str], list[Mask]]] = {
    "words": lambda papers, value: papers.with_all(value),
    "title": lambda papers, value: papers.marked(*map(in_title, all_words(value))),
    "author": _of_author,
    "category": lambda papers, value: papers.marked(in_category(value)),
    "code": lambda papers, value: papers.marked(CODE),
}


def allowed(conditions: Iterable[Condition], papers: Words, passing: list[Mask] | None) -> list[Mask] | None:
    """Narrow masks of the papers that pass, None for all of them, by every condition that is known in memory."""
    for condition in conditions:
        masks = condition.masks(papers)
        if masks is not None:
            passing = masks if passing is None else [one & other for one, other in zip(passing, masks, strict=True)]
    return passing


@dataclass(slots=True)
class Fitting:
    """Tells which papers meet the conditions that memory cannot judge, and looks at so many papers at most."""

    conditions: Sequence[Condition]
    looked_at: int = 0

    @classmethod
    def of(cls, conditions: Iterable[Condition]) -> Fitting:
        return cls([condition for condition in conditions if condition.is_looked_up])

    @property
    def is_spent(self) -> bool:
        return self.looked_at >= MOST_LOOKED_AT

    def __call__(self, ids: Ids) -> Mask:
        if not self.conditions:
            return np.ones(len(ids), dtype=np.bool_)
        self.looked_at += len(ids)
        read = lexical.read(ids.tolist())
        met = [paper.key for paper in read if all(condition.is_met_by(paper) for condition in self.conditions)]
        return np.isin(ids, np.array(met, dtype=np.int64))
