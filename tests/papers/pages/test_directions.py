"""Marks that turn the direction of reading: no text from outside turns what stands around it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papers.citations.bibtex import bibtex
from papers.models import Paper
from papers.sources.reading import link
from papers.text.directions import TURNS, apart, steady, straight
from papers.text.words import excerpt, names, web_url

MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXTS = st.text(alphabet=f"{MARKS}{MARKS}aש (1.", max_size=30)


def open_at_the_end(text: str) -> list[str]:
    """The marks that still turn what follows, and 'end' for one that would end a turn from before the text."""
    turns: list[str] = []
    for mark in (unicodedata.bidirectional(character) for character in text):
        if mark in {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"}:
            turns.append(mark)
        elif mark in {"PDF", "PDI"} and (not turns or turns.pop().endswith("I") != (mark == "PDI")):
            return ["end"]
    return turns


@given(TEXTS)
@example("\u202e")
@example("\u202c")
@example("\u2066\u202e\u2069\u202c")
def test_what_is_steady_ends_all_that_it_begins(text: str) -> None:
    for made in (steady(text), apart(text), names([text]), excerpt(text, 8)):
        assert open_at_the_end(made) == []
    assert TURNS.sub("", steady(text)) == straight(text) == TURNS.sub("", text)
    assert steady(steady(text)) == steady(text)
    if not open_at_the_end(text):
        assert steady(text) == text


@pytest.mark.parametrize(
    "text", ["plain", "ℓ₁ 🦉", "שלום", "\u202bשלום abc\u202c", "\u2067a \u2066b\u2069\u2069", "a\u200f"]
)
def test_texts_whose_marks_end_are_kept(text: str) -> None:
    assert steady(text) == text


def test_names_stand_apart_from_each_other() -> None:
    assert names(["Eve\u202e", "Ada"]) == "Eve, Ada"
    assert names(["שלום", "Ada"]) == "\u2068שלום\u2069, Ada"


def test_a_reference_for_a_bibliography_turns_no_line_and_names_no_odd_link() -> None:
    paper = Paper(identifier="lab:1", title="A \u202etitle", authors=["E\u202eve"], url="https://ok.org\u202e/gro")
    entry = bibtex(paper)
    assert not TURNS.search(entry)
    assert "{{A title}}" in entry
    assert "url" not in entry


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org\u202e/gro",
        "https://user@arxiv.org/abs/1",
        "https://arxiv.org:8443/",
        "https://аrxiv.org/",
        "http://localhost/",
        "https://arxiv.org/a\x85b",
        "https://arxiv.org/\\evil",
        "javascript:alert(1)",
        "a/b",
    ],
)
def test_a_link_that_no_page_would_show_is_not_stored(text: str) -> None:
    assert link(text, "url", 500) == ""


@pytest.mark.parametrize("text", ["https://example.org/a?b=c#d", "http://example.org", " https://github.com/a/b "])
def test_a_link_that_pages_show_is_stored_as_it_came(text: str) -> None:
    stored = link(text, "url", 500)
    assert stored == text.strip()
    assert web_url(stored)
    assert link(text, "url", 5) == ""
