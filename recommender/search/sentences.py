"""Find in each paper of a page the sentence that answers a query, by meaning where it is known, else by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from papers.models import Paper
from papers.pages.card_html import Passage
from papers.text.directions import steady
from papers.text.words import shortened
from recommender.embedding import sentence_vectors
from recommender.embedding.sentences import excerpts
from recommender.index.stems import term, words
from recommender.search.hits import Hit
from recommender.search.ranks import Meaning

LENGTH = 420  # characters of an abstract around a sentence
BEFORE = 110  # of them before it, where not all fits
CUT = "…"
KEPT = 512  # abstracts, some ten kilobytes each


def answered(hits: Sequence[Hit], text: str, meaning: Meaning | None) -> list[Hit]:
    """Return the hits, each with the sentence of its abstract that answers best; at most two queries."""
    if not text:
        return list(hits)
    near = [""] * len(hits)
    if meaning is not None:
        near = sentence_vectors.nearest([(hit.paper.pk, meaning.vector) for hit in hits], meaning.model)
    wanted = set(map(term, words(text)))
    return [
        replace(hit, sentence=sentence or _by_words(hit.paper, wanted))
        for hit, sentence in zip(hits, near, strict=True)
    ]


def _by_words(paper: Paper, wanted: set[int]) -> str:
    """Return the sentence with most of the wanted words, the first of equal ones; '' where none has two, or the one."""
    sentences = _taken_apart(paper.shown_abstract)
    having = [len(wanted & of_sentence) for _, of_sentence in sentences]
    most = max(having, default=0)
    return sentences[having.index(most)][0] if most and most >= min(2, len(wanted)) else ""


@lru_cache(maxsize=KEPT)
def _taken_apart(abstract: str) -> list[tuple[str, frozenset[int]]]:
    """Return sentences with their terms, cached: who types gets the same papers again and again."""
    return [(sentence, frozenset(map(term, words(sentence)))) for sentence in excerpts(abstract)]


def passage(paper: Paper, sentence: str) -> Passage | None:
    """Return the sentence within what stands around it; None where the abstract has it no longer."""
    line = " ".join(paper.shown_abstract.split())
    start = line.find(sentence.removesuffix(CUT)) if sentence else -1
    if start < 0:
        return None
    before, after = line[:start], line[start + len(sentence.removesuffix(CUT)) :]
    kept = _tail(before, max(BEFORE, LENGTH - len(sentence) - len(after)))
    room = LENGTH - len(kept) - len(sentence)
    return Passage(steady(kept), steady(sentence), "" if sentence.endswith(CUT) else _head(after, room))


def _tail(text: str, length: int) -> str:
    """Return the end of a text in at most length characters, after a whole word."""
    if len(text) <= length:
        return text
    return f"{CUT} {text[len(text) - length :].partition(' ')[2]}"


def _head(text: str, length: int) -> str:
    """Return the beginning of a text with the blank before it, '' where there is no room for some words."""
    if length < 40 and len(text) > length:
        return CUT if text.strip() else ""
    return shortened(text, length)
