"""Which editions a paper stands in, as a function of when it was announced, first listed and took off."""

from collections.abc import Iterable, Mapping
from datetime import date

from papers.models import Edition, EditionEntry, EntryReason, Paper

Standing = dict[date, EntryReason]


def standing(announced_on: date | None, listed_on: date | None, took_off_on: date | None = None) -> Standing:
    """Map each day on which a paper enters an edition to the reason.

    It enters when it is announced, and again if it takes off later: by its first listing, or by attention that came
    days after its own day.
    """
    entries: Standing = {}
    if took_off_on and (announced_on is None or took_off_on > announced_on):
        entries[took_off_on] = EntryReason.TOOK_OFF
    if listed_on and (announced_on is None or listed_on > announced_on):
        entries[listed_on] = EntryReason.TOOK_OFF
    if announced_on:
        entries[announced_on] = EntryReason.ANNOUNCED
    return entries


def settle(papers: Iterable[Paper], before: Mapping[int, Standing]) -> int:
    """Give papers the entries of their dates and take back outdated ones; return how many entries were written.

    before maps a paper's key to its former standing. An entry that a curator has decided about never moves, and no
    second one with its reason is made in its stead; a paper that the curator hid gets no second one at all.
    """
    wanted = {(paper.pk, day): why for paper in papers for day, why in now_standing(paper).items()}
    stale = {(pk, day) for pk, days in before.items() for day in days} - wanted.keys()
    entries = EditionEntry.objects.filter(paper__in={pk for pk, _ in wanted.keys() | stale}).select_related("edition")
    stored = {(entry.paper_id, entry.edition.date): entry for entry in entries}
    drop([entry for place, entry in stored.items() if place in stale and not is_curated(entry)])
    held = {(place[0], entry.reason) for place, entry in stored.items() if _holds(entry, is_wanted=place in wanted)}
    missing = {
        place: why
        for place, why in wanted.items()
        if (stored[place].reason != why if place in stored else (place[0], why) not in held)
    }
    return write(missing)


def now_standing(paper: Paper) -> Standing:
    """Return standing() of the dates that the paper has now."""
    return standing(paper.announced_on, paper.listed_on, paper.took_off_on)


def _holds(entry: EditionEntry, *, is_wanted: bool) -> bool:
    """Tell whether an entry takes the place of others with its reason: it is hidden, or is curated and did not move."""
    return entry.hidden or (is_curated(entry) and not is_wanted)


def is_curated(entry: EditionEntry) -> bool:
    return entry.hidden or entry.featured or bool(entry.note)


def drop(entries: list[EditionEntry]) -> None:
    EditionEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()


def write(places: Mapping[tuple[int, date], EntryReason]) -> int:
    editions = _editions_of({day for _, day in places})
    rows = [EditionEntry(edition=editions[day], paper_id=pk, reason=why) for (pk, day), why in places.items()]
    # One order for everybody: two processes that write the same rows wait for each other instead of deadlocking.
    rows.sort(key=lambda row: (row.edition_id, row.paper_id))
    EditionEntry.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["edition", "paper"], update_fields=["reason"]
    )
    return len(rows)


def _editions_of(days: set[date]) -> dict[date, Edition]:
    """Return the editions of these days, after making those that are missing."""
    Edition.objects.bulk_create([Edition(date=day) for day in sorted(days)], ignore_conflicts=True)
    return {edition.date: edition for edition in Edition.objects.filter(date__in=days)}
