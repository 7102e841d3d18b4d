from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import EditionEntry, Paper
from recommender.candidates import cache_key, loading
from recommender.models import EmbeddingModel, PaperVector
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
DAYS = 7


@pytest.fixture
def model(db: None) -> EmbeddingModel:
    return EmbeddingModel.objects.create(name="any", dimension=4, serving=True)


@pytest.fixture
def make(make_paper: Callable[..., Paper], model: EmbeddingModel) -> Callable[..., Paper]:
    def made(number: int, **fields: object) -> Paper:
        paper = make_paper(number, **fields)
        vector = np.eye(4, dtype=np.float32)[number % 4]
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"", paper_updated_at=paper.updated_at
        )
        return paper

    return made


def test_the_papers_of_the_last_days_are_candidates(make: Callable[..., Paper]) -> None:
    old = make(1, day=TODAY - timedelta(days=DAYS))
    first, last = make(2, day=TODAY - timedelta(days=DAYS - 1)), make(3)
    found = loading.load(TODAY, DAYS)
    assert found.ids.tolist() == [first.pk, last.pk]
    assert found.age.tolist() == [DAYS - 1, 0]
    assert old.pk not in found.ids


def test_a_candidate_comes_with_its_vector_trend_and_feature(make: Callable[..., Paper]) -> None:
    trending, plain = make(1, trend=0.75), make(2)
    EditionEntry.objects.filter(paper=plain).update(featured=True)
    found = loading.load(TODAY, DAYS)
    assert found.vectors.tolist() == np.eye(4)[[1, 2]].tolist()
    assert found.trend[0] == pytest.approx(0.75)
    assert np.isnan(found.trend[1])
    assert found.featured.tolist() == [False, True]
    assert found.ids.tolist() == [trending.pk, plain.pk]


def test_a_paper_that_took_off_again_is_as_young_as_its_newest_edition(make: Callable[..., Paper]) -> None:
    paper, today = make(1, day=TODAY - timedelta(days=3)), make(2)
    EditionEntry.objects.create(edition=today.editions.get(), paper=paper)
    found = loading.load(TODAY, DAYS)
    assert found.ids.tolist() == [paper.pk, today.pk]
    assert found.age.tolist() == [0, 0]


def test_hidden_papers_and_papers_without_a_vector_are_left_out(
    make: Callable[..., Paper], make_paper: Callable[..., Paper]
) -> None:
    hidden = make(1)
    make_paper(2)
    EditionEntry.objects.filter(paper=hidden).update(hidden=True)
    assert len(loading.load(TODAY, DAYS).ids) == 0


def test_without_a_serving_model_there_are_no_candidates(make_paper: Callable[..., Paper]) -> None:
    make_paper(1)
    assert len(loading.load(TODAY, DAYS).ids) == 0


def test_the_number_of_queries_does_not_grow_with_the_papers(
    make: Callable[..., Paper], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        make(number)
    with django_assert_num_queries(5):
        loading.load(TODAY, DAYS)


def test_unchanged_candidates_are_kept(make: Callable[..., Paper]) -> None:
    make(1)
    assert loading.cached(TODAY, DAYS) is loading.cached(TODAY, DAYS)


CHANGES = {
    "a paper was hidden": lambda paper: paper.entries.update(hidden=True),
    "a paper was featured": lambda paper: paper.entries.update(featured=True),
    "a trend was computed": lambda paper: Paper.objects.filter(pk=paper.pk).update(trend=0.5),
    "a vector went": lambda paper: paper.vectors.all().delete(),
    "an entry went": lambda paper: paper.entries.all().delete(),
    "no model serves": lambda paper: EmbeddingModel.objects.update(serving=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_candidates_are_loaded_again(make: Callable[..., Paper], change: Callable[[Paper], object]) -> None:
    make(1)
    paper = make(2)
    before = loading.cached(TODAY, DAYS)
    change(paper)
    assert loading.cached(TODAY, DAYS) is not before


def test_hiding_another_paper_instead_is_noticed(make: Callable[..., Paper]) -> None:
    one, two = make(1), make(2)
    one.entries.update(hidden=True)
    assert loading.cached(TODAY, DAYS).ids.tolist() == [two.pk]
    one.entries.update(hidden=False)
    two.entries.update(hidden=True)
    assert loading.cached(TODAY, DAYS).ids.tolist() == [one.pk]


DAMAGE = {
    "authors that are a number": lambda paper: Paper.objects.filter(pk=paper.pk).update(authors=5),
    "a vector of another length": lambda paper: paper.vectors.update(vector=np.ones(3, dtype=np.float32)),
    "half a number in a vector": lambda paper: paper.vectors.update(vector=b"abc"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_paper_is_left_out_and_told_of_and_the_others_stay(
    make: Callable[..., Paper], damage: Callable[[Paper], object], caplog: pytest.LogCaptureFixture
) -> None:
    papers = [make(number) for number in range(5)]
    damage(papers[3])
    found = loading.load(TODAY, DAYS)
    assert found.ids.tolist() == [paper.pk for paper in papers if paper != papers[3]]
    assert found.vectors.shape == (4, 4)
    assert f"Paper {papers[3].pk} is in no digest" in caplog.text


def test_papers_without_a_vector_are_found_with_their_categories(
    make: Callable[..., Paper], make_paper: Callable[..., Paper]
) -> None:
    make(1)
    bare, damaged = make_paper(2, categories=["cs.LG", "cs.AI"]), make_paper(3, categories=7)
    found = loading.load_unembedded(TODAY, DAYS)
    assert found.ids.tolist() == [bare.pk]
    assert found.categories == (frozenset({"cs.LG", "cs.AI"}),)
    assert damaged.pk not in found.ids


def test_a_changed_trend_may_be_noticed_some_seconds_later_but_a_hidden_paper_is_at_once(
    make: Callable[..., Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_key, "LOOK_AGAIN", 3_600.0)
    kept, hidden = make(1), make(2)
    before = loading.cached(TODAY, DAYS)
    Paper.objects.update(trend=0.5)
    assert loading.cached(TODAY, DAYS) is before
    hidden.entries.update(hidden=True)
    assert loading.cached(TODAY, DAYS).ids.tolist() == [kept.pk]
