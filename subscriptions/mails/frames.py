"""The frame around the cards of a digest: rendered once for each kind, and filled with the reader's words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from subscriptions.mails.mail_cards import Card
from subscriptions.mails.rhythm import RhythmLine
from subscriptions.mails.templates import (
    HTML,
    TEXT,
    Piece,
    Template,
    blank,
    cached_in_both_parts,
    in_both_parts,
    inlined,
    joined,
)
from subscriptions.mails.typesetting import one_line

ROOM = 12_000  # bytes that a frame takes at most, roughly
TOLD_TO_MANY = ("edition_header", "summary_line")
OWN = ("preheader", "web_url", "preferences_url", "unsubscribe_url")


@dataclass(frozen=True, slots=True)
class FrameKind:
    """The words that many digests of a day share outside of their cards."""

    site_name: str
    site_url: str
    date: date
    count: int
    near_misses_count: int
    edition_note: str
    rhythm: RhythmLine | None
    has_edition_header: bool
    has_first_title: bool


class Frame(NamedTuple):
    subject: str
    html: Template
    text: Template


class Parts(NamedTuple):
    subject: str
    html: Piece
    text: Piece


def framed(words: dict[str, Any], cards: Sequence[Card]) -> Parts:
    """Fill the three templates of a digest with all words and cards, as if each were rendered as a whole."""
    frame = rendered_frame(_kind(words))
    pieces = {name: cached_in_both_parts(words[name]) for name in TOLD_TO_MANY} | {
        name: in_both_parts(words[name]) for name in OWN
    }
    pieces["cards"] = joined([card.html for card in cards]), joined([card.text for card in cards])
    subject = frame.subject.replace(blank("first_title"), words["first_title"])
    return Parts(subject, frame.html.filled(pieces, HTML), frame.text.filled(pieces, TEXT))


def _kind(words: dict[str, Any]) -> FrameKind:
    return FrameKind(
        words["site_name"],
        words["site_url"],
        words["date"],
        words["count"],
        words["near_misses_count"],
        words["edition_note"],
        words["rhythm"],
        has_edition_header=bool(words["edition_header"]),
        has_first_title=bool(words["first_title"]),
    )


@lru_cache(maxsize=1024)
def rendered_frame(kind: FrameKind) -> Frame:
    words = asdict(kind) | {name: blank(name) for name in (*TOLD_TO_MANY, *OWN, "first_title", "cards")}
    words |= {"edition_header": words["edition_header"] if kind.has_edition_header else ""}
    words |= {"first_title": words["first_title"] if kind.has_first_title else ""}
    return Frame(
        subject=one_line(render_to_string("emails/digest.subject.txt", words)),
        html=Template(inlined(render_to_string("emails/digest_frame.html", words))),
        text=Template(render_to_string("emails/digest_frame.txt", words).strip() + "\n"),
    )
