"""The picks of a digest in sections, in the order in which they are read; one that would be empty is not there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from papers.text.directions import apart
from papers.text.words import shortened
from subscriptions.interests.feedback_profile import LABEL as LIKED_LABEL
from subscriptions.interests.readers import PAPER_LABELS
from subscriptions.mails.typesetting import clean
from subscriptions.models import DigestItem, InterestKind

LABEL = 80  # characters
FOR_YOU, TAKING_OFF, NEWS = "For you", "Taking off", "News of papers you kept"
FOLLOWED, OUTSIDE, NOTICED = "From people you follow", "One from outside your interests", "Most noticed these days"
NEAREST = "Nearest of the week"
OTHERS = (
    NEAREST,
    NOTICED,
    TAKING_OFF,
    OUTSIDE,
)  # after what people wrote whom the reader follows, and what is for them
TELLING = (NOTICED, OUTSIDE)  # sections whose headings say why, as those of an interest do
NAMES = ("author", "lab")
# Headings of one interest each tell more than they cost only where most of them stand over several papers.
PAPERS_A_GROUP = 2
Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    items: list[DigestItem]
    tells_interest: bool = False  # the heading names what led to all of them


def sections(picks: Sequence[DigestItem]) -> list[Section]:
    """Return all picks, each once, those of a section as they were ranked."""
    parts: dict[str, list[DigestItem]] = {}
    for item in picks:
        parts.setdefault(_part(item.reason), []).append(item)
    people, mine = parts.get(FOLLOWED), parts.get(FOR_YOU)
    others = [Section(name, parts[name], tells_interest=name in TELLING) for name in OTHERS if name in parts]
    return [*([Section(FOLLOWED, people)] if people else []), *(_by_interest(mine) if mine else []), *others]


def _part(reason: Reason) -> str:
    """Return the section of a pick; what it says of itself alone decides."""
    if reason.get("explored"):
        return OUTSIDE
    kind = reason.get("kind")
    if kind in NAMES:
        return FOLLOWED
    if not kind:
        return NOTICED
    if reason.get("took_off"):
        return TAKING_OFF
    return NEAREST if reason.get("catch_up") else FOR_YOU


def _by_interest(items: list[DigestItem]) -> list[Section]:
    groups: dict[str, list[DigestItem]] = {}
    for item in items:
        groups.setdefault(_interest(item.reason), []).append(item)
    if len(groups) > 1 and len(items) < PAPERS_A_GROUP * len(groups):
        return [Section(FOR_YOU, items)]
    return [
        Section(f"{FOR_YOU}: {interest}" if interest else FOR_YOU, own, tells_interest=bool(interest))
        for interest, own in groups.items()
    ]


def _interest(reason: Reason) -> str:
    return _named(str(reason.get("label", "")), reason.get("kind") == InterestKind.TEXT)


@lru_cache(maxsize=4096)
def _named(label: str, is_text: bool) -> str:
    """Name an interest as the reader did."""
    if label in LIKE_PAPERS:
        return f"like {label}"
    named = apart(shortened(" ".join(clean(label).split()), LABEL))
    return f"“{named}”" if named and is_text else named


LIKE_PAPERS = {*PAPER_LABELS.values(), LIKED_LABEL}


def in_order(parts: Iterable[Section]) -> list[DigestItem]:
    """Return the picks of all sections as they are numbered."""
    return [item for section in parts for item in section.items]
