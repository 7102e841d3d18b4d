"""The frame around the papers of a digest: rendered once for each kind, and filled with the reader's words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from subscriptions.mails.mail_cards import Card
from subscriptions.mails.news_lines import KeptPaper, drawn
from subscriptions.mails.templates import (
    Piece,
    Template,
    Words,
    as_link,
    blank,
    cached_in_both_parts,
    html_template,
    in_both_parts,
    joined,
    text_template,
)
from subscriptions.mails.top_lines import RhythmLine
from subscriptions.mails.typesetting import one_line

ROOM = 8_000  # bytes that a frame takes at most, roughly
TOLD_TO_MANY = ("edition_header", "summary_line", "changes_line")
LINKS = ("preferences_url", "unsubscribe_url")


@dataclass(frozen=True, slots=True)
class FrameKind:
    """The words that many digests of a day share outside of their papers."""

    site_name: str
    site_url: str
    date: date
    count: int
    near_misses_count: int
    edition_note: str
    merged_line: str
    rhythm: RhythmLine | None
    has_edition_header: bool
    has_changes_line: bool
    has_first_title: bool


class Frame(NamedTuple):
    subject: str
    html: Template[str]
    text: Template[Piece]


class Parts(NamedTuple):
    subject: str
    html: str
    text: Piece


class MailSection(NamedTuple):
    """A heading and what stands below it."""

    heading: str
    cards: list[Card]
    news: list[KeptPaper]

    @property
    def words(self) -> dict[str, Any]:
        """Return all that the templates show of it."""
        return {"heading": self.heading, "cards": [card.words for card in self.cards], "news": self.news}


def framed(words: dict[str, Any], web_url: Words, sections: Sequence[MailSection]) -> Parts:
    """Fill the three templates of a digest with all words and papers, as if each were rendered as a whole.

    web_url leads to its web copy.
    """
    frame = rendered_frame(_kind(words))
    both = {name: cached_in_both_parts(words[name]) for name in TOLD_TO_MANY}
    both |= {name: as_link(words[name]) for name in LINKS}
    both |= {"preheader": in_both_parts(words["preheader"]), "web_url": web_url}
    html, text = _papers(sections)
    subject = frame.subject.replace(blank("first_title"), words["first_title"])
    whole = frame.html.filled({name: value.html for name, value in both.items()} | {"sections": html})
    plain = frame.text.filled({name: value.text for name, value in both.items()} | {"sections": text})
    return Parts(subject, "".join(whole), joined(plain))


def _papers(sections: Sequence[MailSection]) -> tuple[list[str], list[Piece]]:
    html, text = list[str](), list[Piece]()
    for section in sections:
        heading_html, heading_text = _heading(section.heading)
        html += heading_html
        text += heading_text
        for card in section.cards:
            html += card.html
            text += card.text
        for kept in section.news:
            kept_html, kept_text = drawn(kept)
            html += kept_html
            text += kept_text
    return html, text


@lru_cache(maxsize=4096)
def _heading(heading: str) -> tuple[list[str], list[Piece]]:
    words = {"heading": heading}
    html, text = (render_to_string(f"emails/_digest_section.{part}", words) for part in ("html", "txt"))
    return html_template(html).filled({}), text_template(text).filled({})


def _kind(words: dict[str, Any]) -> FrameKind:
    return FrameKind(
        words["site_name"],
        words["site_url"],
        words["date"],
        words["count"],
        words["near_misses_count"],
        words["edition_note"],
        words["merged_line"],
        words["rhythm"],
        has_edition_header=bool(words["edition_header"]),
        has_changes_line=bool(words["changes_line"]),
        has_first_title=bool(words["first_title"]),
    )


@lru_cache(maxsize=1024)
def rendered_frame(kind: FrameKind) -> Frame:
    blanks = (*TOLD_TO_MANY, *LINKS, "preheader", "web_url", "first_title", "sections")
    words = asdict(kind) | {name: blank(name) for name in blanks}
    for name in ("edition_header", "changes_line", "first_title"):
        words |= {} if words[f"has_{name}"] else {name: ""}
    return Frame(
        subject=one_line(render_to_string("emails/digest.subject.txt", words)),
        html=html_template(render_to_string("emails/digest_frame.html", words)),
        text=text_template(render_to_string("emails/digest_frame.txt", words).strip() + "\n"),
    )
