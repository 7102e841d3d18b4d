"""What readers would be sent for what they wrote, day by day: does it carry a category that fits?

The texts are our own, with the categories that somebody who wrote them would look into. A category is a coarse judge:
in a field of many papers a wrong one has the right category as well. So picks can be drawn to be read by eye, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from tqdm import tqdm

from papers.evaluation import rows
from papers.evaluation.metrics import SEED, Figures, Ints, with_errors
from recommender.evaluation import days, replay, vectors_cache
from recommender.evaluation.days import Came, Recorded, Span
from recommender.evaluation.replay import SIZE, TREND_WEIGHT
from recommender.ranking import interest_clusters, picks
from recommender.ranking.day import Day
from recommender.ranking.interest_clusters import Background
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.vectors import Matrix

TEXTS = Path(__file__).parent / "free_texts.json"
GENERAL = frozenset({"cs.AI"})  # a paper that has no other category may be on anything
RARE = 0.1  # a text whose categories so few papers have is one where a category tells something
OURS, ONE = "ours", "one similarity"
RULES = (OURS, ONE)
PLAIN = "topic"  # the kind of interest whose papers need no words


class Text(NamedTuple):
    text: str
    categories: frozenset[str]

    def fits(self, paper: Came) -> bool | None:
        """Tell whether a paper carries one of the categories, None where its own say nothing."""
        told = paper.categories and (paper.categories != GENERAL or bool(GENERAL & self.categories))
        return bool(self.categories & paper.categories) if told else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A pick for a text."""

    text: Text
    paper: Came
    relevance: float
    rule: str


@dataclass(frozen=True, slots=True)
class Result:
    span: Span
    texts: Sequence[Text]
    sent: Sequence[Sent]  # by all rules
    rare: Sequence[Text]  # of the texts

    def of(self, rule: str, among: Sequence[Text]) -> Figures:
        """Return how many picks, and the share that fits, with its error over the texts."""
        known = {text.text: at for at, text in enumerate(among)}
        count, judged, fit = np.zeros((3, len(among)), dtype=np.int64)
        for one in self.sent:
            if one.rule == rule and one.text.text in known:
                at, fits = known[one.text.text], one.text.fits(one.paper)
                count[at], judged[at], fit[at] = count[at] + 1, judged[at] + (fits is not None), fit[at] + bool(fits)
        return with_errors({"fit": _share(fit, judged)}, len(among)) | {"picks": float(count.sum())}


def _share(fit: Ints, judged: Ints) -> Callable[[Ints], float]:
    return lambda drawn: float(fit[drawn].sum() / max(1, judged[drawn].sum()))


def evaluate(folder: Path, span: Span, *, all_rows: bool) -> Result:
    """Send each text its digest of every day, by each rule; raise DataUnusable, encoder.ModelMissing.

    Without all_rows only for one half of the texts, so that a change can be chosen on the other.
    """
    every = [Text(row["text"], frozenset(row["categories"])) for row in json.loads(TEXTS.read_text(encoding="utf-8"))]
    texts = [one for one in every if all_rows or not rows.is_odd(one.text)]
    recorded = days.load(folder, span)
    if not any(len(days.positions(recorded, day)) for day in span):
        raise rows.DataUnusable(f"{folder} holds no papers from {span.first} to {span.last}.")
    world = replay.world_of(recorded, (), span)
    judged = {rule: _interests(texts, rule, world.background) for rule in RULES}
    pools = [Day(pool) for day in tqdm(list(span), desc="Reading", unit="day") if len((pool := _pool(world, day)).ids)]
    sent = [
        one
        for rule in RULES
        for text, interest in zip(texts, tqdm(judged[rule], desc=rule, unit="text"), strict=True)
        for one in _sent(text, interest, pools, recorded, rule)
    ]
    return Result(span, texts, sent, _rare(texts, pools, recorded))


def _interests(texts: Sequence[Text], rule: str, background: Background) -> list[ReaderInterest]:
    """Return an interest for each text; for one similarity without regard to words, and measured against no papers."""
    written, path = [one.text for one in texts], settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    vectors: Matrix = vectors_cache.encode(written, settings.EMBEDDING_MODEL, path, queries=True)
    measured = replace(background, scales=vectors_cache.described(settings.EMBEDDING_MODEL, vectors.shape[1]).scales)
    if rule == ONE:
        measured = replace(measured, vectors=measured.vectors[:0], words=measured.words[:0])
    kind = PLAIN if rule == ONE else picks.WRITTEN
    subjects = interest_clusters.of_texts(written, vectors, measured)
    return [ReaderInterest(1, kind, *both) for both in zip(written, ((one,) for one in subjects), strict=True)]


def _pool(world: replay.World, day: date) -> Candidates:
    return replay.candidates(world, day)


def _sent(text: Text, interest: ReaderInterest, pools: Sequence[Day], recorded: Recorded, rule: str) -> Sequence[Sent]:
    """Return all picks of a reader with this interest alone."""
    reader = Reader(1, (interest,), frozenset(), SIZE, TREND_WEIGHT, settings.RELEVANCE_FLOOR)
    found = list[Sent]()
    for day in pools:
        chosen = picks.rank_one(reader, day, picks.rows_of(interest, day.candidates)).picks
        found += [Sent(text, recorded.papers[pick.paper_id], pick.relevance, rule) for pick in chosen]
        shown = (paper for pick in chosen for paper in (pick.paper_id, *pick.folded))
        reader = replace(reader, seen=reader.seen.union(shown))
    return found


def _rare(texts: Sequence[Text], pools: Sequence[Day], recorded: Recorded) -> list[Text]:
    papers = [recorded.papers[at] for at in {int(at) for day in pools for at in day.candidates.ids}]
    judged = [(one, [fit for paper in papers if (fit := one.fits(paper)) is not None]) for one in texts]
    return [one for one, fits in judged if sum(fits) < RARE * len(fits)]


def drawn(result: Result, rule: str, most: int) -> list[Sent]:
    """Return so many of a rule's picks, drawn at random, to be read."""
    mine = [one for one in result.sent if one.rule == rule]
    order = np.random.default_rng(SEED).permutation(len(mine))[:most]
    return [mine[at] for at in sorted(order)]


def table(result: Result, read: int) -> list[str]:
    """Return lines for people: the figures, and so many picks of each rule to read."""
    groups = {"all texts": result.texts, "of rare fields": result.rare}
    lines = [
        f"{len(result.texts)} texts from {result.span.first} to {result.span.last}; {len(result.rare)} of them are of "
        f"fields that less than {RARE:.0%} of the papers carry. ± is one standard error over texts."
    ]
    for name, among in groups.items():
        if among:
            lines += ["", f"{name:24}{'picks':>8}{'fit':>16}"]
            lines += [_row(rule, result.of(rule, among)) for rule in RULES]
    for rule in RULES if read else ():
        lines += ["", f"Picks by {rule}:", *(line for one in drawn(result, rule, read) for line in _to_read(one))]
    return lines


def _row(rule: str, figures: Figures) -> str:
    return f"{rule:24}{figures['picks']:>8.0f}{figures['fit']:>9.3f} ± {figures['fit_se']:.3f}"


def _to_read(one: Sent) -> list[str]:
    abstract = " ".join(one.paper.text.abstract.split())
    categories = " ".join(sorted(one.paper.categories))
    return [f"{one.text.text}: {one.paper.text.title} ({one.relevance:.2f}; {categories})", f"    {abstract:.240}"]


def as_json(result: Result) -> str:
    groups = {"all": result.texts, "rare": result.rare}
    return json.dumps({name: {rule: result.of(rule, among) for rule in RULES} for name, among in groups.items()})
