"""What somebody who is no subscriber yet would get for their wishes; nothing of it is stored."""

from dataclasses import dataclass
from datetime import datetime

from recommender.candidates import kept_stretch
from subscriptions.builder import editions
from subscriptions.builder.described import describe
from subscriptions.builder.editions import EDITIONS, EditionPreview
from subscriptions.builder.volumes import Volume, volumes
from subscriptions.people.wishes import Wishes

__all__ = ["EditionPreview", "Preview", "Volume", "first_digest", "preview"]
UNREAD = "Free text is not read at the moment: the rest is shown without it. What you wrote counts once you sign up."
BEING_READ = "We have just started and are still reading the papers. Your digest can be shown in some seconds."


@dataclass(frozen=True, slots=True)
class Preview:
    editions: tuple[EditionPreview, ...]  # newest first
    volumes: tuple[Volume, ...]  # of each interest
    note: str  # what is missing now, '' if nothing is
    sent: frozenset[int] = frozenset()  # papers, by their keys, that the reader really had


def preview(wishes: Wishes, now: datetime, *, whose: str = "") -> Preview:
    """Return what these wishes bring: the digest of now, those of the editions before, and what each interest adds.

    whose tells visitors apart, such as their network: what one typed is not answered faster to another.
    """
    try:
        papers = kept_stretch.current(now.date())
    except kept_stretch.BeingRead:
        return Preview((), (), BEING_READ)
    described = describe(wishes, papers, whose)
    chosen = editions.made(described, papers, now.date(), EDITIONS)
    note = UNREAD if described.unread else ""
    return Preview(editions.previews(chosen), volumes(described, papers, now.date()), note)


def first_digest(wishes: Wishes, now: datetime) -> EditionPreview:
    """Return the digest that somebody with these wishes would get now; without papers while they are being read."""
    try:
        papers = kept_stretch.current(now.date())
    except kept_stretch.BeingRead:
        return EditionPreview(now.date())
    [newest] = editions.previews(editions.made(describe(wishes, papers), papers, now.date(), 1))
    return newest
