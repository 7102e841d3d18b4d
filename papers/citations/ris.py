"""RIS, in the tags that Zotero, Mendeley and EndNote take; a preprint is UNPB, as Zotero writes one itself."""

from collections.abc import Iterator

from papers.citations.people import Person
from papers.citations.reference import Reference, reference
from papers.models import Paper
from papers.text.directions import steady


def entry(paper: Paper, key: str) -> str:
    """Return a record of lines that end as the format says, with a carriage return too."""
    lines = [f"{tag}  - {value}" for tag, text in _tags(paper, reference(paper, key)) if (value := _line(text))]
    return "\r\n".join([*lines, "ER  - ", ""])


def _line(text: str) -> str:
    return steady(" ".join(text.split()))


def _tags(paper: Paper, cited: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", _kind(cited)
    yield "ID", cited.key
    yield "TI", paper.shown_title
    yield from (("AU", _name(person)) for person in cited.people)
    yield from _dates(cited)
    yield from _published(cited)
    yield "DO", paper.doi
    if paper.arxiv_id:
        yield "AN", f"arXiv:{paper.arxiv_id}"
    if paper.arxiv_id and cited.is_preprint:
        yield "PB", "arXiv"
    yield from (("KW", category) for category in paper.categories)
    yield "AB", paper.shown_abstract
    yield "UR", cited.url


def _kind(cited: Reference) -> str:
    if cited.journal is None:
        return "UNPB"
    return "CPAPER" if cited.journal.is_proceedings else "JOUR"


def _name(person: Person) -> str:
    """Return 'van der Ek, Bo, Jr.'; a comma in the name of a group would make it somebody with given names."""
    if not person.given:
        return person.family.replace(",", "")
    return ", ".join(filter(None, (person.family, person.given, person.suffix)))


def _dates(cited: Reference) -> Iterator[tuple[str, str]]:
    yield "PY", cited.year
    if cited.is_preprint and cited.issued:
        yield "DA", f"{cited.issued:%Y/%m/%d}"


def _published(cited: Reference) -> Iterator[tuple[str, str]]:
    if cited.journal is None:
        return
    first, _, last = cited.journal.pages.partition("–")
    yield "T2", cited.journal.name
    yield from (("VL", cited.journal.volume), ("IS", cited.journal.issue), ("SP", first), ("EP", last))
