"""The words of all papers, and the facts that narrow a search, as layers in memory; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from papers.text.people import LETTERS
from recommender.index import bm25
from recommender.index.bm25 import K1, Postings, counted, rarity
from recommender.index.hybrid import Scale, best
from recommender.index.layers import Ids, Layers, Mask, Places, poured
from recommender.index.stems import all_words, mark, term, words
from recommender.vectors import Vector

WITHDRAWN, CODE = "withdrawn", "code"
NO_IDS: Ids = np.empty(0, dtype=np.int64)


def in_category(category: str) -> str:
    """Return the mark of a category or of a whole archive, whatever its case."""
    return f"category {category.casefold()}"


def in_title(word: str) -> str:
    """Return the mark of a title that has a word, in any of its forms."""
    return f"title {term(word)}"


def of_author(word: str) -> str:
    """Return the mark of a paper with a word in an author's name, one of author_words."""
    return f"author {word}"


def author_words(name: str) -> list[str]:
    """Return the words of a name without accents and strokes: Ørsted is found as orsted."""
    return all_words(name.casefold().translate(LETTERS))


@dataclass(frozen=True, slots=True)
class Text:
    """What is indexed of a paper: its words, its day and its marks."""

    key: int
    version: int
    text: str
    day: int  # as an ordinal; 0 where it is not known
    marks: tuple[str, ...]  # WITHDRAWN, CODE, in_category(…), in_title(…), of_author(…)


@dataclass(frozen=True)
class WordLayer:
    ids: Ids
    versions: Ids
    postings: Postings
    days: NDArray[np.int32]  # (n,)

    @classmethod
    def of(cls, texts: Iterable[Text]) -> WordLayer:
        rows = sorted(texts, key=lambda text: text.key)
        return cls(
            np.array([row.key for row in rows], dtype=np.int64),
            np.array([row.version for row in rows], dtype=np.int64),
            counted((row.text for row in rows), (row.marks for row in rows)),
            np.array([row.day for row in rows], dtype=np.int32),
        )

    @classmethod
    def joined(cls, layers: Sequence[WordLayer], places: Sequence[Places]) -> WordLayer:
        return cls(
            poured((layer.ids for layer in layers), places),
            poured((layer.versions for layer in layers), places),
            bm25.joined([layer.postings for layer in layers], places),
            poured((layer.days for layer in layers), places),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"ids": self.ids, "versions": self.versions, "days": self.days, **vars(self.postings)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> WordLayer:
        postings = Postings(**{one.name: arrays[one.name] for one in fields(Postings)})
        return cls(arrays["ids"], arrays["versions"], postings, arrays["days"])


class Words:
    """n papers as they were at one moment; thread-safe, since nothing in it changes."""

    def __init__(self, layers: Layers[WordLayer]) -> None:
        self.layers = layers
        self.parts = layers.parts

    def __len__(self) -> int:
        return self._size

    @cached_property
    def _size(self) -> int:
        return len(self.layers)

    @cached_property
    def _whole(self) -> list[bool]:
        """Tell of each part whether all of its papers are alive."""
        return [bool(part.alive.all()) for part in self.parts]

    @cached_property
    def _norms(self) -> list[Vector]:
        total = sum(float(part.layer.postings.lengths[part.alive].sum(dtype=np.float64)) for part in self.parts)
        mean = total / len(self) if total else 1.0
        return [part.layer.postings.norms(mean) for part in self.parts]

    def scores(self, text: str) -> WordScores:
        """Score each paper by BM25 for a text; 0 for one that has none of its words."""
        values_by_part = [np.zeros(len(part.layer.ids), dtype=np.float32) for part in self.parts]
        for wanted, times in Counter(map(term, words(text))).items():
            self._add(values_by_part, wanted, times)
        for values, part, whole in zip(values_by_part, self.parts, self._whole, strict=True):
            if not whole:
                values[~part.alive] = 0
        return WordScores(self, values_by_part)

    def _add(self, values_by_part: list[Vector], wanted: int, times: int) -> None:
        postings = [part.layer.postings.of(wanted) for part in self.parts]
        having = sum(
            len(rows) if whole else int(np.count_nonzero(part.alive[rows]))
            for part, whole, (rows, _) in zip(self.parts, self._whole, postings, strict=True)
        )
        weight = np.float32(times * rarity(len(self), having) * (K1 + 1))
        for values, norms, (rows, counts) in zip(values_by_part, self._norms, postings, strict=True):
            often = counts.astype(np.float32)
            values[rows] += weight * often / (often + norms[rows])

    def with_all(self, text: str) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers that have every word of a text, by their stems."""
        wanted = set(map(term, words(text)))
        return self._each(lambda layer: [layer.postings.having(word) for word in wanted])

    def marked(self, *facts: str) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers that bear all of some marks."""
        return self._each(lambda layer: [layer.postings.having(mark(fact)) for fact in facts])

    def others(self, masks: Sequence[Mask]) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers that are not in another one."""
        return [part.alive & ~mask for part, mask in zip(self.parts, masks, strict=True)]

    def between(self, first: int, last: int) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers with a day from first to last, ordinals, both included."""
        return self._each(lambda layer: [(layer.days >= max(first, 1)) & (layer.days <= last)])

    def among(self, table: Mask) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers that are True in a table by key."""
        return self._each(lambda layer: [looked_up(table, layer.ids)])

    def up_to(self, key: int) -> list[Mask]:
        """Return, for each part, a mask (n,) of the papers with no higher key."""
        return self._each(lambda layer: [layer.ids <= key])

    def _each(self, masks: Callable[[WordLayer], list[Mask]]) -> list[Mask]:
        return [np.logical_and.reduce([part.alive, *masks(part.layer)]) for part in self.parts]

    def newest(self, k: int, masks: Sequence[Mask]) -> Ids:
        """Return at most k of the papers in the masks of the parts, by their day, newest first."""
        ids, days = [NO_IDS], [np.empty(0, dtype=np.float32)]
        for part, mask in zip(self.parts, masks, strict=True):
            ids.append(part.layer.ids[mask])
            days.append(part.layer.days[mask].astype(np.float32))
        keys = np.concatenate(ids)
        return keys[best(np.concatenate(days), keys, k)]

    def table(self, masks: Sequence[Mask]) -> Mask:
        """Return a table (highest key + 1,) by key of the papers that are True in the masks of the parts."""
        highest = max((int(part.layer.ids[-1]) for part in self.parts), default=0)
        table = np.zeros(highest + 1, dtype=np.bool_)
        for part, allowed in zip(self.parts, masks, strict=True):
            table[part.layer.ids[allowed]] = True
        return table


class WordScores:
    """BM25 of all papers for one text."""

    def __init__(self, papers: Words, values: list[Vector]) -> None:
        self.papers = papers
        self.values = values  # per part (n,)

    @cached_property
    def scale(self) -> Scale:
        """Return mean and deviation over all papers."""
        n = max(len(self.papers), 1)
        mean = sum(float(values.sum(dtype=np.float64)) for values in self.values) / n
        squares = sum(float(np.dot(values, values)) for values in self.values) / n
        return Scale(mean, max(squares - mean * mean, 0.0) ** 0.5)

    def best(self, k: int, allowed: Sequence[Mask] | None = None) -> Ids:
        """Return at most k papers that have any of the words, best first, of equal ones the highest key first."""
        ids, scores = [NO_IDS], [np.empty(0, dtype=np.float32)]
        for number, (part, values) in enumerate(zip(self.papers.parts, self.values, strict=True)):
            rows = np.flatnonzero(values if allowed is None else values * allowed[number])
            ids.append(part.layer.ids[rows])
            scores.append(values[rows])
        keys = np.concatenate(ids)
        return keys[best(np.concatenate(scores), keys, k)]

    def of(self, ids: Ids) -> Vector:
        """Return (m,) scores of some papers; 0 for one that is not here."""
        scores = np.zeros(len(ids), dtype=np.float32)
        for part, values in zip(self.papers.parts, self.values, strict=True):
            rows, here = part.rows_of(ids)
            scores[here] = values[rows[here]]
        return scores


def looked_up(table: Mask, ids: Ids) -> Mask:
    """Return (n,) what a table by key says of each; False beyond its end."""
    inside = ids < len(table)
    return np.asarray(table[np.where(inside, ids, 0)] & inside) if len(table) else np.zeros(len(ids), dtype=np.bool_)
