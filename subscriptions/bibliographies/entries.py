"""The parts of a bibliography's entry that identify a paper, cut to a size before anything is made of them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from papers.arxiv import arxiv_ids
from papers.text.plain import title_key

MOST_ENTRIES, MOST_BYTES = 5_000, 5_000_000
TOO_LARGE = "This file is larger than 5 MB. Please export it without abstracts, or in parts."
# Characters that are looked at; no field that helps is longer.
FIELD, TITLE, DOI, NAME = 20_000, 500, 200, 100
AUTHORS = 100
FIELDS_WITH_IDS = ("eprint", "arxivid", "url", "urls", "link", "links", "howpublished", "note", "notes", "journal")
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

    def to_line(self) -> str:
        return json.dumps([self.arxiv_id, self.doi, self.title, self.title_key, self.authors], ensure_ascii=False)

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """Read what to_line wrote; raise ValueError for anything else. It never holds more than an entry may."""
        match json.loads(line):
            case [str(arxiv_id), str(doi), str(title), str(key), [*authors]]:
                names = [plain(str(name), NAME) for name in authors[:AUTHORS]]
                valid_doi = _DOI.fullmatch(plain(doi, DOI))
                known = arxiv_ids.canonical_id(arxiv_id[:NAME])
                return cls(
                    known, valid_doi[0] if valid_doi else "", plain(title, TITLE), plain(key, TITLE), tuple(names)
                )
        raise ValueError("not an entry")


def from_fields(fields: Mapping[str, str], places: Iterable[str], authors: Iterable[str]) -> Entry:
    """Make an entry of named fields, each cut; the first arXiv identifier in these places counts."""
    ids = arxiv_ids.find_all(" \n ".join(fields[place][:FIELD] for place in places if place in fields))
    doi, title = _DOI.search(plain(fields.get("doi", ""), DOI)), plain(fields.get("title", ""), TITLE)
    names = (plain(name, NAME) for name in islice(authors, AUTHORS))
    return Entry(
        arxiv_id=ids[0] if ids else "",
        doi=doi[0].lower() if doi else "",
        title=title,
        title_key=title_key(title),
        authors=tuple(filter(None, names)),
    )


def plain(text: str, most: int) -> str:
    """Return one line of at most so many characters, without invisible ones such as NUL."""
    line = " ".join(text[: 4 * most].split())
    return "".join(filter(str.isprintable, line))[:most]
