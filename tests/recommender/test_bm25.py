"""The inverted index, against BM25 worked out plainly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.index import bm25
from recommender.index.stems import stems

TEXTS = ["robot grasping robot", "protein folding", "a robot that folds proteins and learns", "Erdős graphs"]
WORDS = st.lists(st.sampled_from(["robot", "robots", "protein", "graph", "the", "zebra"]), max_size=6).map(" ".join)


def plainly(query: str, texts: list[str]) -> list[float]:
    counted = [stems(text) for text in texts]
    mean = sum(map(len_of, counted)) / len(texts) or 1
    scores = [0.0] * len(texts)
    for term, times in stems(query).items():
        having = sum(term in one for one in counted)
        rarity = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for at, one in enumerate(counted):
            share = one[term] * 2.2 / (one[term] + 1.2 * (0.25 + 0.75 * len_of(one) / mean)) if one[term] else 0
            scores[at] += times * rarity * share
    return scores


def len_of(counted: dict[str, int]) -> int:
    return sum(counted.values())


@given(texts=st.lists(WORDS, min_size=1, max_size=8), query=WORDS)
def test_scores_are_those_of_the_formula(texts: list[str], query: str) -> None:
    assert bm25.build(range(len(texts)), texts).scores(query) == pytest.approx(plainly(query, texts), abs=1e-4)


@given(first=st.lists(WORDS, max_size=6), second=st.lists(WORDS, max_size=6), query=WORDS)
def test_a_changed_index_scores_as_one_built_anew(first: list[str], second: list[str], query: str) -> None:
    old = bm25.build(range(len(first)), first)
    changed = old.changed(gone=range(0, len(first), 3), ids=range(1, 1 + len(second)), texts=second)
    present = {n: text for n, text in enumerate(first) if n % 3} | dict(enumerate(second, start=1))
    anew = bm25.build(sorted(present), [present[n] for n in sorted(present)])
    assert changed.ids.tolist() == anew.ids.tolist()
    assert np.allclose(changed.scores(query), anew.scores(query))


def test_an_index_still_answers_after_a_change_made_a_new_one() -> None:
    old = bm25.build([1], ["robot"])
    old.changed(gone=[1], ids=[2], texts=["zebra"])
    assert old.scores("robot")[0] > 0
    assert old.scores("zebra").tolist() == [0]


def test_an_empty_index_has_no_scores() -> None:
    assert bm25.empty().scores("robot").tolist() == []
    assert bm25.build([1, 2], ["", "the of"]).scores("robot").tolist() == [0, 0]


def test_papers_with_every_word_of_a_text_are_known() -> None:
    index = bm25.build(range(4), TEXTS)
    assert index.with_all("robots fold").tolist() == [False, False, True, False]
    assert index.with_all("robot zebra").tolist() == [False] * 4
    assert index.with_all("of the").all()


def test_words_are_found_without_accents_and_in_other_forms() -> None:
    index = bm25.build(range(4), TEXTS)
    assert np.flatnonzero(index.scores("ERDOS graph")).tolist() == [3]
    assert np.flatnonzero(index.scores("folded")).tolist() == [1, 2]


def test_a_very_frequent_word_counts_at_most_255_times() -> None:
    assert bm25.build([1], ["robot " * 1000]).counts.data.tolist() == [255]
