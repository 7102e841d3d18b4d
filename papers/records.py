"""The plain values that every source hands to ingest; they know no database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Announced(StrEnum):
    """How arXiv announced a paper, in the words of its feed.

    ESTIMATED goes with a date worked out from arXiv's calendar, which gives way to every date that a source says;
    NOT_SAID with one that a source says without saying more.
    """

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"
    ESTIMATED = "estimated"
    NOT_SAID = ""


REPLACEMENTS = frozenset({Announced.REPLACE, Announced.REPLACE_CROSS})


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """A count of attention as observed at a time; a count that was not seen has no record, it is never zero."""

    kind: str  # a value of papers.models.SignalKind
    value: int
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """One paper as one source served it; an empty value means that the source does not say."""

    identifier: str  # arXiv's without a version, else "namespace:name", such as doi:10.1101/12
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  # other identifiers of the same paper
    categories: tuple[str, ...] = ()  # the primary category first, where the source tells
    field: str = ""  # of a paper without categories of arXiv: cs, math, …
    version: int | None = None
    is_current: bool = False  # arXiv's present text, though which version it is was not said
    published_on: date | None = None  # first submitted to arXiv
    announced_on: date | None = None  # arXiv's announcement, Eastern date
    listed_on: date | None = None  # the day of a daily list of trending papers
    announced_as: Announced = Announced.NOT_SAID
    comment: str = ""
    doi: str = ""  # of the published form
    journal_ref: str = ""
    url: str = ""  # where to read a paper that is not on arXiv
    withdrawn: bool = False  # True where the source says so; False says nothing
    github_repo: str = ""
    project_page: str = ""
    organization: str = ""
    machine_summary: str = ""  # written by a model: always shown with that label
    signals: tuple[SignalRecord, ...] = ()

    @property
    def arxiv_id(self) -> str:
        """'' for a paper that is not on arXiv."""
        return "" if ":" in self.identifier else self.identifier
