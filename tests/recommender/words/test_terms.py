from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranking.picks import rank
from recommender.words.phrases import Phrases
from recommender.words.terms import MOST_WORDS, Texts, words_of
from tests.recommender.conftest import candidates
from tests.recommender.ranking.test_ranking import axis, picked, reader, spread, topic

TEXTS = Texts(
    ["Graph Neural-Networks for chess", "Ising models . graph theory", "Die Schrödinger-Gleichung", "Go", "𝐀𝐈 on 𝔍"]
)


@pytest.mark.parametrize(
    ("term", "holding"),
    [
        ("graph", [0, 1]),
        ("Graph", [0, 1]),
        ("graphs", [0, 1]),
        ("GRAPH", []),
        ("neural networks", [0]),
        ("neural-networks", [0]),
        ("networks neural", []),
        ("schrodinger", [2]),
        ("Schrödinger Gleichung", [2]),
        ("is", []),
        ("model graph", [1]),
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


@given(st.text(max_size=60), st.booleans())
def test_a_text_of_one_line_is_found_by_its_own_words(text: str, plurals: bool) -> None:
    line = " ".join(text.split())
    if 1 < len(words_of(line)) <= MOST_WORDS and not line.isupper():
        assert Texts([f"{line}"]).holding(line, plurals=plurals).tolist() == [0]


MEETS = [
    ("LLM", "Small LLMs are tuned."),
    ("LLMs", "One LLM is tuned."),
    ("llm", "Small LLMs are tuned."),
    ("GPU", "It needs no GPUs."),
    ("diffusion model", "Diffusion models paint."),
    ("diffusion models", "A diffusion model paints."),
    ("fine-tuning", "finetuning of all"),
    ("fine-tuning", "fine tuning of all"),
    ("fine tuning", "Fine-tuning of all"),
    ("finetuning", "fine-tuning of all"),
    ("finetuning", "fine tuning of all"),
    ("pre-trained model", "Pretrained models"),
    ("dataset", "three data sets"),
    ("email", "an e-mail a day"),
    ("RCNN", "with R-CNN"),
    ("GPT-4", "GPT4 and others"),
    ("GPT4", "GPT 4 and others"),
    ("Qwen", "Qwen2.5 and Qwen3"),
    ("Qwen 2.5", "Qwen2.5-VL"),
    ("C++", "written in C++, for speed"),
    ("C", "written in C."),
    ("C#", "written in (C#)"),
    (".NET", "for .NET only"),
    ("A*", "by A* search"),
    ("US", "of US courts"),
    ("US", "of U.S. courts"),
    ("U.S.", "of US courts"),
    ("AIDS", "HIV and AIDS"),
    ("aids", "HIV and AIDS"),
    ("Newton method", "Newton's method"),
    ("matrix", "sparse matrices"),
    ("hypotheses", "a hypothesis"),
    ("policy", "two policies"),
    ("cache", "two caches"),
    ("university", "two universities"),
    ("Schrödinger equations", "the Schrodinger equation"),
    ("state of the art", "STATE OF THE ART IN CHESS"),
    ("PointNet", "PointNet++ is deeper"),
    ("large language model", "Large-Language Models"),
]
MISSES = [
    ("GPT-4", "GPT-40"),
    ("GPT-4", "GPT-4.1 and GPT-4o"),
    ("GPT-3", "GPT-3.5"),
    ("C", "written in C++ and C#"),
    ("C", "fuzzy C-means, T-C and the letter c"),
    ("C++", "written in C"),
    (".NET", "a net, a .network and NET"),
    ("PointNet++", "PointNet is flat"),
    ("AIDS", "it aids the reader"),
    ("LIMIT", "the limit and its limits"),
    ("US", "it lets us see"),
    ("IT", "as it is"),
    ("LLM", "an llama"),
    ("LIMIT", "BEYOND THE LIMIT OF SIGHT"),
    ("university", "the universe"),
    ("universal", "a universe and a university"),
    ("relativity", "related and relative"),
    ("mechanics", "a mechanism, mechanical"),
    ("dynamics", "a dynamic system"),
    ("logistics", "logistic regression"),
    ("news", "a new one"),
    ("generative", "it generates"),
    ("aid", "HIV and AIDS"),
    ("notable", "it was not able"),
    ("overall", "over all of them"),
    ("model free", "the model. A free one"),
    ("network", "the net.work"),
]


@pytest.mark.parametrize(("term", "text"), MEETS)
def test_a_term_meets_its_plural_and_its_other_spellings(term: str, text: str) -> None:
    assert Texts(["something else", text]).holding(term).tolist() == [1]


@pytest.mark.parametrize(("term", "text"), MISSES)
def test_a_term_meets_no_other_word(term: str, text: str) -> None:
    assert Texts([text]).holding(term).tolist() == []


@pytest.mark.parametrize(
    ("term", "text", "meets"),
    [
        ("LLM", "small LLMs", False),
        ("LLMs", "one LLM", False),
        ("LLMs", "small LLMs", True),
        ("diffusion model", "Diffusion models", False),
        ("Diffusion Model", "a diffusion model", True),
        ("fine-tuning", "finetuning", True),
        ("matrix", "matrices", False),
        ("US", "let us see", False),
    ],
)
def test_without_plurals_the_words_are_met_as_they_are(term: str, text: str, meets: bool) -> None:
    assert bool(len(Texts([text]).holding(term, plurals=False))) is meets


def test_a_reader_chooses_whether_terms_meet_plurals() -> None:
    pool = replace(candidates(spread(0, [0.9, 0.8])), texts=Texts(["two surveys", "a method"]))
    rankings = rank([reader(topic(1, 0), excluded=("survey",), plurals=plurals) for plurals in (True, False)], pool)
    assert [picked(ranking) for ranking in rankings] == [[101], [100, 101]]


def test_a_lab_is_met_in_any_case() -> None:
    assert Phrases(["AI at Meta", "Meta-analysis"]).holding("META").tolist() == [0, 1]


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
