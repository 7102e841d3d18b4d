"""What a record changes in a paper: pure rules, so that the order in which sources arrive matters little.

An empty value never replaces a known one. Dates keep the earliest, but a date that a source says replaces one that was
only worked out. arXiv's own words win over a list's copy of them, a newer version over an older one, and its present
text over all; for a paper of arXiv's, what anybody else says of it only fills what is empty. Of two records of equal
rank the one observed later wins. A paper that turns out to be on arXiv takes arXiv's identifier. A withdrawal stays
until the source says of a version that is no older that it is not withdrawn: silence lifts nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import IntEnum

from papers.arxiv.archives import field_of
from papers.models import Paper
from papers.records import REPLACEMENTS, Announced, PaperRecord
from papers.text.plain import title_key, to_unicode

TEXT = ("title", "abstract", "authors", "categories", "comment", "doi", "journal_ref", "url")
ABOUT = ("github_repo", "project_page", "organization", "machine_summary")
NAMES = ("identifier", "version", "primary_category", "field")
DATES = ("published_on", "announced_on", "announced_estimated", "listed_on", "withdrawn_on")
PLAIN = ("plain_title", "plain_abstract", "plain_authors", "title_key")
COLUMNS = (*TEXT, *ABOUT, *NAMES, *DATES, *PLAIN)


class Words(IntEnum):
    """Whose text it is, the lowest first."""

    SOMEBODYS = 0
    COPIED = 1  # arXiv's, out of a list
    ARXIVS = 2


Rank = tuple[Words, int]


def _snapshot(paper: Paper) -> tuple[object, ...]:
    """Return all that a record can change."""
    return tuple(getattr(paper, name) for name in COLUMNS)


def take_in(paper: Paper, records: Iterable[PaperRecord], last_seen: datetime | None, today: date) -> bool:
    """Absorb records into paper, in their order, and tell whether that changed it; today is an Eastern date."""
    before = _snapshot(paper)
    for record in records:
        _absorb_withdrawal(paper, record, today)
        _absorb(paper, record, last_seen)
        times = [signal.observed_at for signal in record.signals]
        last_seen = max([*times, last_seen] if last_seen else times, default=None)
    read_plainly(paper, dict(zip(COLUMNS, before, strict=True)))
    return _snapshot(paper) != before


def _absorb(paper: Paper, record: PaperRecord, last_seen: datetime | None) -> None:
    """Write into paper, without saving it, whatever record knows better.

    last_seen is when the newest stored count of the paper was observed: a record that was observed no later fills
    only what is empty, so that replaying old lists changes nothing.
    """
    fresh = _is_fresh(record, last_seen)
    fill(paper, record, TEXT, overwrite=_has_better_text(record, paper, fresh))
    fill(paper, record, ABOUT, overwrite=fresh and bool(record.arxiv_id or not paper.arxiv_id))
    paper.doi = paper.doi.lower()
    paper.version = max(paper.version or 0, record.version or 0) or None
    paper.primary_category = paper.categories[0] if paper.categories else ""
    paper.field = field_of(paper.primary_category) or record.field or paper.field
    _absorb_dates(paper, record)
    paper.identifier = paper.arxiv_id or record.arxiv_id or paper.identifier


def _absorb_withdrawal(paper: Paper, record: PaperRecord, today: date) -> None:
    """Note that paper is withdrawn, or is so no longer: then the comment that said so goes, also where none follows."""
    was_withdrawn, paper.withdrawn_on = paper.withdrawn_on, withdrawal(paper, record, today)
    if was_withdrawn and not paper.withdrawn_on:
        paper.comment = record.comment


def withdrawal(paper: Paper, record: PaperRecord, today: date) -> date | None:
    """Return the day of a withdrawal, None where paper is not withdrawn; what is said of an older version is past."""
    is_past = record.version is not None and record.version < (paper.version or 0)
    if is_past and not record.is_current:
        return paper.withdrawn_on
    if record.withdrawn:
        return paper.withdrawn_on or today
    return None if record.withdrawn is False and _may_lift(paper, record) else paper.withdrawn_on


def _may_lift(paper: Paper, record: PaperRecord) -> bool:
    """Tell whether record knows the present state: arXiv's own does, and anybody's of a paper that is not there."""
    return not paper.arxiv_id or record.is_current or record.version is not None


def _absorb_dates(paper: Paper, record: PaperRecord) -> None:
    paper.published_on = paper.published_on or record.published_on
    paper.announced_on, paper.announced_estimated = announcement(paper, record)
    paper.listed_on = earliest(paper.listed_on, record.listed_on)


def _is_fresh(record: PaperRecord, last_seen: datetime | None) -> bool:
    if last_seen is None or not record.signals:
        return True
    return max(signal.observed_at for signal in record.signals) > last_seen


def _has_better_text(record: PaperRecord, paper: Paper, fresh: bool) -> bool:
    """Tell whether record's text should replace paper's; fresh says that it was observed after all that is known."""
    ranks = rank(record), rank(paper)
    return record.is_current or ranks[0] > ranks[1] or (ranks[0] == ranks[1] and fresh)


def rank(source: Paper | PaperRecord) -> Rank:
    """Return how good a text is: of two texts of arXiv's own the later version is better."""
    if not source.arxiv_id:
        return Words.SOMEBODYS, 0
    is_own = source.version is not None or source.announced_on is not None
    return Words.ARXIVS if is_own else Words.COPIED, source.version or 0


def fill(paper: Paper, record: PaperRecord, names: tuple[str, ...], *, overwrite: bool) -> None:
    for name in names:
        value = getattr(record, name)
        if value and (overwrite or not getattr(paper, name)):
            setattr(paper, name, list(value) if isinstance(value, tuple) else value)


def announcement(paper: Paper, record: PaperRecord) -> tuple[date | None, bool]:
    """Return the day on which paper was announced, and whether it was only worked out.

    A replacement never announces, a cross-list only what nobody knew. A day that was said stands against every one that
    was worked out, even if it is later.
    """
    known, is_estimate = paper.announced_on, record.announced_as == Announced.ESTIMATED
    if record.announced_on is None or not _announces(paper, record):
        return known, paper.announced_estimated
    if known and paper.announced_estimated != is_estimate:
        return (known, False) if is_estimate else (record.announced_on, False)
    return earliest(known, record.announced_on), is_estimate


def _announces(paper: Paper, record: PaperRecord) -> bool:
    is_known = paper.announced_on is not None or paper.listed_on is not None
    return record.announced_as not in REPLACEMENTS and not (record.announced_as == Announced.CROSS and is_known)


def earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def read_plainly(paper: Paper, before: Mapping[str, object]) -> None:
    """Make plain forms of what has changed since before, and of what was stored before there were plain forms."""
    if paper.title != before.get("title") or not paper.plain_title:
        paper.plain_title, paper.title_key = to_unicode(paper.title), title_key(paper.title)
    if paper.abstract != before.get("abstract") or not paper.plain_abstract:
        paper.plain_abstract = to_unicode(paper.abstract)
    if paper.authors != before.get("authors") or not paper.plain_authors:
        paper.plain_authors = [to_unicode(author) for author in paper.authors]
