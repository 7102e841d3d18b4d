"""A reader's own bibliography, BibTeX or RIS, read into what its papers are recognised by and matched with ours."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import rispy  # type: ignore[import-untyped]
from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Entry as BibtexEntry

from papers import arxiv_ids
from papers.identity import doi_name, may_share_an_author, telling_title
from papers.models import Alias, Paper

MOST_ENTRIES, MOST_BYTES = 5_000, 5_000_000
# The parser takes a minute for five megabytes of nothing but beginnings of entries, and ten seconds for as many fields.
MOST_FIELDS = 200_000
FIELDS_WITH_IDS = ("eprint", "arxivid", "url", "urls", "link", "links", "howpublished", "note", "notes", "journal")
RIS_FIELDS = ("doi", "accession_number", "journal_name", "secondary_title", "alternate_title3", "number")
_BLOCK = re.compile(r"@\s*(?!comment|string|preamble)\w+\s*[{(]", re.IGNORECASE)
_RIS_ENTRY = re.compile(r"^\ufeff?TY  ?- ", re.MULTILINE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
logging.getLogger("bibtexparser").setLevel(logging.ERROR)  # a line for each entry that a stranger wrote badly


class LibraryError(ValueError):
    """The file cannot be taken; the message is for the reader who chose it."""


@dataclass(frozen=True, slots=True)
class Entry:
    arxiv_id: str  # '' where none is named; so are the others
    doi: str
    title: str
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    here: tuple[str, ...]  # identifiers of papers that we have
    wanted: tuple[str, ...]  # arXiv's identifiers of those that we lack
    unknown: int  # entries by which no paper can be found


def read(data: bytes) -> list[Entry]:
    """The entries of a file, in its order; LibraryError where it is none, or too large."""
    text = _decode(data)
    if _RIS_ENTRY.search(text):
        _refuse_more_than(MOST_ENTRIES, len(_RIS_ENTRY.findall(text)))
        entries = [_of_ris(fields) for fields in _ris(text)]
    else:
        entries = [_of_bibtex(one) for one in _bibtex(text)]
    if not entries:
        raise LibraryError("No entry could be read in this file. Please choose a BibTeX (.bib) or RIS (.ris) file.")
    return entries


def _decode(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise LibraryError("This file is larger than 5 MB. Please export it without abstracts, or in parts.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _refuse_more_than(most: int, count: int) -> None:
    if count > most:
        raise LibraryError(f"Please keep to {most} entries; this file has {count}.")


def _ris(text: str) -> list[dict[str, object]]:
    try:
        return list(rispy.loads(text))
    except (OSError, ValueError, KeyError, IndexError, NotImplementedError) as error:
        raise LibraryError("This file begins like RIS, but is damaged. Please export it again.") from error


def _bibtex(text: str) -> list[BibtexEntry]:
    _refuse_more_than(MOST_ENTRIES, len(_BLOCK.findall(text)))
    if text.count("=") > MOST_FIELDS or text.count("@") > MOST_FIELDS:
        raise LibraryError("This file has too many fields to be a bibliography of 5000 entries.")
    library = parse_string(text)
    # An entry with the same field or key twice is told of as failed, and is read all the same.
    failed = (getattr(block, "ignore_error_block", None) for block in library.failed_blocks)
    return [*library.entries, *(one for one in failed if isinstance(one, BibtexEntry))]


def _of_bibtex(entry: BibtexEntry) -> Entry:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    authors = re.split(r"\s+and\s+", fields.get("author", ""))
    return _entry(fields, (*FIELDS_WITH_IDS, "doi"), tuple(filter(None, authors)))


def _of_ris(fields: dict[str, object]) -> Entry:
    lists = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    flat = {name: " ".join(map(str, values)) for name, values in lists.items()}
    flat.setdefault("title", flat.get("primary_title", ""))
    authors = lists.get("authors") or lists.get("first_authors") or []
    return _entry(flat, (*FIELDS_WITH_IDS, *RIS_FIELDS), tuple(map(str, authors)))


def _entry(fields: dict[str, str], places: Sequence[str], authors: tuple[str, ...]) -> Entry:
    named = arxiv_ids.find_all(" \n ".join(fields[place] for place in places if place in fields))
    doi = _DOI.search(fields.get("doi", ""))
    return Entry(named[0] if named else "", doi[0].lower() if doi else "", fields.get("title", ""), authors)


def match(entries: Sequence[Entry]) -> Matched:
    """Each entry's paper by arXiv identifier, else by DOI, else by title and an author; four queries for them all."""
    by_name, by_title = _by_name(entries), _by_title(entries)
    found = [_identifier(entry, by_name, by_title) for entry in entries]
    lacking = [one.arxiv_id for one, identifier in zip(entries, found, strict=True) if not identifier]
    return Matched(
        here=tuple(dict.fromkeys(filter(None, found))),
        wanted=tuple(dict.fromkeys(filter(None, lacking))),
        unknown=lacking.count(""),
    )


def _identifier(entry: Entry, by_name: dict[str, str], by_title: dict[str, list[Paper]]) -> str:
    if paper := by_name.get(entry.arxiv_id) or by_name.get(doi_name(entry.doi)):
        return paper
    alike = by_title.get(telling_title(entry.title), []) if not entry.arxiv_id else []
    return next((one.identifier for one in alike if may_share_an_author(one.authors, entry.authors)), "")


def _by_name(entries: Iterable[Entry]) -> dict[str, str]:
    """Identifiers of stored papers by arXiv's, by DOI and by aliases."""
    dois = {entry.doi for entry in entries} - {""}
    names = ({entry.arxiv_id for entry in entries} - {""}) | {doi_name(doi) for doi in dois}
    aliases = Alias.objects.filter(identifier__in=names).values_list("identifier", "paper__identifier")
    return dict(aliases) | dict(_stored(names, dois))


def _stored(names: Iterable[str], dois: Iterable[str]) -> Iterator[tuple[str, str]]:
    for identifier in Paper.objects.filter(identifier__in=names).values_list("identifier", flat=True):
        yield identifier, identifier
    for doi, identifier in Paper.objects.filter(doi__in=dois).values_list("doi", "identifier"):
        yield doi_name(doi), identifier


def _by_title(entries: Iterable[Entry]) -> dict[str, list[Paper]]:
    keys = {telling_title(entry.title) for entry in entries if not entry.arxiv_id} - {""}
    grouped: dict[str, list[Paper]] = {}
    for paper in Paper.objects.filter(title_key__in=keys).only("identifier", "authors", "title_key"):
        grouped.setdefault(paper.title_key, []).append(paper)
    return grouped
