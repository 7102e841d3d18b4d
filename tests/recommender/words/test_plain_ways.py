"""What reads many texts at once reads each as the plain way does, which is written out here."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.words import lexicon, number, tokens
from recommender.words.occurrences import BREAK, Occurrences
from recommender.words.tokens import Joint

PIECES = ["C++", "C#", ".NET", "U.S.", "GPT-4.1", "GPT4", "Llama3", "LLMs", "AIDS", "'s", "Newton’s", "Erdős", "𝐀𝐈"]
PIECES += ["fine-tuning", "models,", "(models)", '"analyses"', "studies", "cache/caches", "matrices.", "50%", "—", "ß"]
SIGNS = "aZsé0.5,;:()[]\"'’“”#+*%-–/_&µ"
written = st.one_of(st.sampled_from(PIECES), st.text(SIGNS, min_size=1, max_size=6), st.text(min_size=1, max_size=6))
texts_of = st.lists(st.one_of(st.lists(written, max_size=12).map(" ".join), st.just("\n")), max_size=6).map("\n".join)


@given(written.filter(lambda text: len(text.split()) == 1))
def test_what_most_words_are_is_seen_at_a_glance(text: str) -> None:
    [plain] = tokens.without_accents(text).split()[:1] or ["-"]
    assert tokens.chunk(plain) == tokens.read_closely(plain)


@given(st.one_of(st.sampled_from(sorted(number.IRREGULAR)), st.text("acehiosuxyz", max_size=8), st.text(max_size=4)))
def test_every_word_is_found_by_its_singular(word: str) -> None:
    assert word in number.with_singular(number.singular(word))
    assert {number.singular(each) for each in number.with_singular(word)} <= {word}


@given(st.lists(texts_of, max_size=4))
def test_the_words_of_all_texts_stand_in_their_order(texts: list[str]) -> None:
    found = Occurrences(texts)
    words, joints, text_of = _row(texts)
    numbers = np.empty(len(found.text_of), dtype=np.int64)
    numbers[found._order] = np.repeat(np.arange(len(found._written)), np.diff(found._starts))
    assert [found._written[number] for number in numbers] == words
    assert found.joints.tolist() == joints
    assert found.text_of.tolist() == text_of


def _row(texts: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    words, joints, text_of = [BREAK], [int(Joint.APART)], [-1]
    for at, text in enumerate(texts):
        for line in text.split(BREAK):
            ends = False
            for read in map(tokens.read_closely, tokens.chunks(line)):
                if read.words:
                    joints[-1] = Joint.BLANK if ends and read.begins else Joint.APART
                words += read.words
                joints += [*read.joints, Joint.APART] if read.words else []
                ends = read.ends
            words.append(BREAK)
            joints.append(Joint.APART)
        text_of += [at] * (len(words) - len(text_of))
    return words, joints, text_of


@given(texts_of)
def test_the_number_of_a_pair_is_that_of_its_text(text: str) -> None:
    assert lexicon.keys(text).tolist() == list(map(lexicon.key, lexicon.terms(text)))


@given(st.lists(texts_of, max_size=4), st.lists(texts_of, max_size=3))
def test_rows_of_many_texts_are_those_of_each(texts: list[str], known: list[str]) -> None:
    vocabulary = lexicon.learn([*texts, *known, *known])
    rows = lexicon.unit_rows(texts, vocabulary)
    each = [lexicon.unit_rows([text], vocabulary).toarray() for text in texts]
    assert np.array_equal(rows.toarray(), np.vstack([np.empty((0, len(vocabulary))), *each]))
    assert rows.has_sorted_indices
