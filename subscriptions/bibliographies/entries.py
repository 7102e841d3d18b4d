"""The parts of a bibliography's entry that identify a paper, cut to a size before anything is made of them."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from papers.arxiv import arxiv_ids
from papers.text.plain import title_key
from subscriptions.bibliographies.fields import Fields, dois, identifiers, titles
from subscriptions.bibliographies.fields import authors as people

MOST_ENTRIES, MOST_BYTES = 5_000, 5_000_000
TOO_LARGE = "This file is larger than 5 MB. Please export it without abstracts, or in parts."
# Characters that are looked at; no field that helps is longer.
FIELD, TITLE, DOI, NAME = 20_000, 500, 200, 100
AUTHORS = 100
VALUES = 20  # of a field that is given again and again
TELLING = 25  # characters of a title
_DOI = re.compile(r"10\.\d{4,9}/\S+")


class BibliographyError(ValueError):
    """The file cannot be taken; the message is for the reader who chose it."""


@dataclass(frozen=True, slots=True)
class Entry:
    arxiv_id: str  # '' where none is named; so are the others
    doi: str
    title: str
    title_key: str  # as papers.text.plain makes it
    authors: tuple[str, ...]
    line: int = 0  # of the file, where it begins; the first is 1
    has_short_doi: bool = False  # 10/abcd, of which only doi.org knows what it stands for, and no other

    def to_line(self) -> str:
        texts = [self.arxiv_id, self.doi, self.title, self.title_key]
        return json.dumps([*texts, self.authors, self.line, self.has_short_doi], ensure_ascii=False)

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """Read what to_line wrote; raise ValueError for anything else. It never holds more than an entry may."""
        match json.loads(line):
            case [str(arxiv_id), str(doi), str(title), str(key), [*authors], int(place), bool(short)]:
                valid_doi = _DOI.fullmatch(plain(doi, DOI))
                return cls(
                    arxiv_id=arxiv_ids.canonical_id(arxiv_id[:NAME]),
                    doi=valid_doi[0] if valid_doi else "",
                    title=plain(title, TITLE),
                    title_key=plain(key, TITLE),
                    authors=tuple(plain(str(name), NAME) for name in authors[:AUTHORS]),
                    line=place,
                    has_short_doi=short,
                )
        raise ValueError("not an entry")


def from_fields(fields: Fields, authors: Iterable[str], line: int) -> Entry:
    """Make an entry of named fields, each cut.

    Fields have BibTeX's names in lower case whatever the format: title, doi, url, journal, volume, number and so on;
    what BibTeX has no name for has the format's own. Each has all its values in the file's order, as they stand there.
    Authors are one name each. The entry begins in this line of the file; the first is 1.
    """
    bounded = {name: [value[:FIELD] for value in values[:VALUES]] for name, values in fields.items()}
    title = plain(titles.readable(_best(bounded.get("title", ()))), TITLE)
    names = (plain(name, NAME) for name in people.readable(islice(authors, AUTHORS)))
    return Entry(
        arxiv_id=identifiers.find(bounded),
        doi=plain(dois.find(bounded), DOI),
        title=title,
        title_key=title_key(title),
        authors=tuple(filter(None, names)),
        line=line,
        has_short_doi=dois.is_short(bounded),
    )


def _best(values: Sequence[str]) -> str:
    """Return the first value long enough to tell a paper by, else the longest: programs write fields twice."""
    return next((value for value in values if len(value) >= TELLING), max(values, key=len, default=""))


def names(field: str) -> list[str]:
    """Split the value of BibTeX's author field."""
    return list(islice(people.separate(field), AUTHORS))


def plain(text: str, most: int) -> str:
    """Return one line of at most so many characters, without invisible ones such as NUL."""
    line = " ".join(text[: 4 * most].split())
    return "".join(filter(str.isprintable, line))[:most]
