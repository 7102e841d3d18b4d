"""Finding papers by meaning, by words, by id, and by their nearness to another paper or a topic."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from papers.arxiv_ids import canonical_id
from papers.models import Paper, Topic
from papers.text import title_key
from recommender import query_encoder
from recommender.index import exact
from recommender.models import EmbeddingModel, PaperTopic
from recommender.vectors import Vector

DEPTH = 200  # papers by meaning whose titles are looked at for the words of the query
TITLE_HITS = 50  # newest papers with all words in the title, however far from the query by meaning
TITLE_BONUS = 0.15  # for a title that has all words of the query, in proportion for one that has some
SHORTEST_KEY = 4  # letters of a word that is looked for in titles without accents and blanks
LONGEST_QUERY = 500  # characters
DAY = Coalesce("announced_on", "listed_on", "published_on")
EVERYWHERE = frozenset({"a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "using", "via", "with"})
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Hit:
    paper: Paper
    similarity: float | None  # cosine; None where meaning was not asked


@dataclass(frozen=True, slots=True)
class Results:
    hits: list[Hit]
    how: Literal["meaning", "words", "id"]
    note: str = ""  # for the reader, where the search is not what it should be


def search(
    query: str, *, limit: int = 20, offset: int = 0, since: date | None = None, category: str | None = None
) -> Results:
    """Papers for a query, best first: by meaning with a plus for words in titles, or by words if that is not possible.

    since and category narrow the search; an arXiv id or link finds that one paper.
    """
    query = query.strip()[:LONGEST_QUERY]
    papers = _narrowed(since, category)
    if arxiv_id := canonical_id(query):
        return _by_id(arxiv_id)
    if not query:
        return Results([], "words")
    model = EmbeddingModel.objects.serving()
    if model is None:
        return _by_words(query, papers, limit, offset)
    try:
        [vector] = query_encoder.encode([query], model=model.name)
    except query_encoder.EncoderAway:
        return _by_words(query, papers, limit, offset)
    narrowed = papers if since or category else None
    return Results(_by_meaning(query, vector, model, narrowed, limit, offset), "meaning")


def similar(paper: Paper, n: int = 6) -> list[Hit]:
    """The n papers nearest to a paper; none if it has no vector yet."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return []
    index = exact.current(model)
    own = index.rows_of([paper.pk])
    if not len(own):
        return []
    similarities = index.similarities(index.vectors[own[0]])
    rows = [row for row in exact.top(similarities, n + 1) if row != own[0]][:n]
    return _hits(index.ids[rows], similarities[rows])


def topic_papers(topic: Topic, since: date, limit: int) -> list[Hit]:
    """The papers since a date that are shown under a topic, nearest first."""
    rows = PaperTopic.objects.filter(topic=topic, paper__in=_narrowed(since, "")).select_related("paper")
    return [Hit(row.paper, row.similarity) for row in rows.order_by("-similarity", "-paper")[:limit]]


def _narrowed(since: date | None, category: str | None) -> QuerySet[Paper]:
    papers = Paper.objects.all()
    if since:
        papers = papers.alias(day=DAY).filter(day__gte=since)
    if category:
        # A JSON list is searched as text, with its quotes, because SQLite knows no "contains" for it.
        papers = papers.alias(listed=Cast("categories", TextField())).filter(listed__contains=f'"{category}"')
    return papers


def _by_id(arxiv_id: str) -> Results:
    found = Paper.objects.filter(identifier=arxiv_id).first()
    if found is None:
        return Results([], "id", f"There is no paper {arxiv_id} here yet.")
    return Results([Hit(found, None)], "id")


def _by_words(query: str, papers: QuerySet[Paper], limit: int, offset: int) -> Results:
    for word in _words(query):
        papers = papers.filter(_in_title(word) | Q(abstract__icontains=word) | Q(plain_abstract__icontains=word))
    newest = papers.order_by(DAY.desc(nulls_last=True), "-pk")[offset : offset + limit]
    note = "Search by meaning is away at the moment: these papers have all of the words."
    return Results([Hit(paper, None) for paper in newest], "words", note)


def _by_meaning(
    query: str, vector: Vector, model: EmbeddingModel, papers: QuerySet[Paper] | None, limit: int, offset: int
) -> list[Hit]:
    index = exact.current(model)
    similarities = index.similarities(vector)
    allowed = _allowed(index, papers)
    words = _words(query)
    by_meaning = allowed[exact.top(similarities[allowed], DEPTH + offset + limit)]
    by_title = np.intersect1d(index.rows_of(_with_title(words, papers)), allowed)
    rows = np.union1d(by_meaning, by_title)
    score = similarities[rows] + TITLE_BONUS * _share_in_titles(words, index.ids[rows].tolist())
    page = rows[exact.top(score, offset + limit)][offset:]
    return _hits(index.ids[page], similarities[page])


def _allowed(index: exact.Index, papers: QuerySet[Paper] | None) -> NDArray[np.int64]:
    if papers is None:
        return np.arange(len(index.ids))
    return index.rows_of(papers.values_list("pk", flat=True))


def _with_title(words: Sequence[str], papers: QuerySet[Paper] | None) -> Iterable[int]:
    found = Paper.objects.all() if papers is None else papers
    for word in words:
        found = found.filter(_in_title(word))
    return list(found.order_by("-pk").values_list("pk", flat=True)[:TITLE_HITS])


def _share_in_titles(words: Sequence[str], keys: Sequence[int]) -> Vector:
    """(n,) the share of the words that stand in each paper's title."""
    papers = Paper.objects.only("title", "plain_title").in_bulk(list(keys))
    titles = [_folded(papers[key].shown_title) if key in papers else "" for key in keys]
    shares = [sum(_folded(word) in title for word in words) / max(1, len(words)) for title in titles]
    return np.array(shares, dtype=np.float32)


def _in_title(word: str) -> Q:
    """As served, as shown, or without accents: "erdos" finds Erdős, however its source spells it."""
    found = Q(title__icontains=word) | Q(plain_title__icontains=word)
    key = title_key(word)
    # The key has no blanks, so that a short word would be found across the end of another.
    return found | Q(title_key__contains=key) if len(key) >= SHORTEST_KEY else found


def _folded(text: str) -> str:
    """In lower case and without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _words(query: str) -> list[str]:
    """The words of a query in lower case, without those that stand in every text."""
    found = list(dict.fromkeys(_WORD.findall(query.lower())))
    return [word for word in found if word not in EVERYWHERE] or found


def _hits(ids: NDArray[np.int64], similarities: Vector) -> list[Hit]:
    papers = Paper.objects.in_bulk(ids.tolist())
    pairs = zip(ids.tolist(), similarities.tolist(), strict=True)
    return [Hit(papers[key], similarity) for key, similarity in pairs if key in papers]
