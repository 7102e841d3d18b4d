from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from recommender.benchmarks import corpus
from tests.packed_rows import write

WORDS = ["robot", "protein", "speech", "language", "folding", "grasping", "learning", "zebra"]


@pytest.fixture
def folder(tmp_path: Path, tiny_model: str, settings: Settings) -> Path:
    """Recorded data for a benchmark by the tiny model: as many papers as words."""
    settings.EMBEDDING_MODEL, settings.VAR_DIR = tiny_model, tmp_path / "var"
    rows = [{"title": one.title(), "abstract": " ".join([one, *WORDS])} for one in WORDS]
    write(tmp_path, corpus.FILES[0], rows)
    return tmp_path


@pytest.fixture
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The benchmark makes a database of its own."""
    with django_db_blocker.unblock():
        yield
