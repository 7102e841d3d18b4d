import pytest
from hypothesis import given, strategies

from papers.text.words import shortened
from subscriptions.mails.typesetting import clean, one_line, wrapped

LINES = strategies.text(alphabet="ab é🦉\n ", max_size=400)


@given(LINES, strategies.integers(5, 80))
def test_lines_are_folded_at_spaces_and_no_letter_is_lost(text: str, width: int) -> None:
    folded = wrapped(text, width)
    assert [folded.replace("\n", " ").split()] == [text.split()]
    assert all(len(line) <= width or " " not in line.strip() for line in folded.split("\n"))


@given(strategies.text(), strategies.integers(10, 50))
def test_what_is_shortened_is_a_beginning_with_an_ellipsis(text: str, length: int) -> None:
    found = shortened(text, length)
    assert len(found) <= length
    assert found == text or text.startswith(found[:-1])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07c\x7f\ud800d", "abcd"),
        ("a\xa0b\x85c\u2028d\u202fe", "a b c d e"),
        ("two\r\nlines", "two\nlines"),
        ("שלום \u202eabc", "שלום \u202eabc"),
        ("plain – text", "plain – text"),
    ],
)
def test_control_characters_are_taken_out_and_other_spaces_become_plain(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_line_for_a_header_turns_no_direction() -> None:
    assert one_line(" a\r\nb\t\u202ec \u2066d\u2069 ") == "a b c d"
