"""The plain values that every source hands to ingest; they know no database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from papers.periods import utc_date
from papers.shared_clock import now as clock

# The one rule for dates of every source, kept here so that no new source can forget it. A date to come would stand on
# the front page until it is there, and hide every true one. There is no paper from before the first scientific journal,
# and arithmetic with time zones fails at the beginning of the calendar.
AHEAD = timedelta(days=1)
EARLIEST = date(1665, 1, 1)


class Announced(StrEnum):
    """arXiv's kind of announcement, in the words of its feed.

    ESTIMATED goes with a date worked out from arXiv's calendar, which gives way to every date that a source says;
    NOT_SAID with one that a source says without saying more.
    """

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"
    ESTIMATED = "estimated"
    NOT_SAID = ""


DATES = ("published_on", "announced_on", "listed_on")
REPLACEMENTS = frozenset({Announced.REPLACE, Announced.REPLACE_CROSS})


def latest_day(now: datetime) -> date:
    """Return the last day that a source may name: somewhere on earth it is tomorrow already."""
    return utc_date(now + AHEAD)


def checked_day(day: date, name: str) -> date:
    """Return the day as it is; raise ValueError if it lies more than a day ahead, or before there were journals."""
    if day > latest_day(clock()):
        raise ValueError(f"{name} is {day}, more than a day ahead (or this machine's clock is behind)")
    if day < EARLIEST:
        raise ValueError(f"{name} is {day}, before the year {EARLIEST.year}")
    return day


def checked_moment(moment: datetime, name: str) -> datetime:
    """Return the moment as it is; raise ValueError as in checked_day."""
    checked_day(moment.date(), name)
    if moment > clock() + AHEAD:
        raise ValueError(
            f"{name} is {moment:%Y-%m-%d %H:%M}, more than a day ahead (or this machine's clock is behind)"
        )
    return moment


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """A count of attention as observed at a time; a count that was not seen has no record, it is never zero."""

    kind: str  # a value of papers.models.SignalKind
    value: int
    observed_at: datetime

    def __post_init__(self) -> None:
        checked_moment(self.observed_at, "observed_at")


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """One paper as one source served it; an empty value means that the source does not say.

    ValueError for a date that cannot be: a source leaves out the item that it came from, and takes in the others.
    """

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
    withdrawn: bool | None = None  # False where the source would say so and does not; None says nothing
    github_repo: str = ""
    project_page: str = ""
    organization: str = ""
    machine_summary: str = ""  # written by a model: always shown with that label
    signals: tuple[SignalRecord, ...] = ()

    def __post_init__(self) -> None:
        for name in DATES:
            day: date | None = getattr(self, name)
            if day is not None:
                checked_day(day, name)

    @property
    def arxiv_id(self) -> str:
        """Return the identifier of a paper on arXiv, '' for any other."""
        return "" if ":" in self.identifier else self.identifier
