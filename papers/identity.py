"""One paper is one row, under whatever names its sources know it.

A record finds its paper by identifier, else by an alias, else by DOI, else by title together with an author's surname.
Two papers with different arXiv identifiers are never one, whatever else they share.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection
from django.db.models import Q

from papers.models import Alias, Paper
from papers.records import PaperRecord
from papers.text import title_key

Records = dict[str, list[PaperRecord]]

TITLE_CHARACTERS = 25  # of a title's key: shorter ones are shared by papers that have nothing to do with each other
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
DOI = "doi:"
LOCK = 7_305_118_264  # a number of our own among PostgreSQL's advisory locks


@dataclass(slots=True)
class Known:
    """A paper as far as it takes to recognise it: a stored one, or one first met in these records."""

    identifier: str
    arxiv_id: str
    authors: Sequence[str]
    is_stored: bool
    records: list[PaperRecord] = field(default_factory=list)

    def admits(self, record: PaperRecord) -> bool:
        return not (self.arxiv_id and record.arxiv_id) or self.arxiv_id == record.arxiv_id

    def take(self, record: PaperRecord) -> None:
        self.records.append(record)
        self.arxiv_id = self.arxiv_id or record.arxiv_id
        if not self.is_stored:
            self.identifier = self.arxiv_id or self.identifier


class Register:
    """The papers that a handful of records may be of, by what they are recognised by."""

    def __init__(self) -> None:
        self.by_name: dict[str, Known] = {}
        self.by_title: dict[str, list[Known]] = defaultdict(list)

    def add(self, paper: Paper, name: str = "") -> Known:
        """A stored paper, the same one each time, and another name for it."""
        known = self.by_name.get(paper.identifier)
        known = known or Known(paper.identifier, paper.arxiv_id, paper.authors, is_stored=True)
        for one in (paper.identifier, name):
            self.by_name.setdefault(one, known)
        return known

    def file(self, record: PaperRecord) -> None:
        """Give record to its paper, which is found from now on by all that record calls it."""
        known = next((one for one in self.matches(record) if one.admits(record)), None) or self.first_met(record)
        known.take(record)
        for name in names_of(record):
            self.by_name.setdefault(name, known)

    def matches(self, record: PaperRecord) -> Iterator[Known]:
        """What record may be of, the surest first."""
        yield from (self.by_name[name] for name in names_of(record) if name in self.by_name)
        if key := telling_title(record.title):
            yield from (one for one in self.by_title.get(key, ()) if may_share_an_author(one.authors, record.authors))

    def first_met(self, record: PaperRecord) -> Known:
        known = Known(record.identifier, record.arxiv_id, record.authors, is_stored=False)
        self.by_title[telling_title(record.title)].append(known)
        return known


def resolve(records: Sequence[PaperRecord]) -> Records:
    """Records by the identifier under which their paper is stored, or is to be, in the order of identifiers.

    To be called in the transaction that stores them: until its end nobody else decides such a thing. SQLite has but one
    writer in any case.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    register = look_up(records)
    for record in records:
        register.file(record)
    return dict(sorted((known.identifier, known.records) for known in register.by_name.values() if known.records))


def look_up(records: Sequence[PaperRecord]) -> Register:
    """The stored papers that records may be of: one query where all are known by identifier, else three."""
    register, names = Register(), {name for record in records for name in names_of(record)}
    for paper in Paper.objects.filter(identifier__in=names).only("identifier", "authors"):
        register.add(paper)
    strangers = [record for record in records if record.identifier not in register.by_name]
    if strangers:
        add_aliases(register, names)
        add_alike(register, strangers)
    return register


def add_aliases(register: Register, names: Iterable[str]) -> None:
    for alias in Alias.objects.filter(identifier__in=names).select_related("paper"):
        register.add(alias.paper, alias.identifier)


def add_alike(register: Register, strangers: Sequence[PaperRecord]) -> None:
    """The stored papers with the DOI or the title of a stranger."""
    dois = {name.removeprefix(DOI) for record in strangers for name in names_of(record) if name.startswith(DOI)}
    titles = {telling_title(record.title) for record in strangers} - {""}
    alike = Q(doi__in=dois) | Q(title_key__in=titles)
    for paper in Paper.objects.filter(alike).only("identifier", "authors", "doi", "title_key").order_by("identifier"):
        known = register.add(paper, paper.doi and doi_name(paper.doi))
        register.by_title[paper.title_key].append(known)


def names_of(record: PaperRecord) -> tuple[str, ...]:
    return (record.identifier, *record.aliases, *([doi_name(record.doi)] if record.doi else []))


def doi_name(doi: str) -> str:
    """The identifier of a paper that has no other; case does not matter in a DOI."""
    return DOI + doi.lower()


@lru_cache(maxsize=2_048)
def telling_title(title: str) -> str:
    """The title's key, or '' where it is too short to tell a paper by."""
    key = title_key(title)
    return key if len(key) >= TITLE_CHARACTERS else ""


def may_share_an_author(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a surname is on both lists; a list that is empty denies nothing."""
    ours, theirs = surnames(some), surnames(others)
    return not ours or not theirs or not ours.isdisjoint(theirs)


def surnames(authors: Iterable[str]) -> set[str]:
    """'Bo van der Ek', 'van der Ek, Bo' and 'Bo van der Ek Jr.' → {'ek'}."""
    words = ([title_key(word) for word in name.partition(",")[0].split()] for name in authors)
    told = ([word for word in name if word and word not in SUFFIXES] for name in words)
    return {name[-1] for name in told if name}


def save_aliases(papers: Iterable[tuple[Paper, Iterable[str]]]) -> None:
    """Let each paper be found by all of these names; a name that means another paper already goes on meaning that."""
    rows = [Alias(identifier=one, paper=paper) for paper, names in papers for one in sorted({*names})]
    strange = [row for row in rows if row.identifier != row.paper.identifier]
    Alias.objects.bulk_create(strange, ignore_conflicts=True)


def find(identifier: str) -> Paper | None:
    """The paper that has this identifier, or came to us under it."""
    found = Paper.objects.filter(identifier=identifier).first()
    return found or Paper.objects.filter(aliases__identifier=identifier).first()
