"""What somebody who is no subscriber yet would get for their wishes; nothing of it is stored."""

from dataclasses import dataclass
from datetime import date, datetime

from subscriptions.builder.volumes import Volume, volumes
from subscriptions.digests.compose import preview_wishes
from subscriptions.mails.pick_cards import PickCard, cards
from subscriptions.models import Role
from subscriptions.people.wishes import Wishes

EDITIONS = 5


@dataclass(frozen=True, slots=True)
class EditionPreview:
    """The digest of one edition's day."""

    day: date
    cards: tuple[PickCard, ...]
    considered: int  # papers that it was chosen from


@dataclass(frozen=True, slots=True)
class Preview:
    editions: tuple[EditionPreview, ...]  # newest first
    volumes: tuple[Volume, ...]  # of each interest
    note: str  # what is missing now, '' if nothing is


def preview(wishes: Wishes, now: datetime) -> Preview:
    """Return what these wishes bring: the digest of now, those of the editions before, and what each interest adds."""
    items = [item for item in preview_wishes(wishes, now.date()) if item.role == Role.PICK]
    newest = EditionPreview(now.date(), tuple(cards(items)), 0)
    return Preview((newest,), volumes(wishes), "")
