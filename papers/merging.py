"""What a record changes in a paper: pure rules, so that the order in which sources arrive matters little.

An empty value never replaces a known one. Dates keep the earliest. arXiv's own words win over a list's copy of them,
and a newer version over an older one. Of two records of equal rank the one observed later wins.
"""

from datetime import date, datetime

from papers.archives import field_of
from papers.models import Paper
from papers.records import REPLACEMENTS, Announced, PaperRecord

TEXT = ("title", "abstract", "authors", "categories", "comment")
ABOUT = ("github_repo", "project_page", "organization", "machine_summary")
DERIVED = ("version", "primary_category", "field", "published_on", "announced_on", "listed_on")
COLUMNS = (*TEXT, *ABOUT, *DERIVED)

Rank = tuple[bool, int]


def snapshot(paper: Paper) -> tuple[object, ...]:
    """All that a record can change."""
    return tuple(getattr(paper, name) for name in COLUMNS)


def absorb(paper: Paper, record: PaperRecord, last_seen: datetime | None) -> None:
    """Write into paper, without saving it, what record knows better.

    last_seen is when the newest count stored for the paper was observed: a record that was observed no later fills
    only what is empty, so that replaying old lists changes nothing.
    """
    fresh = is_fresh(record, last_seen)
    ranks = rank(paper), rank(record)
    fill(paper, record, TEXT, overwrite=ranks[1] > ranks[0] or (ranks[1] == ranks[0] and fresh))
    fill(paper, record, ABOUT, overwrite=fresh)
    paper.version = max(paper.version or 0, record.version or 0) or None
    paper.primary_category = paper.categories[0] if paper.categories else ""
    paper.field = field_of(paper.primary_category)
    paper.published_on = paper.published_on or record.published_on
    paper.announced_on = earliest(paper.announced_on, announcement(paper, record))
    paper.listed_on = earliest(paper.listed_on, record.listed_on)


def is_fresh(record: PaperRecord, last_seen: datetime | None) -> bool:
    if last_seen is None or not record.signals:
        return True
    return max(signal.observed_at for signal in record.signals) > last_seen


def rank(source: Paper | PaperRecord) -> Rank:
    """Whose text it is, the lowest first: a list's copy, arXiv's without a version, arXiv's by version."""
    return source.version is not None or source.announced_on is not None, source.version or 0


def fill(paper: Paper, record: PaperRecord, names: tuple[str, ...], *, overwrite: bool) -> None:
    for name in names:
        value = getattr(record, name)
        if value and (overwrite or not getattr(paper, name)):
            setattr(paper, name, list(value) if isinstance(value, tuple) else value)


def announcement(paper: Paper, record: PaperRecord) -> date | None:
    """The day on which record announces paper: a replacement never does, a cross-list only what nobody knew."""
    is_known = paper.announced_on is not None or paper.listed_on is not None
    if record.announced_as in REPLACEMENTS or (record.announced_as == Announced.CROSS and is_known):
        return None
    return record.announced_on


def earliest(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)
