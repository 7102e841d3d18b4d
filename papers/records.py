"""The plain values that every source hands to ingest; they know no database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Announced(StrEnum):
    """How arXiv announced a paper, in the words of its feed; NOT_SAID where a source does not know."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"
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

    arxiv_id: str  # without a version
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # the primary category first, where the source tells
    version: int | None = None
    published_on: date | None = None  # first submitted to arXiv
    announced_on: date | None = None  # arXiv's announcement, Eastern date
    listed_on: date | None = None  # the day of a daily list of trending papers
    announced_as: Announced = Announced.NOT_SAID
    comment: str = ""
    github_repo: str = ""
    project_page: str = ""
    organization: str = ""
    machine_summary: str = ""  # written by a model: always shown with that label
    signals: tuple[SignalRecord, ...] = ()
