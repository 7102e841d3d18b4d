"""The inverted lists in layers, against BM25 worked out plainly."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.index import bm25
from recommender.index.layers import Layers
from recommender.index.stems import WORD, all_words, folded, stem
from recommender.index.stems import words as words_in
from recommender.index.words import Text, WordLayer, Words

TEXTS = ["robot grasping robot", "protein folding", "a robot that folds proteins and learns", "Erdős graphs"]
WORDS = st.lists(st.sampled_from(["robot", "robots", "protein", "graph", "the", "zebra"]), max_size=6).map(" ".join)
Papers = Mapping[int, str]


def layer(papers: Papers) -> WordLayer:
    return WordLayer.of(Text(key, 0, text, 0, ()) for key, text in papers.items())


def words_of(*layers: Papers) -> Words:
    """Each later one on top of those before."""
    found: Layers[WordLayer] = Layers()
    for papers in layers:
        found = found.with_layer(layer(papers)).settled()
    return Words(found)


def scores(words: Words, query: str) -> list[float]:
    return words.scores(query).of(words.layers.ids).tolist()


def plainly(query: str, texts: list[str]) -> list[float]:
    counted = [stems(text) for text in texts]
    mean = sum(map(len_of, counted)) / len(texts) or 1
    found = [0.0] * len(texts)
    for term, times in stems(query).items():
        having = sum(term in one for one in counted)
        rarity = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for at, one in enumerate(counted):
            share = one[term] * 2.2 / (one[term] + 1.2 * (0.25 + 0.75 * len_of(one) / mean)) if one[term] else 0
            found[at] += times * rarity * share
    return found


def stems(text: str) -> Counter[str]:
    return Counter(map(stem, words_in(text)))


def len_of(counted: dict[str, int]) -> int:
    return sum(counted.values())


@given(texts=st.lists(WORDS, min_size=1, max_size=8), query=WORDS)
def test_scores_are_those_of_the_formula(texts: list[str], query: str) -> None:
    assert scores(words_of(dict(enumerate(texts))), query) == pytest.approx(plainly(query, texts), abs=1e-4)


@given(st.lists(st.dictionaries(st.integers(0, 9), WORDS, max_size=6), max_size=5), WORDS, st.sets(st.integers(0, 9)))
def test_many_layers_score_as_one(changes: list[Papers], query: str, gone: set[int]) -> None:
    present = {key: text for papers in changes for key, text in papers.items()}
    for key in gone:
        present.pop(key, None)
    layered = Words(words_of(*changes).layers.without(np.array(sorted(gone), dtype=np.int64)))
    assert layered.layers.ids.tolist() == sorted(present)
    assert scores(layered, query) == pytest.approx(scores(words_of(present), query), abs=1e-4)


@given(texts=st.lists(WORDS, min_size=1, max_size=8), query=WORDS)
def test_the_scale_is_that_of_all_scores(texts: list[str], query: str) -> None:
    found = words_of(dict(enumerate(texts[:3])), dict(enumerate(texts[3:], start=3))).scores(query)
    values = found.of(np.arange(len(texts)))
    assert (found.scale.mean, found.scale.deviation) == pytest.approx((values.mean(), values.std()), abs=1e-3)


def test_lists_joined_in_small_blocks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = scores(words_of(dict(enumerate(TEXTS)), {1: "graph folding"}), "robot folding graph")
    monkeypatch.setattr(bm25, "BLOCK", 2)
    assert scores(words_of(dict(enumerate(TEXTS)), {1: "graph folding"}), "robot folding graph") == expected


def test_the_best_papers_come_first_and_of_equal_ones_the_newest() -> None:
    found = words_of({1: "robot", 2: "robot", 3: "zebra"}, {4: "robot robot"}).scores("robot")
    assert found.best(9).tolist() == [4, 2, 1]
    assert found.best(2).tolist() == [4, 2]


def test_the_best_are_taken_from_those_allowed() -> None:
    words = words_of({1: "robot", 2: "robot", 3: "zebra"})
    assert words.scores("robot").best(1, words.among(np.array([False, True]))).tolist() == [1]


def test_an_empty_index_has_no_scores() -> None:
    assert words_of().scores("robot").best(5).tolist() == []
    assert scores(words_of({1: "", 2: "the of"}), "robot") == [0, 0]


def test_papers_with_every_word_of_a_text_are_known() -> None:
    words = words_of(dict(enumerate(TEXTS)))
    assert words.table(words.with_all("robots fold")).tolist() == [False, False, True, False]
    assert not words.table(words.with_all("robot zebra")).any()
    assert words.table(words.with_all("of the")).all()


def test_words_are_found_without_accents_and_in_other_forms() -> None:
    words = words_of(dict(enumerate(TEXTS)))
    assert words.scores("ERDOS graph").best(9).tolist() == [3]
    assert set(words.scores("folded").best(9).tolist()) == {1, 2}


def test_a_very_frequent_word_counts_at_most_255_times() -> None:
    assert layer({1: "robot " * 1000}).postings.counts.tolist() == [255]


def test_a_mark_is_no_word() -> None:
    found = WordLayer.of([Text(1, 0, "code", 0, ()), Text(2, 0, "robot", 0, ("code",))])
    words = Words(Layers().with_layer(found))
    assert words.scores("code").best(9).tolist() == [1]
    assert words.table(words.marked("code")).tolist() == [False, False, True]
    assert found.postings.lengths.tolist() == [1, 1]


def test_days_are_known_from_first_to_last() -> None:
    texts = [Text(key, 0, "", day, ()) for key, day in enumerate([0, 5, 6, 7])]
    words = Words(Layers().with_layer(WordLayer.of(texts)))
    assert words.table(words.between(1, 6)).tolist() == [False, True, True, False]


@pytest.mark.parametrize("acronym", ["llm", "cnn", "vlm", "gpu", "cpu", "lstm", "mrna", "fpga", "gan"])
def test_an_acronym_is_found_by_its_plural_and_the_other_way_round(acronym: str) -> None:
    papers = words_of({1: f"large {acronym}s", 2: f"one {acronym}", 3: "of whales"})
    for asked in (acronym, f"{acronym}s"):
        assert [score > 0 for score in scores(papers, asked)] == [True, True, False]


@pytest.mark.parametrize(
    ("one", "other"), [("gps", "gp"), ("css", "cs"), ("dns", "dn"), ("class", "clas"), ("bus", "bu")]
)
def test_what_only_ends_in_s_is_no_plural(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@given(st.text(st.characters(max_codepoint=127)) | st.text())
def test_a_text_in_ascii_is_parted_where_any_other_is(text: str) -> None:
    assert all_words(text) == [word[:64] for word in WORD.findall(folded(text))]
