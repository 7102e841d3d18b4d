"""What happened to a paper and when, as far as we were told, for its page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from papers.models import ChangeKind, EntryReason, Paper, PaperChange
from papers.text.changes import WORDS, change_link


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: its words, what it brought, with a link where there is one, and a curator's note."""

    day: date
    words: str
    detail: str = ""
    link: str = ""
    note: str = ""


def history(paper: Paper) -> list[Event]:
    """Return all that is known, newest first, with two queries."""
    events = [*_dates(paper), *_editions(paper), *_changes(paper)]
    return sorted(events, key=lambda event: event.day)[::-1]


def _dates(paper: Paper) -> Iterator[Event]:
    if paper.published_on:
        yield Event(paper.published_on, "First submitted")
    if paper.announced_on:
        yield Event(paper.announced_on, "Announced")
    if paper.listed_on:
        yield Event(paper.listed_on, "First on a public list of papers that people discuss")


def _editions(paper: Paper) -> Iterator[Event]:
    """Yield the editions that the paper stood in, but not that of its announcement, unless there is a note."""
    entries = paper.entries.filter(hidden=False).select_related("edition").order_by("edition__date")
    for entry in entries:
        day, took_off = entry.edition.date, entry.reason == EntryReason.TOOK_OFF
        if took_off or entry.note or day != paper.announced_on:
            yield Event(
                day,
                "Gained attention, and came into our list of the day" if took_off else "In our list of the day",
                note=entry.note,
            )


def _changes(paper: Paper) -> Iterator[Event]:
    yield from (_event(paper, change) for change in paper.changes.order_by("noticed_at", "pk"))


def changes_since(papers: Iterable[tuple[Paper, datetime]]) -> dict[int, list[Event]]:
    """Return what happened to each paper after its moment, by its key, the newest first, with one query.

    That a paper is withdrawn now says its own column.
    """
    known, found = {paper.pk: (paper, since) for paper, since in papers}, defaultdict[int, list[Event]](list)
    for change in PaperChange.objects.filter(paper__in=known).order_by("-noticed_at", "-pk"):
        paper, since = known[change.paper_id]
        is_told = change.kind == ChangeKind.WITHDRAWN and paper.withdrawn_on
        if change.noticed_at > since and not is_told:
            found[paper.pk].append(_event(paper, change))
    return found


def _event(paper: Paper, change: PaperChange) -> Event:
    link = change_link(change.kind, change.detail, paper.arxiv_id)
    return Event(change.noticed_at.date(), WORDS[ChangeKind(change.kind)], change.detail, link)
