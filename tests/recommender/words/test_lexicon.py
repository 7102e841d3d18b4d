"""Words as evidence."""

import numpy as np
import pytest

from recommender.words import lexicon

TEXTS = [
    "Robot grasping with touch",
    "robot grasping in the dark",
    "Quantum error correction",
    "quantum error codes",
    "",
]


@pytest.fixture
def vocabulary() -> lexicon.Vocabulary:
    return lexicon.learn(TEXTS)


def test_a_text_has_words_and_pairs_of_words_without_what_stands_everywhere() -> None:
    assert list(lexicon.terms("The robots of the Lab")) == ["robots", "lab", "robots lab"]


def test_only_terms_that_link_two_texts_are_learned(vocabulary: lexicon.Vocabulary) -> None:
    learned = {"robot", "grasping", "robot grasping", "quantum", "error", "quantum error"}
    assert vocabulary.keys.tolist() == sorted(map(lexicon.key, learned))


def test_of_too_many_terms_the_commonest_stay() -> None:
    assert lexicon.learn([*TEXTS, "robot"], most=1).keys.tolist() == [lexicon.key("robot")]


def test_the_order_of_texts_does_not_matter(vocabulary: lexicon.Vocabulary) -> None:
    assert lexicon.learn(TEXTS[::-1]).keys.tolist() == vocabulary.keys.tolist()


def test_rare_terms_weigh_more() -> None:
    learned = lexicon.learn(["robot arm", "robot arm", "robot"])
    arm, robot = learned.rarity[learned.columns(np.array([lexicon.key("arm"), lexicon.key("robot")]))]
    assert arm > robot


def test_rows_have_unit_length_and_a_text_without_known_terms_none(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows([*TEXTS, "völlig anderes"], vocabulary)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows.toarray(), axis=1).tolist() == pytest.approx([1, 1, 1, 1, 0, 0])


@pytest.mark.parametrize("texts", [[], [""], ["robot " * 200_000]])
def test_nothing_and_a_megabyte_are_texts_too(texts: list[str], vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows(texts, vocabulary)
    assert rows.shape == (len(texts), len(vocabulary))
    assert np.isfinite(rows.data).all()


def test_a_corpus_without_texts_has_no_terms() -> None:
    assert len(lexicon.learn([])) == 0
    assert lexicon.unit_rows(["robot"], lexicon.learn([])).shape == (1, 0)


def test_a_reader_is_nearer_to_papers_that_share_words(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows(TEXTS, vocabulary)
    [similarities] = lexicon.similarities(lexicon.profile(rows[:1]), rows)
    assert similarities[1] == pytest.approx(1)
    assert similarities[2:].tolist() == [0, 0, 0]


def test_a_disliked_paper_counts_against_its_words(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows(TEXTS, vocabulary)
    liking = lexicon.profile(rows[[0, 2]], np.array([1, -0.5], dtype=np.float32))
    [similarities] = lexicon.similarities(liking, rows)
    assert similarities[1] > 0 > similarities[3]


def test_a_reader_keeps_the_strongest_terms(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows([*TEXTS, "robot", "robot"], vocabulary)
    whole, short = lexicon.profile(rows), lexicon.profile(rows, most=2)
    assert short.nnz == 2
    assert min(whole[0, at] for at in short.indices) >= np.sort(whole.data)[-2]
    assert np.linalg.norm(short.data) == pytest.approx(1)


def test_a_reader_without_papers_has_no_terms(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows(TEXTS, vocabulary)
    assert lexicon.profile(rows[:0]).nnz == 0
    assert not lexicon.similarities(lexicon.profile(rows[:0]), rows).any()


def test_many_readers_are_compared_at_once(vocabulary: lexicon.Vocabulary) -> None:
    rows = lexicon.unit_rows(TEXTS, vocabulary)
    assert lexicon.similarities(rows[:2], rows).shape == (2, 5)
