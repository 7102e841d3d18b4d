from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranking.picks import rank
from recommender.words.terms import Texts, words
from tests.recommender.conftest import candidates
from tests.recommender.ranking.test_ranking import axis, picked, reader, spread, topic

TEXTS = Texts(
    ["Graph Neural-Networks for chess", "Ising models . graph theory", "Die Schrödinger-Gleichung", "Go", "𝐀𝐈 on 𝔍"]
)


@pytest.mark.parametrize(
    ("term", "holding"),
    [
        ("graph", [0, 1]),
        ("GRAPH", [0, 1]),
        ("neural networks", [0]),
        ("neural-networks", [0]),
        ("networks neural", []),
        ("schrodinger", [2]),
        ("Schrödinger Gleichung", [2]),
        ("is", []),
        ("grap", []),
        ("models graph", [1]),
        ("go", [3]),
        ("AI on j", [4]),
        ("unheard of", []),
        ("…", []),
        ("", []),
    ],
)
def test_a_term_is_found_by_whole_words_without_case_accents_or_hyphens(term: str, holding: list[int]) -> None:
    assert TEXTS.holding(term).tolist() == holding


def test_one_required_term_is_enough_and_one_excluded_term_too_much() -> None:
    assert TEXTS.allowed(["chess", "ising"], [], 5).tolist() == [True, True, False, False, False]
    assert TEXTS.allowed([], ["chess", "go"], 5).tolist() == [False, True, True, False, True]
    assert TEXTS.allowed(["graph"], ["chess"], 5).tolist() == [False, True, False, False, False]
    assert TEXTS.allowed([], [], 5).tolist() == [True] * 5


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_word_of_a_text_is_found_in_it(before: str, after: str) -> None:
    text = f"{before} {after}"
    assert all(Texts([text]).holding(word).tolist() == [0] for word in words(text))


def test_a_reader_never_gets_what_holds_an_excluded_term_nor_as_a_near_miss() -> None:
    pool = replace(candidates(spread(0, [0.9, 0.8, 0.3])), texts=Texts(["a survey", "a method", "another survey"]))
    [ranking] = rank([reader(topic(1, 0), excluded=("survey",))], pool)
    assert picked(ranking) == [101]
    assert (ranking.near_misses, ranking.considered) == ((), 1)


def test_a_reader_without_interests_keeps_the_terms_too() -> None:
    pool = replace(candidates([axis(0), axis(1)]), texts=Texts(["a survey", "a method"]))
    [ranking] = rank([reader(required=("method",))], pool)
    assert picked(ranking) == [101]


def test_candidates_without_texts_are_excluded_by_nothing() -> None:
    [ranking] = rank([reader(topic(1, 0), excluded=("survey",))], candidates(spread(0, [0.9])))
    assert picked(ranking) == [100]
    assert np.array_equal(Texts().allowed([], ["x"], 2), [True, True])


def test_no_phrase_reaches_from_the_title_into_the_abstract() -> None:
    texts = Texts(["Learning to rank\nAgents act", "Rank agents\nOther words"])
    assert texts.holding("rank agents").tolist() == [1]
    assert texts.holding("agents").tolist() == [0, 1]
