"""What a card shows of an abstract: whole sentences, and the one that answers inside its neighbours."""

import pytest

from subscriptions.mails.passages import EXCERPT, Passage, cut, first_sentences, passage

ONE, TWO, THREE = "Cells divide in time.", "We show that they count.", "The code is public."
ABSTRACT = f"{ONE} {TWO} {THREE}"


@pytest.mark.parametrize(
    ("abstract", "excerpt"),
    [
        ("Short.", "Short."),
        ("One sentence. " + "word " * 100, "One sentence. " + "word " * 100),
        ("a" * 100 + ". " + "b" * 110 + ". " + "c" * 400, "a" * 100 + ". " + "b" * 110 + "."),
    ],
)
def test_an_excerpt_is_whole_sentences_where_they_fit(abstract: str, excerpt: str) -> None:
    found = first_sentences(abstract)
    assert len(found) <= EXCERPT
    assert found == excerpt or found.endswith("…")


def test_a_cut_is_between_words_where_a_script_has_any() -> None:
    assert cut("We compare " + "recognition " * 40, EXCERPT).endswith("recognition…")
    assert len(cut("識" * 500, EXCERPT)) == EXCERPT


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (ONE, Passage("", ONE, TWO)),
        (TWO, Passage(ONE, TWO, THREE)),
        (THREE, Passage(f"… {TWO}", THREE, "")),
        ("It is in no abstract.", Passage(ABSTRACT)),
        ("", Passage(ABSTRACT)),
    ],
)
def test_the_sentence_that_answers_stands_inside_its_neighbours(sentence: str, shown: Passage) -> None:
    assert passage(ABSTRACT, sentence) == shown


def test_an_answer_as_long_as_the_excerpt_stands_alone_and_is_cut() -> None:
    long = "We find " + "recognition " * 40 + "at last."
    shown = passage(f"{ONE} {long} {THREE}", long)
    assert (shown.before, shown.after) == ("…", "")
    assert shown.answer.endswith("recognition…")


def test_a_stored_sentence_that_was_cut_is_found_by_its_beginning() -> None:
    assert passage(ABSTRACT, "We show that they…").answer == TWO


def test_a_neighbour_that_has_no_room_is_cut_or_left_out() -> None:
    answer = f"We find {'it ' * 40}here."
    shown = passage(f"{'b' * 200}. {answer} {'And so on ' * 60}", answer)
    assert (shown.before, shown.answer) == ("…", answer)
    assert shown.after.endswith("And…")
    assert len(str(shown)) <= EXCERPT + 4
