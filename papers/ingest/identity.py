"""Tell which paper a record belongs to: one paper is one row, under whatever names its sources know it.

A record finds its paper by identifier, else by an alias, else by DOI, else by title together with an author's surname.
Two papers with different arXiv identifiers are never one, whatever else they share.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection
from django.db.models import Q

from papers.models import Alias, Paper
from papers.records import PaperRecord
from papers.text.people import is_group, spellings, without_asides
from papers.text.plain import LONGEST_TITLE, title_key, to_unicode
from papers.text.suffixes import is_suffix

Records = dict[str, list[PaperRecord]]

TITLE_CHARACTERS = 25  # of a title's key: shorter ones are shared by papers that have nothing to do with each other
INITIALS = re.compile(r"(?:[^\W\d_a-z]\.?-?){1,3}")  # at the end of a name, the way of medical bibliographies
NAME_CHARACTERS = 300  # of an author that are looked at; collaborations have the longest
DOI = "doi:"
LOCK = 7_305_118_264  # a number of our own among PostgreSQL's advisory locks


@dataclass(slots=True)
class Known:
    """What is needed to recognise a paper: a stored one, or one that these records mention first."""

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
    """The papers that a chunk of records may be of, by what they are recognised by."""

    def __init__(self) -> None:
        self.by_name: dict[str, Known] = {}
        self.by_title: dict[str, list[Known]] = defaultdict(list)

    def add(self, paper: Paper, name: str = "") -> Known:
        """Return the entry of a stored paper, the same one each time, and let it be found by another name too."""
        known = self.by_name.get(paper.identifier)
        known = known or Known(paper.identifier, paper.arxiv_id, paper.authors, is_stored=True)
        for identifier in (paper.identifier, name):
            self.by_name.setdefault(identifier, known)
        return known

    def file(self, record: PaperRecord) -> None:
        """Give record to its paper, which is found from now on by all that record calls it."""
        known = next((match for match in self.matches(record) if match.admits(record)), None) or self.first_met(record)
        known.take(record)
        for name in _names_of(record):
            self.by_name.setdefault(name, known)

    def matches(self, record: PaperRecord) -> Iterator[Known]:
        """Yield the papers that record may be of, the surest first."""
        yield from (self.by_name[name] for name in _names_of(record) if name in self.by_name)
        if key := telling_title(record.title):
            yield from (
                known for known in self.by_title.get(key, ()) if may_share_an_author(known.authors, record.authors)
            )

    def first_met(self, record: PaperRecord) -> Known:
        known = Known(record.identifier, record.arxiv_id, record.authors, is_stored=False)
        self.by_title[telling_title(record.title)].append(known)
        return known


def resolve(records: Sequence[PaperRecord]) -> Records:
    """Return records by the identifier under which their paper is stored, or will be, in the order of identifiers.

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
    """Load the stored papers that records may be of: one query where all are known by identifier, else three."""
    register, names = Register(), {name for record in records for name in _names_of(record)}
    for paper in Paper.objects.filter(identifier__in=names).only("identifier", "authors"):
        register.add(paper)
    strangers = [record for record in records if record.identifier not in register.by_name]
    if strangers:
        _add_aliases(register, names)
        _add_alike(register, strangers)
    return register


def _add_aliases(register: Register, names: Iterable[str]) -> None:
    for alias in Alias.objects.filter(identifier__in=names).select_related("paper"):
        register.add(alias.paper, alias.identifier)


def _add_alike(register: Register, strangers: Sequence[PaperRecord]) -> None:
    """Register the stored papers that have the DOI or the title of a stranger."""
    dois = {name.removeprefix(DOI) for record in strangers for name in _names_of(record) if name.startswith(DOI)}
    titles = {telling_title(record.title) for record in strangers} - {""}
    alike = Q(doi__in=dois) | Q(title_key__in=titles)
    for paper in Paper.objects.filter(alike).only("identifier", "authors", "doi", "title_key").order_by("identifier"):
        known = register.add(paper, paper.doi and doi_name(paper.doi))
        register.by_title[paper.title_key].append(known)


def _names_of(record: PaperRecord) -> tuple[str, ...]:
    return (record.identifier, *record.aliases, *([doi_name(record.doi)] if record.doi else []))


def doi_name(doi: str) -> str:
    """Return the identifier of a paper that has no other; case does not matter in a DOI."""
    return DOI + doi.lower()


def telling_title(title: str) -> str:
    """Return the title's key, or '' where it is too short to tell a paper by."""
    key = cached_title_key(title[:LONGEST_TITLE])
    return key if len(key) >= TITLE_CHARACTERS else ""


@lru_cache(maxsize=2_048)
def cached_title_key(title: str) -> str:
    return title_key(title)


def may_share_an_author(some: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether a surname is on both lists; an empty list rules nothing out."""
    ours, theirs = surnames(some), surnames(others)
    return not ours or not theirs or not ours.isdisjoint(theirs)


def surnames(authors: Iterable[str]) -> set[str]:
    """Return {'ek'} for 'Bo van der Ek', 'van der Ek, Bo', 'Ek B' and 'Bo van der Ek Jr. (MIT)'; groups have none.

    A name that can be spelt in two ways, such as Müller and Mueller, gives both; so does one of which it is unclear
    whether it ends in initials, such as 'Wei LI'.
    """
    people = (without_asides(to_unicode(name[:NAME_CHARACTERS])) for name in authors)
    words = (word for name in people if not (name.startswith("{") or is_group(name)) for word in _last_words(name))
    return {key for word in words for spelling in spellings(word) if (key := title_key(spelling))}


def _last_words(name: str) -> Sequence[str]:
    family, comma, _ = name.partition(",")
    words = [word for word in family.split() if title_key(word) and not is_suffix(word)]
    if comma or len(words) < 2 or not INITIALS.fullmatch(words[-1]) or family.isupper():
        return words[-1:]
    return words[-2:] if len(words[-1]) == 2 and len(words) == 2 else words[-2:-1]


def save_aliases(papers: Iterable[tuple[Paper, Iterable[str]]]) -> None:
    """Let each paper be found by all of these names; a name that already means another paper keeps doing so."""
    rows = [Alias(identifier=name, paper=paper) for paper, names in papers for name in sorted({*names})]
    strange = [row for row in rows if row.identifier != row.paper.identifier]
    Alias.objects.bulk_create(strange, ignore_conflicts=True)


def find(identifier: str) -> Paper | None:
    """Return the paper that has this identifier, or came under it."""
    paper = Paper.objects.filter(identifier=identifier).first()
    return paper or Paper.objects.filter(aliases__identifier=identifier).first()
