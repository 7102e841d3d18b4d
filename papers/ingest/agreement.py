"""Tell whether a title and authors are those of a paper, although journals reword titles and lists cut authors short.

The numbers are measured: see docs/libraries.md.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from papers.ingest.identity import NAME_CHARACTERS, surnames
from papers.text.plain import LONGEST_TITLE, title_key, to_unicode

ALIKE, NEAR = 0.34, 0.2  # of the words of the shorter title: enough by itself, and beside an author
MOST = 0.5  # of the shorter list's surnames, where the first authors are the same
ALL = 0.75  # of the longer list's surnames, where they stand in another order
AUTHORS = 100  # that are looked at
WORD = re.compile(r"[^\W_]+")
LATIN = re.compile(r"[a-z]{2}")
# Words that titles of all fields share.
_COMMON = (
    "a an analysis and approach are as at based by can case do does for from how in into is it its learning method"
    " model new novel of on or our over study that the their through to toward towards under using via we what when"
    " where why with without"
)
COMMON = frozenset(_COMMON.split())


class Verdict(Enum):
    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"  # the titles differ, and nobody is named who could bear witness


@dataclass(frozen=True)
class Description:
    """What a bibliography or a source says of a paper."""

    title: str
    authors: Sequence[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the title's words, without those of all titles, without case, accents and the plural's s."""
        letters = unicodedata.normalize("NFKD", to_unicode(self.title[:LONGEST_TITLE])).casefold()
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        words = (word.removesuffix("s") if len(word) > 3 else word for word in WORD.findall(plain))
        return frozenset(word for word in words if word not in COMMON and (len(word) > 1 or word.isdigit()))

    @cached_property
    def surnames(self) -> set[str]:
        return surnames(self.authors[:AUTHORS])

    @cached_property
    def first_surname(self) -> set[str]:
        return surnames(author[:NAME_CHARACTERS] for author in self.authors[:1])


def compare(one: Description, other: Description) -> Verdict:
    """Judge by the titles' words, then by words and an author, then by the authors alone."""
    if title_key(one.title) == title_key(other.title) or _titles_suffice(one, other) or _with_a_witness(one, other):
        return Verdict.SAME
    can_testify = one.surnames and other.surnames
    return Verdict.OTHER if can_testify and _are_legible(one, other) else Verdict.UNCLEAR


def _titles_suffice(one: Description, other: Description) -> bool:
    return len(one.words & other.words) > 1 and _shared(one.words, other.words) >= ALIKE


def _with_a_witness(one: Description, other: Description) -> bool:
    """Tell whether authors make up for other words: a few with part of the title, most of them alone."""
    same_first, shared = bool(one.first_surname & other.first_surname), len(one.surnames & other.surnames)
    if _shared(one.words, other.words) >= NEAR and (same_first or shared > 1):
        return True
    are_alone = len(one.authors) == len(other.authors) == 1
    if same_first and (shared > 1 or are_alone):
        return _shared(one.surnames, other.surnames) >= MOST
    return shared > 1 and shared >= ALL * max(len(one.surnames), len(other.surnames))


def _shared(some: frozenset[str] | set[str], others: frozenset[str] | set[str]) -> float:
    return len(some & others) / (min(len(some), len(others)) or 1)


def _are_legible(*descriptions: Description) -> bool:
    """Tell whether both titles are in letters that can be compared: a title in Chinese denies no English one."""
    return all(any(map(LATIN.search, description.words)) for description in descriptions)
