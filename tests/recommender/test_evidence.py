"""Relevance of an edition's papers for a batch of readers, against the formula written out for one subject."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.directory import directory
from recommender.evidence import Subjects, best_subject, paper_terms, relevance, top
from recommender.fusion import LEAST_DEVIATION, MATCHING
from recommender.vectors import unit

NAN = float("nan")
Row = dict[int, float]  # the weights of terms
DIMENSION = 8
RANDOM = np.random.default_rng(0)
PAPERS = unit(RANDOM.standard_normal((60, DIMENSION)))
# Two terms that most papers have, and many that few have; one paper has none.
PAPER_ROWS: list[Row] = [
    {1: 0.6, 7: 0.5} | {int(term): 0.1 for term in RANDOM.integers(10, 500, 20)} for _ in range(59)
]
PAPER_ROWS.append({})
SCALE = (0.1, 0.2, 0.03, 0.05)


def ids_and_weights(row: Row) -> tuple[np.ndarray, np.ndarray]:
    return np.array(sorted(row), dtype=np.uint32), np.array([row[one] for one in sorted(row)], dtype=np.float32)


TERMS = paper_terms([ids_and_weights(row) for row in PAPER_ROWS])


def subjects(*found: tuple[np.ndarray, Row, tuple[float, ...]]) -> Subjects:
    """Each by its vectors, its terms and its scales."""
    terms = [ids_and_weights(row) for _, row, _ in found]
    nothing = np.empty((0, DIMENSION), dtype=np.float32)
    return Subjects(
        vectors=np.concatenate([nothing, *(vectors for vectors, _, _ in found)]),
        starts=np.cumsum([0, *(len(vectors) for vectors, _, _ in found)])[:-1],
        term_ids=np.concatenate([np.empty(0, dtype=np.uint32), *(ids for ids, _ in terms)]),
        term_weights=np.concatenate([np.empty(0, dtype=np.float32), *(weights for _, weights in terms)]),
        term_starts=np.cumsum([0, *(len(ids) for ids, _ in terms)]),
        scales=np.array([scale for _, _, scale in found], dtype=np.float32).reshape(-1, 4),
    )


def directions(count: int) -> np.ndarray:
    return unit(RANDOM.standard_normal((count, DIMENSION))) if count else np.empty((0, DIMENSION), dtype=np.float32)


def written_out(vectors: np.ndarray, row: Row, scale: tuple[float, ...]) -> list[float]:
    dense = (PAPERS @ vectors.T).mean(axis=1)
    lexical = [sum(row[term] * paper.get(term, 0) for term in row) for paper in PAPER_ROWS]
    return [
        MATCHING.dense * (one - scale[0]) / scale[1] + MATCHING.lexical * (other - scale[2]) / scale[3]
        for one, other in zip(dense, lexical, strict=True)
    ]


def test_relevance_is_the_weighted_sum_of_two_standard_scores() -> None:
    several = [
        (directions(count), {1: 0.5, 7: 0.2, 12: 0.3, 99: 0.4, 480: 0.6, 9999: 0.3}, (0.1, 0.2 * count, 0.03, 0.05))
        for count in (1, 3, 2)
    ]
    found = relevance(subjects(*several), PAPERS, TERMS)
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([written_out(*one) for one in several]), abs=1e-5)


def test_a_subject_counts_as_if_it_were_alone() -> None:
    several = [(directions(2), {term: 0.1, term + 1: 0.7}, SCALE) for term in (1, 10, 200, 7)]
    alone = [relevance(subjects(one), PAPERS, TERMS) for one in several]
    assert relevance(subjects(*several), PAPERS, TERMS) == pytest.approx(np.concatenate(alone), abs=1e-5)


def test_without_vectors_terms_decide_and_the_other_way_round() -> None:
    row = {1: 0.5, 15: 0.8}
    words = relevance(subjects((directions(0), row, (NAN, NAN, 0.03, 0.05))), PAPERS, TERMS)
    vectors = directions(1)
    meaning = relevance(subjects((vectors, {}, (0.1, 0.2, NAN, NAN))), PAPERS, TERMS)
    both = relevance(subjects((vectors, row, SCALE)), PAPERS, TERMS)
    assert words + meaning == pytest.approx(both, abs=1e-5)


def test_evidence_without_a_scale_does_not_count() -> None:
    found = relevance(subjects((directions(2), {1: 1.0}, (NAN, NAN, NAN, NAN))), PAPERS, TERMS)
    assert found.tolist() == [[0.0] * 60]


def test_a_scale_without_evidence_does_not_count() -> None:
    found = relevance(subjects((directions(0), {}, SCALE)), PAPERS, TERMS)
    assert found.tolist() == [[0.0] * 60]


def test_no_deviation_is_no_division_by_nothing() -> None:
    found = relevance(subjects((directions(0), {7: 1.0}, (NAN, NAN, 0.5, 0.0))), PAPERS, TERMS)
    assert found.max() == pytest.approx(0, abs=1e-4)
    assert found.min() == pytest.approx(-0.5 * MATCHING.lexical / LEAST_DEVIATION, rel=1e-4)


def test_terms_that_no_paper_has_are_similar_to_nothing() -> None:
    known, unknown = ({7: 0.5}, {7: 0.5, 3: 0.4, 600: 0.4, 2**32 - 1: 0.4})
    one, other = (relevance(subjects((directions(0), row, SCALE)), PAPERS, TERMS) for row in (known, unknown))
    assert one.tolist() == other.tolist()


def test_nobody_and_nothing_are_empty_answers() -> None:
    assert relevance(subjects(), PAPERS, TERMS).shape == (0, 60)
    one = subjects((directions(1), {7: 0.5}, SCALE))
    assert relevance(one, PAPERS[:0], paper_terms([])).shape == (1, 0)
    assert relevance(one, PAPERS[:1], paper_terms([ids_and_weights({})])).shape == (1, 1)


def test_the_papers_terms_are_kept_as_rows_of_ascending_ids() -> None:
    found = paper_terms([ids_and_weights({9: 0.8, 4: 0.6}), ids_and_weights({9: 1.0})])
    assert found.ids.tolist() == [4, 9]
    assert found.rows.toarray() == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))


def test_a_readers_best_subject_decides() -> None:
    scores = np.array([[1, 5], [3, 2], [4, 4], [0, 9], [2, 2]], dtype=np.float32)
    assert best_subject(scores, np.array([0, 2, 2, 5])).tolist() == [[3, 5], [-np.inf, -np.inf], [4, 9]]
    assert best_subject(scores[:4], np.array([0, 2, 4])).tolist() == [[3, 5], [4, 9]]


@given(
    readers=st.integers(0, 4),
    papers=st.integers(0, 300),
    k=st.integers(0, 12),
    kinds=st.integers(1, 400),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_the_best_papers_are_those_of_a_full_sort(readers: int, papers: int, k: int, kinds: int, seed: int) -> None:
    scores = np.random.default_rng(seed).integers(kinds, size=(readers, papers)).astype(np.float32)
    positions, values = top(scores, np.arange(readers + 1), k)
    assert positions.tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :k].tolist()
    assert values.tolist() == (-np.sort(-scores, axis=1))[:, :k].tolist()


@given(st.sets(st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(2**32 - 9, 2**32 - 1))))
@settings(deadline=None)
def test_a_directory_finds_what_it_has_and_nothing_else(numbers: set[int]) -> None:
    held = sorted(numbers)
    asked = [*held, 0, 1, 2, 41, 2**31, 2**32 - 1]
    found = directory(np.array(held, dtype=np.uint32)).find(np.array(asked, dtype=np.uint32))
    assert found.tolist() == [held.index(one) if one in numbers else len(held) for one in asked]
