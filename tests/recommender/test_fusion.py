"""Dense and lexical evidence joined."""

import numpy as np
import pytest

from recommender.fusion import LEAST_DEVIATION, MATCHING, Calibration, Scale, Weights, calibrate, relevance

COSINES = np.array([[0.5, 0.1], [0.3, 0.2], [0.1, 0.9]], dtype=np.float32)
WORDS = np.array([0.2, 0.4], dtype=np.float32)
NONE, NO_WORDS = COSINES[:0], np.zeros(2, dtype=np.float32)
PLAIN = Calibration(Scale(0, 1), Scale(0, 1))


def test_both_kinds_of_evidence_count_by_their_weight() -> None:
    found = relevance(COSINES[:1], WORDS, PLAIN, Weights(lexical=0.75, nearest=2))
    assert found.tolist() == pytest.approx([0.25 * 0.5 + 0.75 * 0.2, 0.25 * 0.1 + 0.75 * 0.4])
    assert found.dtype == np.float32


def test_the_nearest_vectors_decide() -> None:
    found = relevance(COSINES, NO_WORDS, PLAIN, Weights(lexical=0, nearest=2))
    assert found.tolist() == pytest.approx([0.4, 0.55])


def test_of_few_vectors_all_are_near() -> None:
    found = relevance(COSINES, NO_WORDS, PLAIN, Weights(lexical=0, nearest=9))
    assert found.tolist() == pytest.approx([0.3, 0.4])


def test_evidence_is_counted_in_the_readers_own_deviations() -> None:
    random = np.random.default_rng(0)
    cosines, words = random.random((2, 500), dtype=np.float32), random.random(500, dtype=np.float32)
    found = relevance(cosines, words, calibrate(cosines, words))
    stretched = relevance(cosines * 3 - 1, words / 9, calibrate(cosines * 3 - 1, words / 9))
    assert found.mean() == pytest.approx(0, abs=1e-5)
    assert stretched == pytest.approx(found, abs=1e-4)


def test_a_day_without_a_fitting_paper_has_no_relevant_one() -> None:
    random = np.random.default_rng(0)
    cosines, words = random.random((2, 500), dtype=np.float32), random.random(500, dtype=np.float32)
    assert (relevance(cosines[:, :20] * 0, words[:20] * 0, calibrate(cosines, words)) < 0).all()


def test_without_vectors_words_decide() -> None:
    found = relevance(NONE, WORDS, calibrate(NONE, WORDS))
    assert np.argsort(found).tolist() == np.argsort(WORDS).tolist()


def test_without_words_vectors_decide() -> None:
    found = relevance(COSINES[:1], NO_WORDS, calibrate(COSINES[:1], NO_WORDS))
    assert np.argsort(found).tolist() == np.argsort(COSINES[0]).tolist()


def test_without_anything_all_papers_are_alike() -> None:
    assert relevance(NONE, NO_WORDS, calibrate(NONE, NO_WORDS)).tolist() == [0, 0]


def test_one_word_in_common_is_no_certainty_where_the_background_has_none() -> None:
    alike = np.full(2, 0.001, dtype=np.float32)
    found = relevance(NONE, alike * 2, calibrate(NONE, alike))
    assert found.tolist() == pytest.approx([MATCHING.lexical * 0.001 / LEAST_DEVIATION] * 2)


def test_the_shipped_weights_use_both() -> None:
    assert 0 < MATCHING.lexical < 1
    assert MATCHING.dense + MATCHING.lexical == pytest.approx(1)
