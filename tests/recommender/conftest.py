"""Papers, topics and encoders for the recommender's tests."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.cosines import AS_MEASURED, Calibration
from recommender.models import EmbeddingModel
from recommender.ranking.interest_clusters import Background
from recommender.ranking.reader import Candidates
from recommender.vectors import unit
from recommender.words import lexicon
from recommender.words.lexicon import Vocabulary
from recommender.words.terms import Texts
from tests import tiny_model as tiny

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.build(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny.build(tmp_path_factory.mktemp("other"), seed=1, dimension=16))


@pytest.fixture(scope="session")
def poisoned_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Gives no usable vector for a text with the word quantum."""
    return str(tiny.poison(tiny.build(tmp_path_factory.mktemp("poisoned"), seed=2), "quantum"))


@pytest.fixture
def exact(settings: Settings) -> None:
    """Models in float32, whatever this machine's processor would have them in: what is compared must be the same."""
    settings.EMBEDDING_PRECISION = "float32"


@pytest.fixture
def as_measured(db: None, tiny_model: str) -> EmbeddingModel:
    """The tiny model's row, as if its cosines were the packaged model's: random weights give them no meaning."""
    return EmbeddingModel.objects.create(
        name=tiny_model, dimension=tiny.DIMENSION, serving=True, calibration=AS_MEASURED.as_data()
    )


@pytest.fixture
def socket_path(settings: Settings) -> Iterator[Path]:
    """Where a query encoder may listen: short, as the paths of Unix sockets must be."""
    with tempfile.TemporaryDirectory(prefix="pr") as folder:
        settings.QUERY_ENCODER_SOCKET = Path(folder) / "encoder.sock"
        yield settings.QUERY_ENCODER_SOCKET


@pytest.fixture
def make_paper(db: None) -> Callable[..., Paper]:
    def make(number: int, title: str = "", **fields: Any) -> Paper:
        day = fields.pop("day", TODAY)
        words = {"title": title or f"Paper {number}", "abstract": f"What paper {number} found.", "announced_on": day}
        paper = Paper.objects.create(identifier=f"2606.{number:05d}", **words | fields)
        edition, _ = Edition.objects.get_or_create(date=day)
        EditionEntry.objects.create(edition=edition, paper=paper)
        return paper

    return make


@pytest.fixture
def make_topic(db: None) -> Callable[..., Topic]:
    def make(name: str, **fields: Any) -> Topic:
        words = {"slug": name.lower().replace(" ", "-"), "description": f"All about {name}.", "field": "cs"}
        return Topic.objects.create(name=name, **words | fields)

    return make


def leaning(axis: int, weight: float, filler: int, dimension: int = 64) -> np.ndarray:
    """A unit vector with that cosine to one axis, the rest of it along a filler axis of its own."""
    vector = np.zeros(dimension, dtype=np.float32)
    vector[axis], vector[filler] = weight, np.sqrt(1 - weight**2)
    return unit(vector)


def candidates(vectors: list[np.ndarray], **columns: Any) -> Candidates:
    """Candidates with the ids 100, 101, …; unknown trend, nothing featured and of today unless columns say else."""
    n = len(vectors)
    return Candidates(
        ids=np.arange(100, 100 + n),
        vectors=np.stack(vectors),
        trend=np.array(columns.get("trend", [None] * n), dtype=np.float32),
        featured=np.array(columns.get("featured", [False] * n)),
        age=np.array(columns.get("age", [0] * n)),
        texts=Texts(columns.get("texts", [""] * n)),
    )


def unmeasured(vocabulary: Vocabulary, dimension: int, scales: Calibration = AS_MEASURED) -> Background:
    """A background that knows words and no papers, so that every text has the usual line."""
    vectors = np.empty((0, dimension), dtype=np.float32)
    return Background(0, vocabulary, vectors, lexicon.unit_rows([], vocabulary), scales)
