"""What papers are like in general: learned now and then, and at hand in each process."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from papers.models import Paper
from recommender.candidates import background
from recommender.models import Background, EmbeddingModel, PaperVector
from recommender.ranking import fusion
from recommender.words import lexicon
from tests.recommender.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> EmbeddingModel:
    return EmbeddingModel.objects.create(name="test", dimension=8, serving=True)


@pytest.fixture
def paper(make_paper: Callable[..., Paper], model: EmbeddingModel) -> Callable[[int], Paper]:
    def make(number: int) -> Paper:
        made = make_paper(number, title=f"Robots grasp {number}")
        vector = np.eye(8, dtype=np.float32)[number % 8]
        PaperVector.objects.create(
            paper=made, model=model, vector=vector, text_hash=b"x" * 16, paper_updated_at=made.updated_at
        )
        return made

    return make


def test_without_papers_nothing_is_learned(model: EmbeddingModel) -> None:
    assert not background.refresh(NOW)
    assert background.current(model).key == 0
    assert len(background.current(model).vocabulary) == 0


def test_words_and_a_sample_of_the_papers_are_learned(paper: Callable[[int], Paper], model: EmbeddingModel) -> None:
    for number in range(4):
        paper(number)
    assert background.refresh(NOW)
    found = background.current(model)
    assert found.vectors.shape == (4, 8)
    assert found.words.shape == (4, len(found.vocabulary))
    assert lexicon.key("robots grasp") in found.vocabulary.keys


def test_it_is_read_once_and_again_when_learned_anew(
    paper: Callable[[int], Paper], model: EmbeddingModel, django_assert_num_queries: Callable[..., object]
) -> None:
    paper(0)
    background.refresh(NOW)
    first = background.current(model)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert background.current(model) is first
    paper(1)
    background.refresh(NOW)
    assert len(background.current(model).vectors) == 2


@pytest.mark.parametrize(
    ("more", "later", "due"),
    [
        (0, timedelta(days=30), False),
        (1, timedelta(days=1), False),
        (1, timedelta(days=8), True),
        (2, timedelta(0), True),
    ],
    ids=["nothing came", "a little came lately", "a little came in a week", "half as many again came"],
)
def test_it_is_learned_anew_when_that_is_due(
    paper: Callable[[int], Paper], more: int, later: timedelta, due: bool
) -> None:
    for number in range(4):
        paper(number)
    background.refresh(NOW)
    for number in range(more):
        paper(10 + number)
    assert background.refresh(NOW + later) == due


def test_few_that_were_learned_are_kept(paper: Callable[[int], Paper]) -> None:
    for number in range(6):
        paper(number)
        background.refresh(NOW + timedelta(days=8 * number))
    assert Background.objects.count() == background.KEPT


def test_the_sample_has_a_limit_and_is_the_same_every_time(
    paper: Callable[[int], Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fusion, "BACKGROUND", 3)
    for number in range(6):
        paper(number)
    background.refresh(NOW)
    first = Background.objects.get().sample
    Background.objects.all().delete()
    background.refresh(NOW)
    assert Background.objects.get().sample == first
    assert len(first) == 3
