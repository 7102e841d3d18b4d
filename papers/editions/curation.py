"""What a curator decides about papers in an edition: each act is kept with what it changed, and can be taken back.

A paper that is the same work as another is merged into it: its entry is hidden and names the other one. No row goes,
so that to separate them again is to show the entry again.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from papers.models import Decision, EditionEntry, Paper, Verb
from papers.models.prepared import Prepared

Entries = QuerySet[EditionEntry]
Held = dict[str, Any]
Curator = AbstractBaseUser | AnonymousUser | None
PLACE = ("hidden", "featured", "merged_into_id")  # where readers find it; what one act moves, another may not half undo
COLUMNS = (*PLACE, "note")
LONGEST_NOTE = 1000  # characters; a mail shows no more

CHANGES: dict[Verb, Callable[[Held], Held]] = {
    Verb.FEATURE: lambda held: held | {"featured": True, "hidden": False, "merged_into_id": None},
    Verb.UNFEATURE: lambda held: held | {"featured": False},
    Verb.HIDE: lambda held: held | {"featured": False, "hidden": True},
    Verb.UNHIDE: lambda held: held | {"hidden": False, "merged_into_id": None},
}
# Which column, and what it holds then, tells what a form did to an entry; else it wrote a note.
SHOWN_BY = {
    Verb.FEATURE: ("featured", True),
    Verb.HIDE: ("hidden", True),
    Verb.UNFEATURE: ("featured", False),
    Verb.UNHIDE: ("hidden", False),
}


class DecidedMeanwhile(Exception):
    """The entry is no longer as the curator saw it; decision is the last one on it, None where a form changed it."""

    def __init__(self, decision: Decision | None) -> None:
        super().__init__("The entry was changed meanwhile.")
        self.decision = decision


class CannotBeMerged(Exception):
    """The two are no pair of which one can stand for the other; the text says why."""


def decide(entries: Entries, verb: Verb, *, by: Curator, now: datetime) -> list[Decision]:
    """Feature, unfeature, hide or unhide these entries; return a decision for each of which that was news."""
    return _apply(entries, verb, CHANGES[verb], by=by, now=now)


def note(entry: EditionEntry, text: str, *, by: Curator, now: datetime, seen: str = "") -> list[Decision]:
    """Write the curator's word on a paper, or take it away with an empty one; raise DecidedMeanwhile as act does."""
    text = text.strip()[:LONGEST_NOTE]
    return _apply(_only(entry), Verb.NOTE, lambda held: held | {"note": text}, by=by, now=now, seen=seen)


def act(entry: EditionEntry, verb: Verb, *, by: Curator, now: datetime, seen: str = "") -> list[Decision]:
    """Do what decide does to one entry; raise DecidedMeanwhile if it is not as the curator saw it, which seen tells."""
    return _apply(_only(entry), verb, CHANGES[verb], by=by, now=now, seen=seen)


def merge(entry: EditionEntry, kept: EditionEntry, *, by: Curator, now: datetime, seen: str = "") -> list[Decision]:
    """Let one paper of an edition stand for another that is the same work; raise CannotBeMerged, DecidedMeanwhile."""
    with transaction.atomic():
        kept = EditionEntry.objects.select_for_update().get(pk=kept.pk)
        if entry.pk == kept.pk or entry.edition_id != kept.edition_id:
            raise CannotBeMerged("Choose another paper of the same edition.")
        if kept.hidden:
            raise CannotBeMerged("The paper that is to stay is hidden: show it again first.")
        if EditionEntry.objects.filter(edition=entry.edition_id, merged_into=entry.paper_id).exists():
            raise CannotBeMerged("Other papers are merged into this one: separate them first.")
        into = {"hidden": True, "featured": False, "merged_into_id": kept.paper_id}
        return _apply(_only(entry), Verb.MERGE, lambda held: held | into, by=by, now=now, seen=seen)


def keep(before: EditionEntry | None, entry: EditionEntry, *, by: Curator, now: datetime) -> Decision | None:
    """Keep what a form did to an entry, or with a new one, so that it can be undone as an act at the desk can."""
    held, after = _held(before or EditionEntry()), _held(entry)
    if held == after:
        return None
    verb = next((verb for verb, (name, value) in SHOWN_BY.items() if held[name] != after[name] == value), Verb.NOTE)
    places = {"edition_id": entry.edition_id, "paper_id": entry.paper_id}
    return Decision.objects.create(verb=verb, before=held, after=after, by_id=_key(by), at=now, **places)


def undo(decision: Decision, *, by: Curator, now: datetime) -> bool:
    """Take one act back; return False if it was taken back before.

    Raises DecidedMeanwhile where what it changed was changed again since: that has to be undone first.
    """
    with transaction.atomic():
        standing = Decision.objects.standing().filter(pk=decision.pk)
        if not standing.update(undone_at=now, undone_by=_key(by)):
            return False
        places = EditionEntry.objects.filter(edition=decision.edition_id, paper=decision.paper_id)
        entry = places.select_for_update().first()
        names = _touched(decision)
        if entry is None or any(getattr(entry, name) != decision.after[name] for name in names):
            raise DecidedMeanwhile(_last(decision.edition_id, decision.paper_id, but=decision.pk))
        places.update(**{name: decision.before[name] for name in names})
        return True


class Merged(NamedTuple):
    """A paper that another one stands for."""

    paper: int
    identifier: str
    into: int


def merged(into: Collection[int]) -> list[Merged]:
    """Return the papers that were merged into these, by their keys: who knows one of them knows the other."""
    kept = set(into)
    return [one for row in _every_merged() if (one := Merged(*row)).into in kept]


def _merged() -> QuerySet[EditionEntry, tuple[int, str, int]]:
    # Above 0, which tells the same as not NULL: so SQLite too finds the few by an index, and reads no other entry.
    rows = EditionEntry.objects.filter(merged_into__gt=0).order_by()
    return rows.values_list("paper_id", "paper__identifier", "merged_into_id").distinct()


_every_merged = Prepared(_merged)


def stands_for(paper: Paper) -> Paper | None:
    """Return the paper that this one was merged into last, None if it stands for itself."""
    rows = EditionEntry.objects.filter(paper=paper, merged_into__isnull=False).select_related("merged_into")
    newest = rows.order_by("-edition__date").first()
    return newest.merged_into if newest else None


def last_of(edition: int, by: Curator) -> Decision | None:
    """Return the curator's last act in an edition that stands."""
    mine = Decision.objects.standing().filter(edition=edition, by=_key(by))
    return mine.select_related("paper").order_by("-pk").first()


def mark(entry: EditionEntry) -> str:
    """Return a short text that differs as soon as somebody decides otherwise about the entry."""
    return blake2b(repr(sorted(_held(entry).items())).encode(), digest_size=6).hexdigest()


def newest_entries(papers: QuerySet[Paper]) -> Entries:
    """Return the entry of each paper in the newest edition that holds it."""
    of_paper = EditionEntry.objects.filter(paper=OuterRef("paper")).order_by("-edition__date")
    entries = EditionEntry.objects.filter(paper__in=papers.order_by().values("pk"))
    return entries.annotate(newest=Subquery(of_paper.values("pk")[:1])).filter(pk=F("newest"))


def _apply(
    entries: Entries, verb: Verb, change: Callable[[Held], Held], *, by: Curator, now: datetime, seen: str = ""
) -> list[Decision]:
    with transaction.atomic():
        rows = EditionEntry.objects.filter(pk__in=entries.order_by().values("pk")).select_for_update().order_by("pk")
        made, changed = [], []
        for entry in rows:
            before = _held(entry)
            after = change(before)
            if before == after:
                continue
            if seen and seen != mark(entry):
                raise DecidedMeanwhile(_last(entry.edition_id, entry.paper_id))
            vars(entry).update(after)
            changed.append(entry)
            places = {"edition_id": entry.edition_id, "paper_id": entry.paper_id}
            made.append(Decision(verb=verb, before=before, after=after, by_id=_key(by), at=now, **places))
        EditionEntry.objects.bulk_update(changed, ["hidden", "featured", "note", "merged_into"], batch_size=500)
        return Decision.objects.bulk_create(made, batch_size=500)


def _touched(decision: Decision) -> list[str]:
    changed = {name for name in COLUMNS if decision.before[name] != decision.after[name]}
    return [*(PLACE if changed & {*PLACE} else ()), *changed - {*PLACE}]


def _last(edition: int, paper: int, but: int = 0) -> Decision | None:
    of_paper = Decision.objects.filter(edition=edition, paper=paper).exclude(pk=but)
    return of_paper.select_related("by", "undone_by").order_by(Coalesce("undone_at", "at").desc(), "-pk").first()


def _held(entry: EditionEntry) -> Held:
    return {name: getattr(entry, name) for name in COLUMNS}


def _only(entry: EditionEntry) -> Entries:
    return EditionEntry.objects.filter(pk=entry.pk)


def _key(by: Curator) -> int | None:
    return by.pk if by else None
