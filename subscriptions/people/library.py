"""Match a reader's own bibliography with the papers that are stored here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from papers.ingest.identity import TITLE_CHARACTERS, doi_name, surnames
from papers.models import Alias, Paper
from subscriptions.bibliographies.entries import AUTHORS, Entry

AT_ONCE = 500  # entries in a query, and until others get a turn


@dataclass(frozen=True, slots=True)
class Matched:
    here: tuple[str, ...]  # identifiers of stored papers
    wanted: tuple[str, ...]  # arXiv's identifiers of papers that are not stored
    unknown: int  # entries by which no paper can be found


@dataclass(frozen=True, slots=True)
class _Titled:
    """A stored paper with the title of an entry."""

    identifier: str
    surnames: frozenset[str]

    def admits(self, authors: Iterable[str]) -> bool:
        """Tell whether a surname is on both lists; an empty list rules nothing out."""
        theirs = surnames(authors)
        return not self.surnames or not theirs or not self.surnames.isdisjoint(theirs)


def match(entries: Sequence[Entry]) -> Matched:
    """Find each entry's paper by arXiv identifier, else by DOI, else by title and an author; in four queries."""
    steps = (entries[start : start + AT_ONCE] for start in range(0, len(entries), AT_ONCE))
    identifiers = list(chain.from_iterable(map(_identifiers, steps)))
    lacking = [entry.arxiv_id for entry, identifier in zip(entries, identifiers, strict=True) if not identifier]
    return Matched(
        here=tuple(dict.fromkeys(filter(None, identifiers))),
        wanted=tuple(dict.fromkeys(filter(None, lacking))),
        unknown=lacking.count(""),
    )


def _identifiers(entries: Sequence[Entry]) -> list[str]:
    by_name, by_title = _by_name(entries), _by_title(entries)
    return [_identifier(entry, by_name, by_title) for entry in entries]


def _identifier(entry: Entry, by_name: Mapping[str, str], by_title: Mapping[str, Sequence[_Titled]]) -> str:
    if paper := by_name.get(entry.arxiv_id) or by_name.get(doi_name(entry.doi)):
        return paper
    alike = by_title.get(_telling(entry), [])
    return next((titled.identifier for titled in alike if titled.admits(entry.authors)), "")


def _by_name(entries: Iterable[Entry]) -> dict[str, str]:
    """Map arXiv's identifiers, DOIs and aliases to identifiers of stored papers."""
    dois = {entry.doi for entry in entries} - {""}
    names = ({entry.arxiv_id for entry in entries} - {""}) | {doi_name(doi) for doi in dois}
    aliases = Alias.objects.filter(identifier__in=names).values_list("identifier", "paper__identifier")
    return dict(aliases) | dict(_stored(names, dois))


def _stored(names: Iterable[str], dois: Iterable[str]) -> Iterator[tuple[str, str]]:
    for identifier in Paper.objects.filter(identifier__in=names).values_list("identifier", flat=True):
        yield identifier, identifier
    for doi, identifier in Paper.objects.filter(doi__in=dois).values_list("doi", "identifier"):
        yield doi_name(doi), identifier


def _by_title(entries: Iterable[Entry]) -> dict[str, list[_Titled]]:
    keys = {_telling(entry) for entry in entries} - {""}
    grouped: dict[str, list[_Titled]] = {}
    for paper in Paper.objects.filter(title_key__in=keys).only("identifier", "authors", "title_key"):
        titled = _Titled(paper.identifier, frozenset(surnames(paper.authors[:AUTHORS])))
        grouped.setdefault(paper.title_key, []).append(titled)
    return grouped


def _telling(entry: Entry) -> str:
    """Return the title's key where that decides: no identifier is named, and it is long enough to tell a paper by."""
    return entry.title_key if not entry.arxiv_id and len(entry.title_key) >= TITLE_CHARACTERS else ""
