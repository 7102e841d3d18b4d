"""Another EMBEDDING_MODEL is embedded beside the one that serves, and takes over only when it is promoted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from papers.models import Paper, Topic
from recommender import tasks
from recommender.cosines import AS_MEASURED
from recommender.embedding import embed
from recommender.models import Background, EmbeddingModel, PaperTopic, PaperVector, TopicVector
from recommender.search import finding
from tests import tiny_model as tiny

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(
    make_paper: Callable[..., Paper], make_topic: Callable[..., Topic], tiny_model: str, other_model: str
) -> EmbeddingModel:
    """The other model, not embedded yet; the tiny one serves two papers and a topic."""
    make_paper(1, "Robot grasping"), make_paper(2, "Robot learning"), make_topic("Robot")
    embed.embed_missing(tiny_model)
    embed.embed_missing(other_model, limit=1)
    return EmbeddingModel.objects.get(name=other_model)


def test_the_old_model_serves_until_the_new_one_is_promoted(
    changed: EmbeddingModel, tiny_model: str, other_model: str
) -> None:
    assert not embed.is_complete(changed)
    embed.embed_missing(other_model)
    assert embed.is_complete(changed)
    assert embed.serving_model().name == tiny_model
    embed.promote(changed)
    assert embed.serving_model() == changed


def test_promotion_leaves_one_model_and_its_vectors_only(changed: EmbeddingModel, other_model: str) -> None:
    embed.embed_missing(other_model)
    embed.promote(changed)
    assert EmbeddingModel.objects.count() == 1
    assert set(PaperVector.objects.values_list("model", flat=True)) == {changed.pk}
    assert set(TopicVector.objects.values_list("model", flat=True)) == {changed.pk}


def test_promotion_puts_papers_under_topics_afresh(changed: EmbeddingModel, other_model: str) -> None:
    embed.embed_missing(other_model)
    PaperTopic.objects.all().delete()
    changed.calibration = AS_MEASURED.as_data()  # its weights are random: by what they are worth nothing is near
    embed.promote(changed)
    assert PaperTopic.objects.exists()


def test_a_model_that_does_not_serve_moves_no_paper_to_a_topic(changed: EmbeddingModel, other_model: str) -> None:
    PaperTopic.objects.all().delete()
    embed.embed_missing(other_model)
    assert not PaperTopic.objects.exists()


def test_similar_papers_come_from_the_serving_model_before_and_after(changed: EmbeddingModel, other_model: str) -> None:
    first, second = Paper.objects.order_by("pk")
    assert [hit.paper for hit in finding.similar(first)] == [second]
    embed.embed_missing(other_model)
    embed.promote(changed)
    assert [hit.paper for hit in finding.similar(first)] == [second]


def test_new_papers_get_vectors_of_both_models_meanwhile(
    changed: EmbeddingModel, make_paper: Callable[..., Paper], settings: Settings, other_model: str
) -> None:
    settings.EMBEDDING_MODEL = other_model
    paper = make_paper(3)
    tasks.embed_missing()
    assert paper.vectors.count() == 2
    assert embed.is_complete(changed)


def test_a_new_model_that_is_missing_does_not_keep_the_old_one_from_being_fed(
    changed: EmbeddingModel, make_paper: Callable[..., Paper], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMBEDDING_MODEL = "/no/such/folder"
    paper = make_paper(3)
    tasks.embed_missing()
    assert paper.vectors.get().model == embed.serving_model()


def test_a_model_that_cannot_be_used_is_named_once_and_tried_again_when_its_files_change(
    make_paper: Callable[..., Paper], settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_paper(1)
    folder = tiny.cut_off(tiny.build(tmp_path / "tiny"))
    settings.EMBEDDING_MODEL = str(folder)
    tasks.embed_missing()
    tasks.embed_missing()
    assert caplog.text.count("cannot be loaded here") == 1
    assert Background.objects.exists(), "what comes after it is reached"
    tiny.build(tmp_path / "tiny")
    tasks.embed_missing()
    assert PaperVector.objects.exists()
