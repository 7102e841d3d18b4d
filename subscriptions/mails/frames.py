"""The frame around the papers of a digest: rendered once for each kind, and filled with the reader's words."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from papers.text.blanks import blank, cut
from subscriptions.mails.mail_cards import Card
from subscriptions.mails.mime import Ready
from subscriptions.mails.news_lines import KeptPaper, drawn
from subscriptions.mails.templates import (
    Block,
    Template,
    Words,
    as_link,
    block,
    cached_in_both_parts,
    html_template,
    in_html,
    text_template,
)
from subscriptions.mails.top_lines import RhythmLine
from subscriptions.mails.typesetting import one_line

ROOM = 8_000  # bytes that a frame takes at most, roughly
TOLD_TO_MANY = ("edition_header", "summary_line", "changes_line")
LINKS = ("preferences_url", "unsubscribe_url")


class FrameKind(NamedTuple):
    """The words that many digests of a day share outside of their papers."""

    site_name: str
    site_url: str
    date: date
    papers: int
    near_misses_count: int
    edition_note: str
    merged_line: str
    rhythm: RhythmLine | None
    has_edition_header: bool
    has_changes_line: bool
    has_first_title: bool


class Frame(NamedTuple):
    subject: str
    html: Template
    text: Template
    is_easy: bool


class Parts(NamedTuple):
    subject: str
    ready: Ready


class MailSection(NamedTuple):
    """A heading and what stands below it."""

    heading: str
    cards: list[Card]
    news: list[KeptPaper]

    @property
    def words(self) -> dict[str, Any]:
        """Return all that the templates show of it."""
        return {"heading": self.heading, "cards": [card.words for card in self.cards], "news": self.news}


def framed(words: Mapping[str, Any], web_url: Words, sections: Sequence[MailSection]) -> Parts:
    """Fill the three templates of a digest with all words and papers, as if each were rendered as a whole.

    web_url leads to its web copy.
    """
    frame, papers = rendered_frame(_kind(words)), _papers(sections)
    told = {name: cached_in_both_parts(words[name]) for name in TOLD_TO_MANY}
    links = {name: as_link(words[name]) for name in LINKS}
    both = {**told, **links, "web_url": web_url}
    html = {name: value.html for name, value in both.items()}
    text = {name: value.text for name, value in both.items()}
    html["preheader"], preheader_is_easy = in_html(words["preheader"])
    html["sections"], text["sections"] = papers.html, papers.text
    is_easy = frame.is_easy and papers.is_easy and preheader_is_easy and all(one.is_easy for one in both.values())
    subject = frame.subject.replace(blank("first_title"), words["first_title"])
    at_line_starts = any(html[name].startswith(b"From ") for name in frame.html.at_line_starts)
    return Parts(subject, Ready(frame.text.filled(text), frame.html.filled(html), is_easy and not at_line_starts))


def _papers(sections: Sequence[MailSection]) -> Block:
    html, text, is_easy = list[bytes](), list[bytes](), True
    for section in sections:
        cards, news = [card.filled() for card in section.cards], [drawn(kept) for kept in section.news]
        for part in (_heading(section.heading), *cards, *news):
            html.append(part.html)
            text.append(part.text)
            is_easy = is_easy and part.is_easy
    return Block(b"".join(html), b"".join(text), is_easy)


@lru_cache(maxsize=4096)
def _heading(heading: str) -> Block:
    words = {"heading": heading}
    html, text = (render_to_string(f"emails/_digest_section.{part}", words) for part in ("html", "txt"))
    return block(html, text)


def _kind(words: Mapping[str, Any]) -> FrameKind:
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
    words = kind._asdict() | {"count": kind.papers} | {name: blank(name) for name in blanks}
    for name in ("edition_header", "changes_line", "first_title"):
        words |= {} if words[f"has_{name}"] else {name: ""}
    html = html_template(cut(render_to_string("emails/digest_frame.html", words)))
    return Frame(
        subject=one_line(render_to_string("emails/digest.subject.txt", words)),
        html=html,
        text=text_template(cut(render_to_string("emails/digest_frame.txt", words).strip() + "\n")),
        is_easy=html.is_easy and "sections" in html.at_line_starts,
    )
