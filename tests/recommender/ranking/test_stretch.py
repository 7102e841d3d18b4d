"""The papers of some weeks at once, against those of each day loaded for themselves."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import Event

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import Edition, EditionEntry, Paper
from recommender.candidates import kept_stretch, loading, stretch
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking.reader import Candidates
from tests.processes import eventually
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
DAYS = 7


@pytest.fixture
def model(db: None) -> EmbeddingModel:
    return EmbeddingModel.objects.create(name="any", dimension=4, serving=True)


@pytest.fixture
def papers(make_paper: Callable[..., Paper], model: EmbeddingModel) -> list[Paper]:
    """Papers of twenty days, some of them hidden, featured, withdrawn, in two editions, or without a vector."""
    random = Random(3)
    return [_made(number, random, make_paper, model) for number in range(60)]


def _made(number: int, random: Random, make_paper: Callable[..., Paper], model: EmbeddingModel) -> Paper:
    day = TODAY - timedelta(days=random.randrange(20))
    fields = {"trend": random.choice([None, 0.5]), "withdrawn_on": TODAY if number % 17 == 16 else None}
    title = f"A very good series, part {number % 3 + 1}" if number < 6 else f"Paper {number}"
    paper = make_paper(number, day=day, title=title, **fields)
    if number % 5 == 0:
        other, _ = Edition.objects.get_or_create(date=day - timedelta(days=random.randrange(1, 9)))
        EditionEntry.objects.create(edition=other, paper=paper, hidden=number % 2 == 0)
    if number % 7 == 0:
        EditionEntry.objects.filter(paper=paper, hidden=False).update(featured=True)
    if number % 13:
        vector = np.eye(4, dtype=np.float32)[number % 4]
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"", paper_updated_at=paper.updated_at
        )
    return paper


def of_window(found: Candidates) -> dict[int, tuple[object, ...]]:
    assert found.open is not None
    return {int(found.ids[at]): facts(found, at) for at in np.flatnonzero(found.open)}


def facts(found: Candidates, at: int) -> tuple[object, ...]:
    assert found.works is not None
    work = frozenset(found.ids[found.works == found.works[at]].tolist()) if found.works[at] >= 0 else None
    trend = None if np.isnan(found.trend[at]) else float(found.trend[at])
    return found.vectors[at].tolist(), trend, bool(found.featured[at]), int(found.age[at]), work, found.texts.plain[at]


@pytest.mark.parametrize("ago", [0, 1, 4, 9])
def test_a_window_has_what_is_loaded_for_that_day(papers: list[Paper], ago: int) -> None:
    day = TODAY - timedelta(days=ago)
    alone = loading.load(day, DAYS)
    expected = {int(key): facts(alone, at) for at, key in enumerate(alone.ids)}
    assert len(expected) > 3
    assert of_window(stretch.load(TODAY).window(day, DAYS).candidates) == expected


def test_its_editions_are_those_with_papers_up_to_a_day(papers: list[Paper]) -> None:
    days = stretch.load(TODAY).editions(TODAY - timedelta(days=2))
    assert days == sorted(days, reverse=True)
    assert days[0] <= TODAY - timedelta(days=2)


def test_only_the_newest_papers_are_kept_of_too_many(papers: list[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "MOST", 10)
    newest = sorted(paper.pk for paper in papers)[-10:]
    assert set(stretch.load(TODAY).candidates.ids.tolist()) <= set(newest)


def test_without_a_model_or_papers_it_is_empty(db: None) -> None:
    assert not len(stretch.load(TODAY).candidates.ids)
    EmbeddingModel.objects.create(name="any", dimension=4, serving=True)
    found = stretch.load(TODAY)
    assert found.editions(TODAY) == []
    assert found.window(TODAY, DAYS).candidates.vectors.shape == (0, 4)


def test_a_trend_a_hidden_and_a_withdrawn_paper_are_noticed_without_reading_texts_again(papers: list[Paper]) -> None:
    before = kept_stretch.current(TODAY)
    first, second, third = (
        before.window(TODAY, DAYS)
        .candidates.ids[np.flatnonzero(before.window(TODAY, DAYS).candidates.open)[:3]]
        .tolist()
    )
    Paper.objects.filter(pk=first).update(trend=0.99)
    EditionEntry.objects.filter(paper=second).update(hidden=True, featured=False)
    Paper.objects.filter(pk=third).update(withdrawn_on=TODAY)
    after = kept_stretch.current(TODAY)
    found = of_window(after.window(TODAY, DAYS).candidates)
    assert after.version == before.version
    assert found[first][1] == pytest.approx(0.99)
    assert {second, third}.isdisjoint(found)


def test_a_new_paper_and_a_new_text_are_read(papers: list[Paper], model: EmbeddingModel) -> None:
    before = kept_stretch.current(TODAY)
    changed = Paper.objects.get(pk=int(before.candidates.ids[0]))
    changed.title = "Another title"
    changed.save()
    after = kept_stretch.current(TODAY)
    assert after.version != before.version
    assert after.candidates.texts.plain[0].startswith("Another title")


def test_what_has_not_changed_is_not_read_again(
    papers: list[Paper], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first = kept_stretch.current(TODAY)
    with django_assert_max_num_queries(4):
        assert kept_stretch.current(TODAY) is first


def test_nothing_is_asked_for_some_seconds(
    papers: list[Paper], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(kept_stretch, "LOOK_AGAIN", 1_000.0)
    kept_stretch.current(TODAY)
    with django_assert_num_queries(0):
        kept_stretch.current(TODAY)


@pytest.mark.django_db(transaction=True)
def test_while_papers_are_read_anew_the_former_answer(papers: list[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_stretch, "APART", True)
    before = kept_stretch.current(TODAY)
    Paper.objects.get(pk=int(before.candidates.ids[0])).save()
    monkeypatch.setattr(kept_stretch, "REST", 1_000.0)
    assert kept_stretch.current(TODAY) is before  # read moments ago
    monkeypatch.setattr(kept_stretch, "REST", 0.0)
    may_read, load = Event(), stretch.load
    monkeypatch.setattr(stretch, "load", lambda today: may_read.wait(60) and load(today))
    assert kept_stretch.current(TODAY) is before
    monkeypatch.setattr(kept_stretch, "REST", 1_000.0)
    may_read.set()
    eventually(lambda: kept_stretch.current(TODAY).version > before.version)
