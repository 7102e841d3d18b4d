"""Any model's cosines are judged as the packaged model's are: by the same share of pairs, not by the same number."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from papers.models import Paper, Topic
from recommender.candidates import background
from recommender.cosines import AS_MEASURED, SAME, Calibration, CosineScale
from recommender.embedding import calibration, embed
from recommender.encoding import encoder, marks
from recommender.models import EmbeddingModel, PaperTopic
from recommender.ranking import interest_clusters
from recommender.ranking.feedback import Rated, lowered_by
from recommender.ranking.picks import rank
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.vectors import Matrix, Vector, unit
from recommender.words.lexicon import NO_WORDS
from tests import tiny_model as tiny
from tests.recommender.conftest import NOW

FLOOR = 0.35
FOREIGN = "Milking robots and hoof disease in dairy cattle"
BIASES = {"near .56": 1.0, "near .96": 5.0}


@cache
def packaged() -> calibration.Vectors:
    return calibration.of_bundled_texts(encoder.load(encoder.PACKAGED))


@cache
def foreign() -> Vector:
    return encoder.load(encoder.PACKAGED).encode_queries([FOREIGN])[0]


def leaning(vectors: Matrix, length: float) -> Matrix:
    """The vectors of a model that adds one vector to all."""
    towards = np.random.default_rng(1).standard_normal(vectors.shape[-1]).astype(np.float32)
    return unit(vectors + np.float32(length) * unit(towards))


def of_model(length: float) -> calibration.Vectors:
    return calibration.Vectors(*(leaning(rows, length) for rows in packaged()))


def fits(vectors: calibration.Vectors, scales: Calibration) -> np.ndarray:
    return scales.texts.of(vectors.texts @ vectors.papers.T) >= FLOOR


def test_the_packaged_model_is_what_others_are_measured_by() -> None:
    """If this fails, the bundled papers or topics have changed: write the new figures into the module."""
    scales = calibration.scales_of("packaged", packaged())
    for scale in scales:
        assert scale.slope == pytest.approx(1, abs=0.02)
        assert scale.of(np.array([FLOOR, 0.85])) == pytest.approx([FLOOR, 0.85], abs=0.01)
    assert calibration.measure(encoder.load(encoder.PACKAGED)) == AS_MEASURED


@pytest.mark.parametrize("length", BIASES.values(), ids=BIASES.keys())
def test_the_floor_lets_in_the_same_papers_by_a_model_whose_cosines_are_all_high(length: float) -> None:
    others, usual = of_model(length), fits(packaged(), AS_MEASURED)
    assert fits(others, AS_MEASURED).all(), "as they are, all clear it"
    found = fits(others, calibration.scales_of("other", others))
    assert found.sum() == pytest.approx(usual.sum(), rel=0.05)
    assert (found & usual).sum() > 0.8 * usual.sum()


@pytest.mark.parametrize("length", [0.0, *BIASES.values()], ids=["packaged", *BIASES.keys()])
def test_a_subject_that_no_paper_is_on_gets_nothing_whatever_the_model(length: float) -> None:
    vectors = of_model(length)
    scales = calibration.scales_of("other", vectors)
    candidates = pool(vectors.papers, scales)
    text = leaning(foreign()[np.newaxis], length)
    subjects = interest_clusters.of_texts([FOREIGN], text, interest_clusters.no_background(text.shape[1], scales))
    [ranking] = rank([reader(subjects)], candidates)
    assert ranking.picks == ()
    uncalibrated = interest_clusters.of_texts([FOREIGN], text, interest_clusters.no_background(text.shape[1]))
    [ranking] = rank([reader(uncalibrated)], candidates)
    assert bool(ranking.picks) is bool(length)


def pool(vectors: Matrix, scales: Calibration) -> Candidates:
    n = len(vectors)
    model = EmbeddingModel(name="other", dimension=vectors.shape[1], calibration=scales.as_data())
    unknown = np.full(n, np.nan, dtype=np.float32)
    return Candidates(np.arange(n), vectors, unknown, np.zeros(n, np.bool_), np.zeros(n, np.int64), model=model)


def reader(subjects: list[interest_clusters.Subject], kind: str = "text") -> Reader:
    return Reader(1, (ReaderInterest(1, kind, "", tuple(subjects)),), frozenset(), 10, 0.5, FLOOR)


@pytest.mark.parametrize("length", BIASES.values(), ids=BIASES.keys())
def test_near_duplicates_and_papers_wanted_less_are_told_by_measured_cosines(length: float) -> None:
    one, other = unit(np.eye(8, dtype=np.float32)[0]), unit(np.eye(8, dtype=np.float32)[1])
    twin = unit(one + 0.3 * other)
    plain, scales = np.stack([one, twin, other]), straight(length)
    vectors = lifted(plain, length)
    [ranking] = rank([reader([interest_clusters.Subject(vectors[0])])], pool(vectors, scales))
    assert [pick.folded for pick in ranking.picks if pick.paper_id == 0] == [(1,)]
    assert {pick.paper_id for pick in ranking.picks} == {0, 2}
    weights = np.ones(1, dtype=np.float32)
    usual = lowered_by(Rated(plain[:1], weights), plain)
    assert lowered_by(Rated(vectors[:1], weights), vectors, scales.papers) == pytest.approx(usual, abs=1e-3)


def lifted(vectors: Matrix, length: float) -> Matrix:
    """Add a dimension in which all are the same: their cosines are then a straight line of the old ones."""
    return unit(np.hstack([vectors, np.full((len(vectors), 1), length, dtype=np.float32)]))


def straight(length: float) -> Calibration:
    scale = CosineScale(1 + length**2, -(length**2))
    return Calibration(scale, scale, scale)


def liked(vectors: Matrix) -> interest_clusters.Evidence:
    from recommender.words import lexicon

    words = lexicon.unit_rows([""] * len(vectors), NO_WORDS)
    weights = np.linspace(1, 0.5, len(vectors), dtype=np.float32)
    return interest_clusters.Evidence([str(at) for at in range(len(vectors))], vectors, words, weights)


@pytest.mark.parametrize("length", BIASES.values(), ids=BIASES.keys())
def test_a_librarys_subjects_and_their_relevance_are_those_of_measured_cosines(length: float) -> None:
    random = np.random.default_rng(3)
    centres = np.repeat(np.eye(16, dtype=np.float32)[:3], 5, axis=0)
    plain = unit(centres + 0.15 * random.standard_normal((15, 16)).astype(np.float32))
    usual = interest_clusters.of_papers(liked(plain), interest_clusters.no_background(16))
    scales = straight(length)
    others = interest_clusters.of_papers(liked(lifted(plain, length)), interest_clusters.no_background(17, scales))
    assert [subject.papers for subject in others] == [subject.papers for subject in usual]
    [ours] = rank([reader(usual, "papers")], pool(plain, AS_MEASURED))
    [theirs] = rank([reader(others, "papers")], pool(lifted(plain, length), scales))
    relevance = {pick.paper_id: pick.relevance for pick in ours.picks}
    assert {pick.paper_id: pick.relevance for pick in theirs.picks} == pytest.approx(relevance, abs=2e-3)


def test_a_scale_is_stored_and_read_back() -> None:
    scales = Calibration(CosineScale(2.0, -0.5), SAME, CosineScale(3.0, -2.0))
    assert Calibration.of(scales.as_data()) == scales
    assert Calibration.of(None) == AS_MEASURED
    assert scales.texts.raw(scales.texts.of(np.array([0.4]))[0]) == pytest.approx(0.4)


@pytest.fixture
def other_scale(tmp_path: Path, exact: None) -> str:
    """A model whose cosines all lie near 1, of an architecture that is not exported."""
    return str(tiny.biased(tiny.build(tmp_path / "tiny"), 1.0))


@pytest.mark.django_db
def test_a_model_is_calibrated_when_it_is_first_used_and_papers_stand_under_topics_by_that(
    make_paper: Callable[..., Paper], make_topic: Callable[..., Topic], other_scale: str
) -> None:
    make_topic("Robot grasping"), make_paper(1, "Robot grasping"), make_paper(2, "Protein folding")
    embed.embed_missing(other_scale)
    model = EmbeddingModel.objects.get()
    assert model.scales == calibration.measure(encoder.load(other_scale))
    assert model.scales.texts.slope > 5
    raw = {row.paper_id: float(row.vector @ model.topicvector_set.get().vector) for row in model.papervector_set.all()}
    for shown in PaperTopic.objects.all():
        assert shown.similarity == pytest.approx(model.scales.texts.of(np.array(raw[shown.paper_id])), abs=1e-3)


@pytest.mark.django_db
def test_a_model_that_served_before_it_was_calibrated_has_subjects_measured_again(
    make_paper: Callable[..., Paper], other_scale: str
) -> None:
    make_paper(1)
    embed.embed_missing(other_scale)
    background.refresh(NOW)
    EmbeddingModel.objects.update(calibration=None, mark=b"")
    embed.embed_missing(other_scale)
    assert EmbeddingModel.objects.get().calibration
    assert background.refresh(NOW), "a newer background has what was measured by the former one measured again"


@pytest.mark.django_db
def test_a_model_that_finds_everything_equally_near_is_refused_and_gets_no_row(
    make_paper: Callable[..., Paper], tmp_path: Path, exact: None
) -> None:
    make_paper(1)
    name = str(tiny.biased(tiny.build(tmp_path / "tiny"), 40.0))
    with pytest.raises(encoder.ModelUnfit, match=r"equally near .* Set EMBEDDING_MODEL"):
        embed.embed_missing(name)
    assert not EmbeddingModel.objects.exists()


@pytest.mark.django_db
def test_a_model_that_was_changed_under_its_name_is_not_mixed_with_what_it_was(
    make_paper: Callable[..., Paper], tmp_path: Path, settings: Settings
) -> None:
    make_paper(1)
    name = str(tiny.build(tmp_path / "changing"))
    embed.embed_missing(name)
    tiny.build(tmp_path / "changing", seed=5)
    encoder.forget()
    make_paper(2)
    with pytest.raises(encoder.ModelUnfit, match=r"other vectors now .* a folder of its own"):
        embed.embed_missing(name)
    assert EmbeddingModel.objects.get().papervector_set.count() == 1


def test_precision_does_not_make_another_model(tiny_model: str, settings: Settings) -> None:
    seen = []
    for settings.EMBEDDING_PRECISION in ("float32", "bfloat16"):
        loaded = encoder.load(tiny_model)
        seen.append(loaded)
    assert marks.is_of(marks.mark(seen[0]), seen[1])
