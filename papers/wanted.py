"""Papers that somebody named and that we do not have: noted here, asked of arXiv by papers.lookups."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from papers import arxiv_ids
from papers.models import Paper, WantedPaper

MOST = 500  # of one call
ASK_AGAIN_AFTER, FORGOTTEN_AFTER = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of some named papers those that we do not have: arXiv is yet to be asked, or knows no such paper."""

    looked_up: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@transaction.atomic
def want(identifiers: Iterable[str], now: datetime) -> int:
    """Note the arXiv papers that we lack, MOST of them at most; how many arXiv is to be asked for because of it."""
    lacking = missing(identifiers)[:MOST]
    # In one order, as ingest does, so that two people who name the same papers wait instead of deadlocking.
    rows = WantedPaper.objects.filter(identifier__in=lacking).order_by("identifier")
    noted = set(rows.select_for_update().values_list("identifier", flat=True))
    rows.update(wanted_at=now)
    new = [WantedPaper(identifier=one, wanted_at=now) for one in sorted(lacking) if one not in noted]
    WantedPaper.objects.bulk_create(new, ignore_conflicts=True)
    return rows.filter(due(now)).count()


def due(now: datetime) -> Q:
    """Never asked for, or unknown to arXiv then: a paper may be named before it is announced."""
    again = Q(asked_at__lt=now - ASK_AGAIN_AFTER, wanted_at__gt=now - FORGOTTEN_AFTER)
    return Q(asked_at=None) | again


def missing(identifiers: Iterable[str]) -> list[str]:
    """Those of these identifiers that are arXiv's and of papers that we do not have, each once, in order."""
    named = list(dict.fromkeys(filter(None, map(arxiv_ids.canonical_id, identifiers))))
    have = set(Paper.objects.filter(identifier__in=named).values_list("identifier", flat=True))
    return [one for one in named if one not in have]


def standing(identifiers: Iterable[str]) -> Standing:
    """What to tell somebody who named these papers."""
    rows = WantedPaper.objects.filter(identifier__in=missing(identifiers)).order_by("identifier")
    unknown = dict(rows.values_list("identifier", "unknown"))
    looked_up = tuple(one for one in unknown if not unknown[one])
    return Standing(looked_up, tuple(one for one in unknown if unknown[one]))


def waiting(now: datetime, most: int) -> list[str]:
    """Papers to ask arXiv for, those never asked for first; those that have come by another way are struck off."""
    have = Paper.objects.filter(identifier=OuterRef("identifier"))
    WantedPaper.objects.filter(Exists(have)).delete()
    rows = WantedPaper.objects.filter(due(now)).order_by(F("asked_at").asc(nulls_first=True), "wanted_at", "pk")
    return list(rows.values_list("identifier", flat=True)[:most])


def note_answer(asked: Collection[str], have: Collection[str], now: datetime) -> None:
    """arXiv was asked for these papers, and we have some of them now: the others it does not know."""
    rows = WantedPaper.objects.filter(identifier__in=asked)
    rows.filter(identifier__in=have).delete()
    rows.update(asked_at=now, unknown=True)
