"""Papers that somebody named and that are not stored: noted here, asked of arXiv by papers.feeds.arxiv_lookups."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from papers.arxiv import arxiv_ids
from papers.models import Paper, WantedPaper

MOST = 500  # of one call
ASK_AGAIN_AFTER, FORGOTTEN_AFTER = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """The named papers that are not stored: arXiv is yet to be asked, or knows no such paper."""

    looked_up: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@transaction.atomic
def want(identifiers: Iterable[str], now: datetime) -> int:
    """Note the arXiv papers that are not stored, MOST of them at most; return how many arXiv is to be asked for."""
    lacking = missing(identifiers)[:MOST]
    # In one order, as ingest does, so that two people who name the same papers wait instead of deadlocking.
    rows = WantedPaper.objects.filter(identifier__in=lacking).order_by("identifier")
    noted = set(rows.select_for_update().values_list("identifier", flat=True))
    rows.update(wanted_at=now)
    new = [
        WantedPaper(identifier=identifier, wanted_at=now) for identifier in sorted(lacking) if identifier not in noted
    ]
    WantedPaper.objects.bulk_create(new, ignore_conflicts=True)
    return rows.filter(due(now)).count()


def due(now: datetime) -> Q:
    """Return the condition for asking: never asked for, or unknown to arXiv then, as before an announcement."""
    again = Q(asked_at__lt=now - ASK_AGAIN_AFTER, wanted_at__gt=now - FORGOTTEN_AFTER)
    return Q(asked_at=None) | again


def missing(identifiers: Iterable[str]) -> list[str]:
    """Return those of these identifiers that are arXiv's and of papers that are not stored, each once, in order."""
    named = list(dict.fromkeys(filter(None, map(arxiv_ids.canonical_id, identifiers))))
    have = set(Paper.objects.filter(identifier__in=named).values_list("identifier", flat=True))
    return [identifier for identifier in named if identifier not in have]


def standing(identifiers: Iterable[str]) -> Standing:
    """Return what to tell somebody who named these papers."""
    rows = WantedPaper.objects.filter(identifier__in=missing(identifiers)).order_by("identifier")
    unknown = dict(rows.values_list("identifier", "unknown"))
    looked_up = tuple(identifier for identifier in unknown if not unknown[identifier])
    return Standing(looked_up, tuple(identifier for identifier in unknown if unknown[identifier]))


def waiting(now: datetime, most: int) -> list[str]:
    """Return papers to ask arXiv for, those never asked for first; those that came in another way are deleted."""
    have = Paper.objects.filter(identifier=OuterRef("identifier"))
    WantedPaper.objects.filter(Exists(have)).delete()
    rows = WantedPaper.objects.filter(due(now)).order_by(F("asked_at").asc(nulls_first=True), "wanted_at", "pk")
    return list(rows.values_list("identifier", flat=True)[:most])


def note_answer(asked: Collection[str], have: Collection[str], now: datetime) -> None:
    """Note that arXiv was asked for these papers: it does not know those that we do not have now."""
    rows = WantedPaper.objects.filter(identifier__in=asked)
    rows.filter(identifier__in=have).delete()
    rows.update(asked_at=now, unknown=True)
