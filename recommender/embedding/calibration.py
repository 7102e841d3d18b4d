"""Measure what a model's cosines are worth, by pairs of texts whose cosines by the packaged model are known.

The texts come with the project: the sample's papers and the topics. Of the cosines of all topics with all papers, of
all papers with each other, and of papers' titles with their own abstracts, the quantiles of a new model are laid on
those of the packaged one. So the floor lets in the same share of pairs, whatever numbers a model gives them.
"""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np

from papers.editions.topics import TOPICS
from papers.feeds.bundled import SAMPLE
from recommender.cosines import AS_MEASURED, Calibration, CosineScale
from recommender.encoding import onnx_files
from recommender.encoding.encoder import (
    PACKAGED,
    REMEDY,
    Encoder,
    ModelUnfit,
    paper_text,
    precision,
    whereabouts,
)
from recommender.vectors import Matrix, Vector

# By the packaged model: the median of the pairs, and the share of them that lies below a measured cosine of .35, which
# is the floor. Of titles with their abstracts, the cosine that 95 % lie below. The test of calibration measures them.
LINE = 0.35
TEXTS_MEDIAN, TEXTS_BELOW = 0.109, 0.9678
PAPERS_MEDIAN, PAPERS_BELOW = 0.154, 0.9316
ALIKE_SHARE, ALIKE = 0.95, 0.771
LEAST_SPREAD = 0.002  # of cosines between the median and the line; what is stored is right to .00003


class Vectors(NamedTuple):
    """Unit rows of the bundled texts by one model; NaN where it has no vector for one."""

    texts: Matrix  # of topics with their descriptions, and of their names alone, encoded as queries
    papers: Matrix
    titles: Matrix  # of the same papers
    abstracts: Matrix


_measured: dict[tuple[str, str, str], Calibration] = {}  # by name, version and precision


def measure(loaded: Encoder) -> Calibration:
    """Return the scales of a model; some 500 texts are encoded. Raises ModelUnfit, ModelMissing."""
    if loaded.name == PACKAGED:
        return AS_MEASURED
    folder = whereabouts(loaded.name)
    key = loaded.name, onnx_files.version(folder) if folder else "", precision()
    if key not in _measured:
        _measured[key] = scales_of(loaded.name, of_bundled_texts(loaded))
    return _measured[key]


def of_bundled_texts(loaded: Encoder) -> Vectors:
    """Encode the texts that come with the project."""
    topics = json.loads(TOPICS.read_text(encoding="utf-8"))
    papers = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    texts = [*(paper_text(one["name"], one["description"]) for one in topics), *(one["name"] for one in topics)]
    whole = loaded.encode_usable([paper_text(one["title"], one["abstract"]) for one in papers])
    titles, abstracts = (loaded.encode_usable([one[part] for one in papers]) for part in ("title", "abstract"))
    return Vectors(loaded.encode_usable(texts, queries=True), whole, titles, abstracts)


def scales_of(name: str, vectors: Vectors) -> Calibration:
    """Return the scales of the model of that name by its vectors; raise ModelUnfit where they tell nothing apart."""
    return Calibration(
        _scale(name, (vectors.texts @ vectors.papers.T).ravel(), TEXTS_MEDIAN, TEXTS_BELOW),
        _scale(name, _pairs(vectors.papers), PAPERS_MEDIAN, PAPERS_BELOW),
        _through_one(name, (vectors.titles * vectors.abstracts).sum(axis=1)),
    )


def _pairs(vectors: Matrix) -> Vector:
    """Return the cosines of all pairs of different rows."""
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def _scale(name: str, cosines: Vector, median: float, below: float) -> CosineScale:
    """Lay the line and the median on those of the packaged model, but no less than 1 on 1: equal texts are alike.

    Where all vectors have one part in common, cosines are a straight line of those without it, and that goes through 1.
    """
    middle, line = np.nanquantile(cosines, [0.5, below]).tolist()
    if line - middle < LEAST_SPREAD:
        raise ModelUnfit(
            f"The encoder {name!r} finds all texts equally near ({middle:.4f} to {line:.4f}), so it can choose none. "
            f"{REMEDY}"
        )
    slope = max((LINE - median) / (line - middle), (1 - LINE) / (1 - line))
    return CosineScale(slope, LINE - slope * line)


def _through_one(name: str, cosines: Vector) -> CosineScale:
    """Lay the cosine of most titles with their abstracts on the packaged model's, and 1 on 1."""
    most = float(np.nanquantile(cosines, ALIKE_SHARE))
    if most > 1 - LEAST_SPREAD / 10:
        raise ModelUnfit(f"The encoder {name!r} does not tell a title from its abstract ({most:.5f}). {REMEDY}")
    slope = (1 - ALIKE) / (1 - most)
    return CosineScale(slope, 1 - slope)
