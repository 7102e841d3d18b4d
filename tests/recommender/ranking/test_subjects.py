"""What a reader cares about, as subjects."""

import numpy as np
import pytest

from recommender.ranking import fusion, interest_clusters
from recommender.ranking.interest_clusters import Background, Evidence, of_papers, of_texts, told_apart
from recommender.vectors import unit
from recommender.words import lexicon, wording

TEXTS = ["robot grasping touch", "robot grasping dark", "quantum error codes", "quantum error correction"]
VOCABULARY = lexicon.learn(TEXTS)
UNMEASURED = Background(0, VOCABULARY, np.empty((0, 32), dtype=np.float32), lexicon.unit_rows([], VOCABULARY))


def around(axis: int, count: int, spread: float = 0.05, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed + axis).normal(scale=spread, size=(count, 32)).astype(np.float32)
    noise[:, axis] += 1
    return unit(noise)


def liked(vectors: np.ndarray, texts: list[str] | None = None, weights: list[float] | None = None) -> Evidence:
    n = len(vectors)
    words = lexicon.unit_rows(texts or [""] * n, VOCABULARY)
    return Evidence([f"p{at}" for at in range(n)], vectors, words, np.array(weights or [1.0] * n, dtype=np.float32))


def test_no_papers_have_no_subject() -> None:
    assert of_papers(liked(np.empty((0, 32), dtype=np.float32)), UNMEASURED) == []


def test_papers_on_one_subject_become_one_unit_vector() -> None:
    [found] = of_papers(liked(around(0, 50)), UNMEASURED)
    assert found.vector[0] > 0.99
    assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-5)
    assert found.share == 1


def test_a_small_subject_beside_a_large_one_keeps_a_vector_of_its_own() -> None:
    found = of_papers(liked(np.vstack([around(0, 40), around(1, 10)])), UNMEASURED)
    assert [int(one.vector.argmax()) for one in found] == [0, 1]
    assert [one.share for one in found] == pytest.approx([0.8, 0.2])


def test_a_library_has_at_most_eight_subjects_and_the_largest_of_them() -> None:
    papers = np.vstack([around(axis, 12 - axis) for axis in range(12)])
    found = of_papers(liked(papers), UNMEASURED)
    assert [int(one.vector.argmax()) for one in found] == list(range(8))


def test_thousands_of_papers_are_told_apart_too() -> None:
    papers = np.vstack([around(0, 3000, spread=0.1), around(1, 2000, spread=0.1)])
    labels = told_apart(papers)
    assert len(set(labels[:3000])) == len(set(labels[3000:])) == 1
    assert labels[0] != labels[-1]


def test_fresher_words_weigh_more() -> None:
    found = of_papers(liked(np.vstack([around(0, 2), around(1, 2)]), weights=[1, 1, 0.25, 0.25]), UNMEASURED)
    assert [one.share for one in found] == pytest.approx([0.8, 0.2])


def test_each_subject_has_the_words_of_its_own_papers() -> None:
    codes, robots = of_papers(liked(np.vstack([around(0, 2), around(1, 3)]), [*TEXTS, TEXTS[3]]), UNMEASURED)
    assert wording.shared(robots.terms, wording.of("Robot grasping"), 3) == ["Robot grasping"]
    assert wording.shared(codes.terms, wording.of("Robot grasping"), 3) == []


def test_a_subject_names_its_most_typical_papers() -> None:
    papers = np.vstack([around(0, 9), unit(np.eye(32, dtype=np.float32)[:1] + 1.2 * np.eye(32, dtype=np.float32)[5:6])])
    [found] = of_papers(liked(papers), UNMEASURED)
    assert len(found.papers) == interest_clusters.NEAREST_PAPERS
    assert "p9" not in found.papers


def test_a_subject_of_papers_is_measured_against_the_background() -> None:
    vectors = around(3, 200, spread=0.3)
    background = Background(1, VOCABULARY, vectors, lexicon.unit_rows(TEXTS * 50, VOCABULARY))
    [found] = of_papers(liked(around(0, 3)), background)
    assert found.line != fusion.OF_TEXT
    dense = vectors @ found.vector
    assert found.line.dense * dense.mean() + found.line.constant == pytest.approx(float(dense.mean()), abs=0.05)


def test_every_text_is_a_subject_with_its_words() -> None:
    found = of_texts(["robot grasping", "völlig anderes"], around(0, 2), UNMEASURED)
    assert [len(one.terms.keys) for one in found] == [3, 0]
    assert all(one.line == fusion.OF_TEXT for one in found)


def test_papers_chained_by_similar_ones_are_not_one_subject_when_their_ends_differ() -> None:
    chain = unit(np.array([[1, 0, 0], [1, 0.5, 0], [0, 0.5, 1], [0, 0, 1]], dtype=np.float32))
    assert len(set(told_apart(chain))) == 2


def test_one_paper_is_a_subject() -> None:
    assert told_apart(around(0, 1)).tolist() == [0]
