"""Forms of TeX that papers of all fields have, each in the plain form that readers see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from papers.text.plain import title_key, to_unicode
from recommender.index import stems

FORMS = Path(__file__).parent / "forms.txt"


def kinds() -> dict[str, dict[str, str]]:
    """Read the file: what is served and what is shown for it, by kind."""
    found: dict[str, dict[str, str]] = {}
    for kind, line in lines():
        served, arrow, shown = line.partition(" ⇒ ")
        assert arrow, line
        found.setdefault(kind, {})[served] = shown
    return found


def lines() -> Iterator[tuple[str, str]]:
    kind = ""
    for line in FORMS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ")
        elif line and not line.startswith("# "):
            yield kind, line


KINDS = kinds()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_shown_as_people_write_it(kind: str) -> None:
    assert {served: to_unicode(served) for served in KINDS[kind]} == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_stays_as_it_is_when_it_is_read_again(kind: str) -> None:
    """A list that copied the plain form gives the same paper the same key."""
    shown = [shown for served, shown in KINDS[kind].items() if "$" not in shown]
    assert [to_unicode(text) for text in shown] == shown
    assert [title_key(served) for served in KINDS[kind]] == [title_key(shown) for shown in KINDS[kind].values()]


@pytest.mark.parametrize(
    ("served", "asked"),
    [
        (r"$\overline{ABC}(n)$", "abc"),
        (r"$\widehat{\mathfrak{sl}}_2$", "sl"),
        (r"$\mathfrak{sl}_2$", "sl2"),
        (r"the $\overline{\rm MS}$ scheme", "ms"),
        (r"H{\sc i} and $\hat{x}$", "x"),
        (r"$\SL_2(\Z)$", "sl2"),
        (r"the \Euclid mission", "euclid"),
    ],
)
def test_a_search_finds_the_letters_of_mathematics(served: str, asked: str) -> None:
    assert asked in stems.words(to_unicode(served))
