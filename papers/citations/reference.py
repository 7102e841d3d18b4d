"""What a bibliography says about a paper, before it is written in one format or another."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, product
from string import ascii_lowercase

from papers.citations.journals import Journal, journal
from papers.citations.people import Person, person
from papers.models import Paper
from papers.text.words import plain, web_url

_SMALL = re.compile("a|an|and|are|can|do|for|from|how|in|is|of|on|the|to|via|what|why|with")


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper to be cited; a preprint where it has no journal, whatever DOI it has."""

    key: str
    people: tuple[Person, ...]
    issued: date | None  # of the preprint: the first day that is known
    year: str  # of the journal where there is one, else of the preprint
    journal: Journal | None
    url: str

    @property
    def is_preprint(self) -> bool:
        return self.journal is None


def reference(paper: Paper, key: str = "", authors: int | None = None) -> Reference:
    """Say what there is to cite, with the key that a file of several papers gives it, and at most so many authors."""
    published, issued = journal(plain(paper.journal_ref)), first_day(paper)
    return Reference(
        key=key or key_of(paper),
        people=tuple(someone for name in paper.shown_authors[:authors] if (someone := person(name)).family),
        issued=issued,
        year=(published.year if published else "") or _year(issued),
        journal=published,
        url=web_url(paper.source_url),
    )


def first_day(paper: Paper) -> date | None:
    return paper.published_on or paper.announced_on or paper.listed_on


def keys(papers: Iterable[Paper]) -> Iterator[tuple[Paper, str]]:
    """Yield each paper with its key; a key that was there before gets a, b, c and so on: no file may have one twice."""
    used: set[str] = set()
    for paper in papers:
        wanted = key_of(paper)
        key = next(key for key in _alternatives(wanted) if key not in used)
        used.add(key)
        yield paper, key


def _alternatives(key: str) -> Iterator[str]:
    yield key
    for length in count(1):
        yield from (key + "".join(letters) for letters in product(ascii_lowercase, repeat=length))


def key_of(paper: Paper) -> str:
    """Return vaswani2017attention: first author's family name, year, first word of weight in the title.

    The year is that of the preprint: a key stays what it was when a journal prints the paper.
    """
    first = next(iter(paper.shown_authors), "")
    words = [_ascii_letters(word) for word in re.split(r"[\s\-–:]+", paper.shown_title)]
    weighty = next((word for word in words if word and not _SMALL.fullmatch(word)), "")
    return f"{_key_of(first) or 'anonymous'}{_year(first_day(paper))}{weighty}"


def _key_of(author: str) -> str:
    words = person(author).family.split()
    return _ascii_letters(words[-1]) if words else ""


def _year(day: date | None) -> str:
    return str(day.year) if day else ""


def _ascii_letters(word: str) -> str:
    plain_letters = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain_letters.lower())
