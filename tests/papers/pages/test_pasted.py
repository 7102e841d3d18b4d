"""What people paste into the field for papers: what is read of it, and what they are told was not."""

import pytest

from papers.arxiv.pasted import read


@pytest.mark.parametrize(
    "cut",
    [
        "2606.\n24775",
        "2606.247\r\n75",
        "2606\n.24775",
        "arXiv:2606.2477\n  5v2",
        "arXiv.2606.\n24775",
        "2606.24\u00ad\n775.",
    ],
)
def test_the_end_of_a_line_does_not_cut_an_identifier(cut: str) -> None:
    pasted = read(f"see {cut}\nand 2606.00001")
    assert (pasted.found, pasted.unread) == (["2606.24775", "2606.00001"], [])


@pytest.mark.parametrize("text", ["2606.24775\n2606.00001", "1412.1234\n1412.5678", "hep-th/9901001\n2606.24775"])
def test_two_lines_with_an_identifier_each_stay_two(text: str) -> None:
    assert read(text).found == text.split()
    assert read(text).unread == []


def test_every_piece_that_is_not_read_is_named_as_it_was_written() -> None:
    text = "2606.24775, 2613.00001; 10.1145/abc.12 https://example.org/x\n“Attention is what you have”\nhep-th/9913001"
    assert read(text).found == ["2606.24775"]
    assert read(text).unread == [
        "2613.00001",
        "10.1145/abc.12",
        "https://example.org/x",
        "“Attention is what you have”",
        "hep-th/9913001",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I liked arXiv:2606.24775v2 (and hep-th/9901001), both of 2026!",
        "1. https://arxiv.org/abs/2606.24775\n2. [hep-th/9901001]\n---\n",
        "@misc{lee, title={On 2,612.5 whales},\n eprint={2606.24775}, note={hep-th/9901001},\n pages={1501.12345678}}",
        "2606.24775 | hep-th/9901001",
        "2606.24775 (2026.06.24), hep-th/9901001v2 of 1999.01.02, 3.14159 and $1234.",
    ],
)
def test_words_and_signs_around_identifiers_are_no_mistake(text: str) -> None:
    assert (read(text).found, read(text).unread) == (["2606.24775", "hep-th/9901001"], [])


def test_an_entry_of_a_bibliography_without_an_identifier_is_named_too() -> None:
    assert read("@misc{lee,\n title={On whales}}").unread == ["@misc{lee, title={On whales}}"]


def test_nothing_is_nothing() -> None:
    assert (read(" \n ,;").found, read(" \n ,;").unread) == ([], [])
