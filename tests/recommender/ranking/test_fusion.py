"""Dense and lexical evidence joined."""

import numpy as np
import pytest

from recommender.ranking.fusion import OF_TEXT, Line, bent, of_papers


def drawn(seed: int, mean: float, deviation: float, n: int = 20_000) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, deviation, n).astype(np.float32)


COSINES, WORDS = drawn(0, 0.2, 0.1), drawn(1, 0.01, 0.005)


def along(line: Line, cosines: np.ndarray, words: np.ndarray) -> np.ndarray:
    return line.dense * cosines + line.lexical * words + line.constant


def test_over_the_background_relevance_is_spread_like_the_cosines() -> None:
    found = along(of_papers(COSINES, WORDS), COSINES, WORDS)
    assert found.mean() == pytest.approx(0.2, abs=0.003)
    assert found.std() == pytest.approx(0.1, rel=0.02)


def test_each_kind_of_evidence_counts_by_its_share_of_deviations() -> None:
    line = of_papers(COSINES, WORDS, share=0.25)
    assert line.lexical * 0.005 / (line.dense * 0.1) == pytest.approx(1 / 3, rel=0.05)


@pytest.mark.parametrize(("share", "silent"), [(0.0, "lexical"), (1.0, "dense")])
def test_a_kind_without_a_share_is_silent(share: float, silent: str) -> None:
    assert getattr(of_papers(COSINES, WORDS, share), silent) == 0


def test_a_day_without_a_fitting_paper_has_no_relevant_one() -> None:
    found = along(of_papers(COSINES, WORDS), COSINES[:20] * 0, WORDS[:20] * 0)
    assert (found < 0.2).all()


def test_one_word_in_common_is_no_certainty_where_the_background_has_none() -> None:
    line = of_papers(COSINES, np.zeros_like(WORDS))
    assert line.lexical * 0.002 < 0.1


def test_a_background_of_few_papers_says_little() -> None:
    few, none = of_papers(COSINES[:3] + 0.5, WORDS[:3]), of_papers(COSINES[:0], WORDS[:0])
    assert along(few, np.float32(0.4), np.float32(0.05)) == pytest.approx(
        along(none, np.float32(0.4), np.float32(0.05)), abs=0.05
    )


def test_what_a_reader_wrote_is_judged_the_same_way_for_everybody() -> None:
    assert along(OF_TEXT, np.float32(0.4), np.float32(0.1)) == pytest.approx(0.45)


@pytest.mark.parametrize(("relevance", "told"), [(0.35, 0.35), (0.6, 0.6), (0.7, 0.68), (1.0, 0.8), (1.5, 0.877)])
def test_many_words_in_common_never_make_a_paper_more_than_wholly_alike(relevance: float, told: float) -> None:
    assert bent(np.array([relevance], dtype=np.float32)).tolist() == pytest.approx([told], abs=0.001)


def test_bending_keeps_the_order() -> None:
    values = np.linspace(-1, 3, 100, dtype=np.float32)
    assert (np.diff(bent(values)) > 0).all()
