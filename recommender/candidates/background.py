"""Learns now and then what papers are like in general, and keeps it at hand in each process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.encoding.encoder import paper_text
from recommender.models import Background as Learned
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import fusion
from recommender.ranking.interest_clusters import Background, no_background
from recommender.words import lexicon
from recommender.words.lexicon import NO_WORDS, Vocabulary

NEWEST = 50_000  # papers that the words are learned from
AGE = timedelta(days=7)
GROWTH = 1.5  # so many times the papers: what was learned from a few does not hold for many
KEPT = 2  # a process may just be reading the last but one
CHUNK = 2_048
SEED = 1
TEXTS = ("title", "plain_title", "abstract", "plain_abstract")


def refresh(now: datetime) -> bool:
    """Learn again if that is due: nothing was learned yet, papers are half as many again, or a week has passed."""
    last, papers = Learned.objects.only("learned_at", "papers").first(), Paper.objects.count()
    if not papers or (last and not _is_due(last, papers, now)):
        return False
    newest = list(Paper.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
    vocabulary = lexicon.learn(_texts(newest))
    drawn = np.random.default_rng(SEED).permutation(newest)[: fusion.BACKGROUND]
    with transaction.atomic():
        Learned.objects.create(
            learned_at=now,
            papers=papers,
            terms=vocabulary.keys.astype("<u4").tobytes(),
            rarity=vocabulary.rarity.astype("<f4").tobytes(),
            sample=sorted(drawn.tolist()),
        )
        kept = Learned.objects.values_list("pk", flat=True)[:KEPT]
        Learned.objects.exclude(pk__in=list(kept)).delete()
    return True


def let_be_learned_again() -> None:
    """Have the next refresh learn, so that all that was measured before is measured again."""
    Learned.objects.update(papers=0)


def _is_due(last: Learned, papers: int, now: datetime) -> bool:
    return papers >= GROWTH * last.papers or (papers != last.papers and now - last.learned_at >= AGE)


def _texts(keys: list[int]) -> Iterator[str]:
    for start in range(0, len(keys), CHUNK):
        for paper in Paper.objects.filter(pk__in=keys[start : start + CHUNK]).only(*TEXTS):
            yield text_of(paper)


def text_of(paper: Paper) -> str:
    """Return the text of a paper that words are read from: as people see it, without TeX."""
    return paper_text(paper.shown_title, paper.shown_abstract)


def newest_key() -> int:
    """Return the key of what was learned last, 0 before anything was."""
    rows = _newest()
    return int(rows[0][0]) if rows else 0


def _newest_first() -> QuerySet[Learned, tuple[int]]:
    return Learned.objects.order_by("-pk").values_list("pk")[:1]


_newest = Prepared(_newest_first)


def current(model: EmbeddingModel) -> Background:
    """Return what was learned last, measured by that model; read once by a process, after one query for its key."""
    return learned_as(newest_key(), model)


@lru_cache(maxsize=2)  # of the model that serves, and of the one that will
def learned_as(key: int, model: EmbeddingModel) -> Background:
    """Return what was learned under a key, without a query where this process has read it."""
    sampled = Learned.objects.filter(pk=key).values_list("sample", flat=True).first()
    if sampled is None:
        return no_background(model.dimension, model.scales)
    vocabulary = vocabulary_of(key)
    rows = PaperVector.objects.filter(model=model, paper__in=sampled).select_related("paper")
    sample = list(rows.only("vector", *(f"paper__{name}" for name in TEXTS)).order_by("paper"))
    if not sample:
        none = no_background(model.dimension).vectors
        return Background(key, vocabulary, none, lexicon.unit_rows([], vocabulary), model.scales)
    words = lexicon.unit_rows([text_of(row.paper) for row in sample], vocabulary)
    return Background(key, vocabulary, np.stack([row.vector for row in sample]), words, model.scales)


@lru_cache(maxsize=2)
def vocabulary_of(key: int) -> Vocabulary:
    """Return the words alone of what was learned under a key: whoever only ranks needs no sample of papers."""
    learned = Learned.objects.filter(pk=key).values_list("terms", "rarity").first()
    if learned is None:
        return NO_WORDS
    terms, rarity = learned
    return Vocabulary(np.frombuffer(terms, dtype="<u4"), np.frombuffer(rarity, dtype="<f4"))
