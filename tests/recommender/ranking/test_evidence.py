"""Relevance of an edition's papers for a batch of readers, against the formula written out for one subject."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.ranking import evidence
from recommender.ranking.evidence import best_subject, paper_terms, stacked, top
from recommender.ranking.fusion import OF_TEXT, Line
from recommender.ranking.interest_clusters import Subject
from recommender.vectors import unit
from recommender.words import hash_lookup
from recommender.words.lexicon import Terms

Row = dict[int, float]  # the weights of terms
RANDOM = np.random.default_rng(0)
PAPERS = unit(RANDOM.standard_normal((60, 8)))
# Two terms that most papers have, and many that few have; one paper has none.
PAPER_ROWS: list[Row] = [
    {1: 0.6, 7: 0.5} | {int(term): 0.1 for term in RANDOM.integers(10, 500, 20)} for _ in range(59)
]
PAPER_ROWS.append({})
LINE = Line(0.7, 1.5, -0.2)


def of(row: Row) -> Terms:
    return Terms(np.array(sorted(row), dtype=np.uint32), np.array([row[one] for one in sorted(row)], dtype=np.float32))


TERMS = paper_terms([of(row) for row in PAPER_ROWS])


def subject(row: Row, line: Line = LINE) -> Subject:
    return Subject(unit(RANDOM.standard_normal(8)), of(row), line)


def relevance(*subjects: Subject) -> np.ndarray:
    return evidence.relevance(stacked(subjects), PAPERS, TERMS)


def written_out(one: Subject) -> list[float]:
    row = dict(zip(one.terms.keys.tolist(), one.terms.weights.tolist(), strict=True))
    lexical = [sum(row[term] * paper.get(term, 0) for term in row) for paper in PAPER_ROWS]
    dense = PAPERS @ one.vector
    return [
        one.line.dense * cosine + one.line.lexical * words + one.line.constant
        for cosine, words in zip(dense, lexical, strict=True)
    ]


def test_relevance_is_each_subjects_own_line_through_both_cosines() -> None:
    row = {1: 0.5, 7: 0.2, 12: 0.3, 99: 0.4, 480: 0.6, 9999: 0.3}
    several = [subject(row, Line(steep, 3 * steep, -steep)) for steep in (0.5, 1.0, 2.0)]
    found = relevance(*several)
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([written_out(one) for one in several]), abs=1e-5)


def test_a_subject_counts_as_if_it_were_alone() -> None:
    several = [subject({term: 0.1, term + 1: 0.7}) for term in (1, 10, 200, 7)]
    alone = [relevance(one) for one in several]
    assert relevance(*several) == pytest.approx(np.concatenate(alone), abs=1e-5)


def test_without_terms_meaning_decides() -> None:
    one = subject({}, OF_TEXT)
    assert relevance(one)[0] == pytest.approx(PAPERS @ one.vector, abs=1e-6)


def test_terms_that_no_paper_has_are_similar_to_nothing() -> None:
    one = subject({7: 0.5})
    other = replace(one, terms=of({7: 0.5, 3: 0.4, 600: 0.4, 2**32 - 1: 0.4}))
    assert relevance(one).tolist() == relevance(other).tolist()


def test_without_papers_and_without_words_in_them_there_is_an_answer() -> None:
    one = stacked([subject({7: 0.5})])
    assert evidence.relevance(one, PAPERS[:0], paper_terms([])).shape == (1, 0)
    assert evidence.relevance(one, PAPERS[:1], paper_terms([of({})])).shape == (1, 1)


def test_the_papers_terms_are_kept_as_rows_of_ascending_ids() -> None:
    found = paper_terms([of({9: 0.8, 4: 0.6}), of({9: 1.0})])
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
    found = hash_lookup.build(np.array(held, dtype=np.uint32)).find(np.array(asked, dtype=np.uint32))
    assert found.tolist() == [held.index(one) if one in numbers else len(held) for one in asked]
