"""Match a reader's own bibliography with the papers that are stored here.

An identifier counts where the entry's title and authors do not deny it: programs that read PDFs give papers the
identifiers of others. What they deny is matched as if it had none, and told.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from papers.ingest.agreement import Description, Verdict, compare
from papers.ingest.identity import TITLE_CHARACTERS, doi_name, may_share_an_author
from papers.models import Alias, Paper
from subscriptions.bibliographies.entries import AUTHORS, Entry

AT_ONCE = 500  # entries in a query, and until others get a turn


@dataclass(frozen=True, slots=True)
class Matched:
    here: tuple[str, ...]  # identifiers of stored papers
    wanted: tuple[str, ...]  # arXiv's identifiers of papers that are not stored
    unknown: int  # entries by which no paper can be found
    mismatched: int = 0  # entries with an identifier of another paper: they are among the others, too
    short_dois: int = 0  # of the unknown ones those with a DOI that only doi.org understands
    awaited: tuple[Entry, ...] = ()  # whose titles are to be compared when the wanted papers come
    suspects: frozenset[str] = frozenset()  # identifiers that the file gives to several papers


@dataclass(frozen=True, slots=True)
class _Found:
    identifier: str = ""  # of a stored paper
    is_mismatched: bool = False


@dataclass(frozen=True, slots=True)
class _Stored:
    """The stored papers that entries may be of, by what they are recognised by."""

    by_name: Mapping[str, str]  # identifiers by arXiv's identifiers, DOIs and aliases
    described: Mapping[str, Description]  # by arXiv's identifiers and aliases
    by_title: Mapping[str, Sequence[Paper]]

    def otherwise(self, entry: Entry) -> str:
        """Return the paper of the entry's DOI, else of its title and an author, or ''."""
        alike = self.by_title.get(_telling(entry), ())
        by_title = (paper.identifier for paper in alike if may_share_an_author(paper.authors[:AUTHORS], entry.authors))
        return self.by_name.get(doi_name(entry.doi)) or next(by_title, "")


def match(entries: Sequence[Entry]) -> Matched:
    """Find each entry's paper by arXiv identifier, else by DOI, else by title and an author; in four queries."""
    suspects = suspicious(entries)
    steps = (entries[start : start + AT_ONCE] for start in range(0, len(entries), AT_ONCE))
    found = list(chain.from_iterable(_found(step, suspects) for step in steps))
    lacking = [entry for entry, one in zip(entries, found, strict=True) if not one.identifier and not one.is_mismatched]
    unknown = [entry for entry, one in zip(entries, found, strict=True) if _is_unknown(entry, one)]
    return Matched(
        here=tuple(dict.fromkeys(one.identifier for one in found if one.identifier)),
        wanted=tuple(dict.fromkeys(entry.arxiv_id for entry in lacking if entry.arxiv_id)),
        unknown=len(unknown),
        mismatched=sum(one.is_mismatched for one in found),
        short_dois=sum(entry.has_short_doi for entry in unknown),
        awaited=tuple(entry for entry in lacking if entry.arxiv_id and entry.title_key),
        suspects=suspects,
    )


def _is_unknown(entry: Entry, found: _Found) -> bool:
    return not found.identifier and (found.is_mismatched or not entry.arxiv_id)


def suspicious(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the arXiv identifiers that stand on entries of clearly different papers."""
    first: dict[str, Description] = {}
    suspects = set()
    for entry in entries:
        if entry.arxiv_id and entry.title_key:
            description = describe(entry)
            if compare(first.setdefault(entry.arxiv_id, description), description) != Verdict.SAME:
                suspects.add(entry.arxiv_id)
    return frozenset(suspects)


def describe(entry: Entry) -> Description:
    return Description(entry.title, entry.authors)


def is_meant(entry: Entry, paper: Description, *, is_suspect: bool) -> bool:
    """Tell whether an entry that names this paper is of it; where its identifier is suspect, the title must say so."""
    if not entry.title_key:
        return not is_suspect
    verdict = compare(describe(entry), paper)
    return verdict == Verdict.SAME or (verdict == Verdict.UNCLEAR and not is_suspect)


def otherwise(entries: Sequence[Entry]) -> list[str]:
    """Return the stored paper of each entry by DOI or title, whatever identifier it names, or ''."""
    stored = _stored(entries)
    return [stored.otherwise(entry) for entry in entries]


def _found(entries: Sequence[Entry], suspects: Collection[str]) -> Iterator[_Found]:
    stored = _stored(entries)
    return (_found_one(entry, stored, is_suspect=entry.arxiv_id in suspects) for entry in entries)


def _found_one(entry: Entry, stored: _Stored, *, is_suspect: bool) -> _Found:
    named = stored.by_name.get(entry.arxiv_id) if entry.arxiv_id else None
    if named and is_meant(entry, stored.described[entry.arxiv_id], is_suspect=is_suspect):
        return _Found(named)
    other = stored.otherwise(entry)
    is_of_another = bool(other and entry.arxiv_id and ":" not in other)
    return _Found(other, is_mismatched=named is not None or is_of_another)


def _stored(entries: Sequence[Entry]) -> _Stored:
    by_name, described = _by_name(entries)
    return _Stored(by_name, described, _by_title(entries))


def _by_name(entries: Iterable[Entry]) -> tuple[dict[str, str], dict[str, Description]]:
    dois = {entry.doi for entry in entries} - {""}
    names = ({entry.arxiv_id for entry in entries} - {""}) | {doi_name(doi) for doi in dois}
    aliases = Alias.objects.filter(identifier__in=names)
    rows = [*aliases.values_list("identifier", "paper__identifier", "paper__title", "paper__authors")]
    papers = Paper.objects.filter(identifier__in=names).values_list("identifier", "identifier", "title", "authors")
    by_doi = {doi_name(doi): one for doi, one in Paper.objects.filter(doi__in=dois).values_list("doi", "identifier")}
    rows += papers
    described = {name: Description(title, authors[:AUTHORS]) for name, _, title, authors in rows}
    return {name: identifier for name, identifier, _, _ in rows} | by_doi, described


def _by_title(entries: Iterable[Entry]) -> dict[str, list[Paper]]:
    keys = {_telling(entry) for entry in entries} - {""}
    grouped: dict[str, list[Paper]] = defaultdict(list)
    for paper in Paper.objects.filter(title_key__in=keys).only("identifier", "authors", "title_key"):
        grouped[paper.title_key].append(paper)
    return grouped


def _telling(entry: Entry) -> str:
    """Return the title's key where it is long enough to tell a paper by."""
    return entry.title_key if len(entry.title_key) >= TITLE_CHARACTERS else ""
