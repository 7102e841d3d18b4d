from papers.text.reading_time import WORDS_A_MINUTE, in_minutes, reading_seconds


def test_a_text_of_one_minutes_words_takes_a_minute() -> None:
    assert reading_seconds("word " * 8, "word " * (WORDS_A_MINUTE - 8)) == 60


def test_a_usual_abstract_takes_under_a_minute() -> None:
    assert 30 < reading_seconds("A title of eight words as most have", "word " * 180) < 60


def test_what_is_said_of_seconds_is_rounded_up() -> None:
    assert reading_seconds("One", "two") == 1


def test_even_a_paper_without_words_takes_time() -> None:
    assert reading_seconds("", " \n ") == 1


def test_minutes_are_whole_and_never_none() -> None:
    assert [in_minutes(seconds) for seconds in (1, 60, 89, 95, 600)] == [1, 1, 1, 2, 10]
