"""The papers of digests as cards in a mail: what all readers see of a paper is rendered once per process, and each
reader's own words are put in between.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from papers.among import among
from papers.models import Paper
from papers.text.directions import LEFTWARDS, apart, steady
from papers.text.words import shortened
from papers.trends.attention_lines import attention_lines
from subscriptions.mails.cards import shapes
from subscriptions.mails.cards.shapes import Drawn
from subscriptions.mails.news_lines import KeptPaper, kept_paper
from subscriptions.mails.passages import Passage, passage
from subscriptions.mails.pick_cards import Folded, author_line, counted, notes_on, shown_of
from subscriptions.mails.reason_words import attention, named_papers, why
from subscriptions.mails.templates import Block, Words, cached_in_both_parts, in_both_parts
from subscriptions.mails.typesetting import clean, one_line
from subscriptions.models import DigestItem

COLUMNS = (
    *("pk", "identifier", "title", "plain_title", "abstract", "plain_abstract", "field", "github_repo", "url", "doi"),
    *("comment", "authors", "plain_authors", "categories", "announced_on", "listed_on"),
)
LISTS, DATES = ("authors", "plain_authors", "categories"), ("announced_on", "listed_on")
# Both as text: whether a paper has changed is seen without reading what is in them.
AS_STORED = {f"{name}_text": Cast(name, TextField()) for name in (*LISTS, *DATES)}
STORED = (*(name for name in COLUMNS if name not in (*LISTS, *DATES)), *AS_STORED)
KEPT = 3000  # papers whose rendered cards a process keeps, at 25 kB each
KINDS_KEPT = 32  # of one paper
# Characters: a paper with a title of a page must not push the others out of what mail programs show.
TITLE, AUTHORS, NOTE, TOLD, FOLDED, FACTS, ADDRESS = 300, 240, 1000, 400, 100, 72, 500
FIRST_TITLE = 105  # of a subject
MOST_FOLDED = 10  # papers named under one
VISIBLE = re.compile(r"\w")
Row = tuple[Any, ...]
R = TypeVar("R")


class PaperIsBroken(Exception):
    """The paper itself cannot be shown, to any reader."""


class Kind(NamedTuple):
    """All that makes cards of one paper differ, besides the words in their blanks."""

    attention: str
    brief: bool
    sentence: str  # that answers the reader's interest
    has_why: bool
    known: tuple[str, ...]  # authors whom the reader knows
    also: tuple[Folded, ...]  # papers that gave way to it


@dataclass(slots=True)
class Rendered:
    """A paper as it is shown at this address with this note, and its two parts of each kind that was wanted."""

    source: tuple[str, str, Row]
    words: dict[str, str]
    archive: str  # its field
    came_on: date | None  # the first day on which it could be known
    title: str  # as it stands in a subject
    title_apart: str  # as it stands among others
    parts: dict[Any, Drawn] = field(default_factory=dict)


class Card(NamedTuple):
    """A paper in one reader's mail, and what its blanks are filled with."""

    item: DigestItem
    told: bool
    paper: Rendered
    kind: tuple[Any, ...]  # the fields of a Kind
    drawn: Drawn
    rank: int
    why: Words
    web_url: Words

    @property
    def size(self) -> int:
        """Return the characters of the HTML, roughly."""
        return self.drawn.html.length + self.why.length + self.web_url.length

    @property
    def words(self) -> dict[str, Any]:
        """Return all that the templates show of it."""
        own = {"rank": self.rank, "why": self.why.words, "web_url": self.web_url.words}
        return {**_words_of(self.paper, Kind(*self.kind)), **own}

    def filled(self) -> Block:
        """Return both parts ready to be joined with others."""
        drawn, why, number = self.drawn, self.why, cached_in_both_parts(str(self.rank))
        html = drawn.html.filled({"rank": number.html, "why": why.html, "web_url": self.web_url.html})
        text = drawn.text.filled({"rank": number.text, "why": why.text})
        return Block(html, text, drawn.is_easy and why.is_easy)


# A reason, its paper, the fields of a Kind, both parts, and the line that says why.
Own = tuple[Any, Rendered, tuple[Any, ...], Drawn, Words]
_known: dict[int, Rendered] = {}


class CardMaker:
    """All that the cards of these items need, read in a constant number of queries; writing one asks nothing more."""

    def __init__(self, items: Iterable[DigestItem]) -> None:
        items, self._site_url = list(items), settings.SITE_URL
        self._ready: dict[int, Rendered] = {}
        self._made: dict[tuple[int, int, bool, bool], Own] = {}  # by the reason, which stays as long as it stands here
        shown = {item.paper_id for item in items} | {pk for item in items for pk in _folded(item)}
        papers = among(Paper.objects.annotate(**AS_STORED), "id", shown)
        self._rows: dict[int, Row] = {row[0]: row for row in papers.values_list(*STORED)}
        self._notes = notes_on(self._rows)
        self._counts = {pk: counted(line) for pk, line in attention_lines(item.paper_id for item in items).items()}
        named = {identifier for item in items for identifier in _named(item)}
        titles = Paper.objects.filter(identifier__in=named).values_list("identifier", "title", "plain_title")
        self._named = {identifier: _title(*title) for identifier, *title in titles} if named else {}

    def has(self, item: DigestItem) -> bool:
        return item.paper_id in self._rows

    def card(self, item: DigestItem, rank: int, web_url: Words, *, told: bool, brief: bool = False) -> Card:
        """Make a card; raise PaperIsBroken if nobody can be shown the paper, other errors for this item alone.

        web_url leads to the digest's web copy; told: a heading names the interest already.
        """
        of_item = (id(item.reason), item.paper_id, told, brief)
        made = self._made.get(of_item)
        if made is None:
            made = self._made[of_item] = self._own(item, told=told, brief=brief)
        _, rendered, kind, drawn, words = made
        return Card(item, told, rendered, kind, drawn, rank, words, web_url)

    def _own(self, item: DigestItem, *, told: bool, brief: bool) -> Own:
        """Make what a card shows for a reason, which many readers of a topic share."""
        reason, paper = item.reason, item.paper_id
        rendered = self._ready.get(paper) or self._rendered(paper)
        words = why(reason, self._named, told=told)
        kind = (
            attention(reason, rendered.archive, self._counts.get(paper, "")),
            brief,
            "" if brief else str(reason.get("sentence") or ""),
            bool(words),
            tuple(reason.get("people") or ()),
            self._also(item) if reason.get("folded") and not brief else (),
        )
        drawn = rendered.parts.get(kind) or _drawn(rendered, Kind(*kind))
        return reason, rendered, kind, drawn, _as_line(words)

    def news(self, item: DigestItem) -> KeptPaper:
        """Return what happened to a paper that the reader kept."""
        return kept_paper(_paper(self._rows[item.paper_id]), item.reason, self._site_url)

    def _also(self, item: DigestItem) -> tuple[Folded, ...]:
        """Return the papers that gave way to this one: each with its link, or its reader could not reach it."""
        known = [self._rows[pk] for pk in _folded(item)[:MOST_FOLDED] if pk in self._rows]
        return tuple(Folded(apart(_line(_title(*row[2:4]), FOLDED)), self._url_of(row)) for row in known)

    def _url_of(self, row: Row) -> str:
        return self._site_url + _paper(row).get_absolute_url()

    def _rendered(self, paper: int) -> Rendered:
        """Return a paper as all readers see it, as this process knows it if nothing of it has changed."""
        source = (self._site_url, self._notes.get(paper, ""), self._rows[paper])
        known = _known.get(paper)
        if known is None or known.source != source:
            if len(_known) >= KEPT:
                _known.pop(next(iter(_known)))  # the one that came first
            known = _known[paper] = _of_the_paper(lambda: _first_seen(source))
        self._ready[paper] = known
        return known


def _first_seen(source: tuple[str, str, Row]) -> Rendered:
    words = _shared_words(*source)
    title = words["title"]
    return Rendered(
        source, words, words.pop("field"), _came_on(source[2]), shortened(one_line(title), FIRST_TITLE), apart(title)
    )


def _drawn(rendered: Rendered, kind: Kind) -> Drawn:
    if len(rendered.parts) >= KINDS_KEPT:
        rendered.parts.clear()
    parts = rendered.parts[kind] = _of_the_paper(lambda: shapes.drawn(_words_of(rendered, kind)))
    return parts


def _of_the_paper(make: Callable[[], R]) -> R:
    try:
        return make()
    except Exception as error:
        raise PaperIsBroken(repr(error)) from error


def _words_of(rendered: Rendered, kind: Kind) -> dict[str, Any]:
    paper = _paper(rendered.source[2])
    authors = author_line(paper.shown_authors, kind.known)
    known, others = _line(authors.known, AUTHORS), _line(authors.others, AUTHORS)
    shown = Passage("") if kind.brief else _typeset(passage(paper.shown_abstract, kind.sentence))
    words = rendered.words | {
        "attention": kind.attention,
        "has_why": kind.has_why,
        "known": known,
        "authors": others,
        "people": ", ".join(filter(None, (known, others))),
        "turns": bool(LEFTWARDS.search(f"{paper.shown_title} {paper.shown_abstract}")),
        "passage": shown,
        "excerpt": str(shown._replace(answer=f"*{shown.answer}*") if shown.answer else shown.before),
        "also": kind.also,
    }
    return words | ({"note": ""} if kind.brief else {})


def _typeset(shown: Passage) -> Passage:
    """Take out what mails cannot show; marks of direction end within each stretch."""
    return Passage(*(steady(" ".join(clean(part).split())) for part in shown))


def _paper(row: Row) -> Paper:
    columns = dict(zip(COLUMNS, row, strict=True))
    columns |= {name: json.loads(columns[name]) for name in LISTS}
    return Paper(**columns | {name: _day(columns[name]) for name in DATES})


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None


def _shared_words(site_url: str, note: str, row: Row) -> dict[str, str]:
    paper = _paper(row)
    shown = shown_of(paper, site_url)
    return {
        "title": _line(shown.title, TITLE) if VISIBLE.search(shown.title) else paper.identifier,
        "url": shown.url,
        "source_url": _address(shown.source_url),
        "source": shown.source,
        "pdf_url": _address(shown.pdf_url),
        "facts": _line(" · ".join(filter(None, (apart(", ".join(shown.categories)), shown.reading))), FACTS),
        "note": shortened(clean(note).strip(), NOTE),
        "code_url": _address(shown.code_url),
        "field": paper.field,
    }


def _came_on(row: Row) -> date | None:
    return min(filter(None, map(_day, row[-2:])), default=None)


def _address(url: str) -> str:
    """Return a link that mail programs can tell the end of; '' where it has spaces or is longer than any real one."""
    return url if len(url) <= ADDRESS and one_line(url) == url and " " not in url else ""


@lru_cache(maxsize=16_384)
def _as_line(text: str) -> Words:
    return in_both_parts(_line(text, TOLD))


@lru_cache(maxsize=KEPT)
def _line(text: str, length: int) -> str:
    return shortened(" ".join(clean(text).split()), length)


def _title(title: str, plain_title: str) -> str:
    return steady(plain_title or " ".join(title.split()))


# A wrong value in a reason is an error when its own mail is written, and costs no other reader anything.
def _folded(item: DigestItem) -> list[int]:
    folded = item.reason.get("folded", []) if isinstance(item.reason, dict) else []
    return [pk for pk in folded if isinstance(pk, int)] if isinstance(folded, list) else []


def _named(item: DigestItem) -> list[str]:
    try:
        return [name for name in named_papers(item.reason) if isinstance(name, str)]
    except (AttributeError, TypeError):
        return []
