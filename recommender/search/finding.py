"""Find papers by their words and their meaning together, by id, and by their nearness to papers or a topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from django.db.models import Q

from papers.models import Paper
from recommender.index import choice, lexical
from recommender.index.words import Words, WordScores
from recommender.search import conditions, ranks
from recommender.search.conditions import MOST_LOOKED_AT, Fitting
from recommender.search.filters import NOTHING, Filters
from recommender.search.hits import Hit, Rank, page
from recommender.search.queries import EMPTY, Query, understood
from recommender.search.ranks import NO_EXAMPLES, Allowed, Asked, Examples, Meaning
from recommender.search.sentences import answered

AWAY = "Search by meaning is away at the moment: these papers were found by their words alone."
BEHIND = "Many papers have just come in: those that are still being read cannot be found yet."
MORE = f"Only the best {MOST_LOOKED_AT:,} papers were looked through for what is in quotes: add a word that is rarer."
How = Literal["meaning", "words", "id", "day"]


@dataclass(frozen=True, slots=True)
class Results:
    hits: list[Hit]
    how: How
    note: str = ""  # for the reader, where the search is not what it should be
    query: Query = EMPTY

    @property
    def notes(self) -> list[str]:
        """Return what the reader is to know, in sentences."""
        return [*self.query.misread, *([self.note] if self.note else [])]

    def first(self, limit: int) -> Results:
        """Return the same with at most limit hits."""
        return replace(self, hits=self.hits[:limit])


def search(
    asked: str, *, limit: int = 20, offset: int = 0, filters: Filters = NOTHING, examples: Examples = NO_EXAMPLES
) -> Results:
    """Return papers for a query, best first, by words and meaning together; by words alone while the encoder is away.

    An arXiv id or link finds that one paper. Phrases and operators (operators.py) narrow what is found; where nothing
    but them and filters is asked, the newest papers come first. Examples lead towards some papers and away from others.
    """
    query = understood(asked)
    if query.arxiv_id and not examples:
        return _by_id(query)
    narrowed = filters.narrowed(query.since, query.until)
    if not (query.text or query.narrows or examples.like or narrowed != NOTHING):
        return Results([], "words", query=query)
    asked_for = Asked.about(query.text) if query.text or examples.like else None
    papers = lexical.current()
    allowed = conditions.allowed(query.conditions, papers, narrowed.allowed(papers))
    scores = papers.scores(query.text) if query.text else None
    meaning = asked_for.meaning(examples) if asked_for else None
    if meaning is None and examples.like and not query.text:
        return Results([], "meaning", query=query)  # nothing is known yet of what they are like
    rank, how = _rank(papers, scores, meaning, allowed, examples)
    fits = Fitting.of(query.conditions)
    hits = page(rank, limit, offset, fits)
    note = MORE if fits.is_spent and len(hits) < limit else _note(how, meaning)
    return Results(answered(hits, query.text, meaning), how, note, query)


def _rank(
    papers: Words, scores: WordScores | None, meaning: Meaning | None, allowed: Allowed, examples: Examples
) -> tuple[Rank, How]:
    """Return how papers are put in order, by what there is to go by."""
    named = examples.keys
    if scores is not None:
        if meaning is None:
            return partial(ranks.by_words, scores, allowed, named), "words"
        return partial(ranks.by_both, scores, meaning, allowed, named), "meaning"
    if meaning is not None:
        return partial(ranks.by_nearness, papers, meaning, allowed, named), "meaning"
    everything = [part.alive for part in papers.parts] if allowed is None else allowed
    return partial(ranks.by_day, papers, everything, named), "day"


def _note(how: How, meaning: Meaning | None) -> str:
    if meaning is not None:
        return BEHIND if choice.is_behind(meaning.model) else ""
    return AWAY if how == "words" else ""


def similar(paper: Paper, n: int = 6) -> list[Hit]:
    """Return the n papers nearest to a paper; none if it has no vector yet."""
    return like([paper], limit=n)


def like(papers: Sequence[Paper], unlike: Sequence[Paper] = (), *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Return papers near to some and far from others, by meaning; the named papers themselves are left out."""
    examples = Examples(papers, unlike)
    meaning = Asked.about("").meaning(examples)
    if meaning is None:
        return []
    return page(partial(ranks.by_nearness, lexical.current(), meaning, None, examples.keys), limit, offset)


def _by_id(query: Query) -> Results:
    named = Q(identifier=query.arxiv_id) | Q(aliases__identifier=query.arxiv_id)
    paper = Paper.objects.filter(named).first()
    if paper is None:
        return Results([], "id", f"There is no paper {query.arxiv_id} here yet.", query)
    return Results([Hit(paper, None)], "id", query=query)
