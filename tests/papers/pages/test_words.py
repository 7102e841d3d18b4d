"""How numbers and lists are put for people."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text.words import excerpt, field_label, names, percent, short_count, signed, trend_words, web_url


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (61, "61"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (9960, "10k"), (12_345, "12k"), (999_900, "1M")],
)
def test_large_counts_are_shortened(number: int, words: str) -> None:
    assert short_count(number) == words


@pytest.mark.parametrize(
    ("trend", "field", "words"),
    [
        (None, "cs", "attention unknown"),
        (0.0, "math", "in the lower half of mathematics, last 14 days"),
        (0.5, "novel", "top 50 % of novel, last 14 days"),
        (0.95, "cs", "top 5 % of computer science, last 14 days"),
        (1.0, "", "top 1 % of all fields, last 14 days"),
    ],
)
def test_a_trend_is_said_in_words_and_an_unknown_one_is_never_low(trend: float | None, field: str, words: str) -> None:
    assert trend_words(trend, field) == words


def test_figures_are_signed_and_shares_are_not_rounded_up() -> None:
    assert (signed(12), signed(-3), signed(0), signed(-0.456, 2)) == ("+12", "−3", "+0", "−0.46")
    assert percent(0.997) == 99


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("Two\n  lines.") == "Two lines."


def test_an_excerpt_ends_between_words() -> None:
    assert excerpt("We study the behaviour, of agents.", 25) == "We study the behaviour…"


def test_a_text_without_a_space_is_cut_all_the_same() -> None:
    assert excerpt("a" * 400, 280) == "a" * 279 + "…"


@pytest.mark.parametrize(
    ("authors", "words"),
    [([], ""), (["A"], "A"), (["A", "B", "C", "D"], "A, B, C, D"), (list("ABCDE"), "A, B, C … E, et al.")],
)
def test_many_authors_become_the_first_three_and_the_last(authors: list[str], words: str) -> None:
    assert names(authors) == words


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("a/b.c", "https://github.com/a/b.c"),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(text: str, url: str) -> None:
    assert web_url(text) == url


def test_a_field_without_a_label_is_called_by_its_name() -> None:
    assert (field_label("math"), field_label("novel")) == ("Mathematics", "novel")


@pytest.mark.parametrize(
    "text",
    [
        "https://user@evil.example/",
        "https://arxiv.org@evil.example/",
        "https://arxiv.org:8443/",
        "https://arxiv.org\u202e/gro",
        "https://arxiv.org/\x00",
        "https://arxiv.org/a b",
        "https://arxiv.org\\@evil.example/",
        "https://аrxiv.org/",
        "https://localhost/",
        "https://",
        "javascript:alert(1)",
        "data:text/html,x",
    ],
)
def test_a_link_that_could_deceive_is_not_shown(text: str) -> None:
    assert web_url(text) == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_shown_leads_to_one_plain_host(start: str, end: str) -> None:
    url = web_url(f"https://{start}arxiv.org{end}")
    assert not url or (url.isascii() and url.isprintable() and " " not in url and "@" not in urlsplit(url).netloc)
