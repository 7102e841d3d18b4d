"""The index of vectors on PostgreSQL with pgvector, beside the one in memory."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import connection, connections
from django.utils.timezone import now
from pytest_django import DjangoDbBlocker, Settings

from papers.models import Paper
from recommender.index import choice, exact, pgvector
from recommender.models import EmbeddingModel, PaperVector
from recommender.search import finding
from recommender.vectors import Matrix, unit
from tests.services import PgvectorServer, migrated_database

D = 32
RANDOM = np.random.default_rng(0)
VECTORS = unit(RANDOM.standard_normal((600, D)) + 2 * np.eye(D)[RANDOM.integers(D, size=600)])


@pytest.fixture(scope="module")
def server() -> Iterator[PgvectorServer]:
    server = PgvectorServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def postgres(server: PgvectorServer, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """This process works on an empty migrated database of that server, without the extension."""
    migrated_database(server, "papers")
    before = connections.settings["default"]
    place = {"HOST": "127.0.0.1", "PORT": server.port, "USER": "postgres", "NAME": "papers", "OPTIONS": {}}
    mine = connections["default"]
    connections.settings["default"] = before | place | {"ENGINE": "django.db.backends.postgresql"}
    del connections["default"]
    choice.forget()
    with django_db_blocker.unblock():
        yield
        connections["default"].close()
    connections.settings["default"], connections["default"] = before, mine


@pytest.fixture
def extension(postgres: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION vector")


@pytest.fixture
def model(extension: None) -> EmbeddingModel:
    made = EmbeddingModel.objects.create(name="model", dimension=D, serving=True)
    store(made, VECTORS)
    return made


def store(model: EmbeddingModel, vectors: Matrix) -> list[Paper]:
    start = Paper.objects.count()
    papers = [Paper(identifier=f"2606.{start + at:05d}", title=f"Paper {start + at}") for at in range(len(vectors))]
    Paper.objects.bulk_create(papers)
    give(model, papers, vectors)
    return papers


def give(model: EmbeddingModel, papers: list[Paper], vectors: Matrix) -> None:
    PaperVector.objects.filter(model=model, paper__in=papers).delete()
    rows = [
        PaperVector(paper=paper, model=model, vector=vector, text_hash=b"", paper_updated_at=now())
        for paper, vector in zip(papers, vectors, strict=True)
    ]
    PaperVector.objects.bulk_create(rows)


def nearest(model: EmbeddingModel, at: int, k: int = 10) -> list[int]:
    """By the stored vectors alone."""
    found = dict(PaperVector.objects.filter(model=model).values_list("paper", "vector"))
    return sorted(found, key=lambda key: -float(found[key] @ VECTORS[at]))[:k]


def test_the_nearest_are_found(model: EmbeddingModel) -> None:
    index = choice.caught_up(model)
    assert isinstance(index, pgvector.Index)
    for at in range(20):
        assert set(nearest(model, at)) <= set(index.near(VECTORS[at], 100).ids.tolist())


def test_both_indexes_give_one_answer(model: EmbeddingModel) -> None:
    paper = Paper.objects.order_by("pk")[3]
    choice.caught_up(model)
    by_pgvector = finding.similar(paper, 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "name", lambda: choice.MEMORY)
        assert finding.similar(paper, 20) == by_pgvector


def test_the_scales_of_both_are_alike(model: EmbeddingModel) -> None:
    here, there = (index.caught_up(model).near(VECTORS[0], 5).scale for index in (pgvector, exact))
    assert (here.mean, here.deviation) == pytest.approx((there.mean, there.deviation), abs=2e-3)


@pytest.mark.parametrize("share", [2, 100], ids=["every second", "every hundredth"])
def test_the_nearest_are_found_among_those_allowed(model: EmbeddingModel, share: int) -> None:
    keys = np.array(PaperVector.objects.order_by("paper").values_list("paper", flat=True))
    allowed = np.zeros(keys[-1] + 1, dtype=bool)
    allowed[keys[::share]] = True
    found = choice.caught_up(model).near(VECTORS[0], 5, allowed).ids.tolist()
    assert found == [key for key in nearest(model, 0, 600) if allowed[key]][:5]


def test_more_papers_can_be_asked_for_than_the_graph_gives(
    model: EmbeddingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgvector, "WIDEST", 50)
    assert choice.caught_up(model).near(VECTORS[0], 300).ids.tolist() == nearest(model, 0, 300)


def test_new_and_revised_vectors_are_found_at_once(model: EmbeddingModel) -> None:
    choice.caught_up(model)
    [new] = store(model, VECTORS[:1])
    revised = Paper.objects.get(title="Paper 7")
    give(model, [revised], VECTORS[:1])
    assert {new.pk, revised.pk} <= set(choice.engine_of(model).near(VECTORS[0], 3).ids.tolist())


def test_a_table_goes_with_its_model(model: EmbeddingModel) -> None:
    choice.caught_up(model)
    other = EmbeddingModel.objects.create(name="other", dimension=D)
    model.delete()
    choice.caught_up(other)
    tables = connection.introspection.table_names()
    assert [name for name in tables if name.startswith(pgvector.PREFIX)] == [f"{pgvector.PREFIX}{other.pk}"]


def test_without_the_extension_papers_are_searched_in_memory(
    postgres: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert choice.name() == choice.MEMORY
    assert not caplog.messages
    settings.VECTOR_INDEX = "pgvector"
    assert choice.name() == choice.MEMORY
    assert "CREATE EXTENSION vector" in caplog.text


def test_the_memory_can_be_chosen_where_the_extension_is(extension: None, settings: Settings) -> None:
    settings.VECTOR_INDEX = "memory"
    assert choice.name() == choice.MEMORY
