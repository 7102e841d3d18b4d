"""The papers of digests as cards in a mail: what all readers see of a paper is rendered once per process, and each
reader's own words are put in between.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.template.loader import render_to_string

from papers.models import Paper
from papers.text.directions import apart, steady
from papers.text.words import shortened
from subscriptions.mails.pick_cards import Folded, named_papers, notes_on, quote, shown_of, trend, why
from subscriptions.mails.templates import HTML, TEXT, Piece, Template, blank, cached_in_both_parts, inlined
from subscriptions.mails.typesetting import clean, one_line
from subscriptions.models import DigestItem

COLUMNS = (
    *("pk", "identifier", "title", "plain_title", "abstract", "plain_abstract", "authors", "plain_authors"),
    *("categories", "field", "github_repo", "url", "doi"),
)
KEPT = 3000  # papers whose rendered cards a process keeps, at 25 kB each
# Characters: a paper with a title of a page must not push the others out of what mail programs show.
TITLE, AUTHORS, NOTE, TOLD, FOLDED, CATEGORIES, ADDRESS = 300, 240, 1000, 400, 200, 80, 500
MOST_FOLDED = 10  # papers named under one
OWN = ("rank", "why", "quote")  # words that vary with the reader
Row = tuple[Any, ...]
R = TypeVar("R")


class PaperIsBroken(Exception):
    """The paper itself cannot be shown, to any reader."""


class Kind(NamedTuple):
    """The parts of a paper's card that vary with the reader, besides the words in its blanks."""

    trend: str
    brief: bool
    has_quote: bool
    also: int  # how many papers gave way to it


@dataclass(slots=True)
class Rendered:
    """A paper as it is shown at this address with this note, and its two parts of each kind that was wanted."""

    source: tuple[str, str, Row]
    words: dict[str, str]
    parts: dict[Kind, tuple[Template, Template]] = field(default_factory=dict)


class Card(NamedTuple):
    """A paper in one reader's mail: its words, and both parts ready to be joined."""

    paper: Rendered
    kind: Kind
    own: dict[str, str]
    also: list[Folded]
    html: Piece
    text: Piece

    @property
    def title(self) -> str:
        return self.paper.words["title"]

    @property
    def words(self) -> dict[str, Any]:
        """Return all that the templates show of it."""
        return {**_words_of(self.paper, self.kind), **self.own, "also": self.also}


_known: dict[int, Rendered] = {}


class CardMaker:
    """All that the cards of these items need, read in a constant number of queries; writing one asks nothing more."""

    def __init__(self, items: Iterable[DigestItem]) -> None:
        items, self._site_url = list(items), settings.SITE_URL
        shown = {item.paper_id for item in items} | {pk for item in items for pk in _folded(item)}
        self._rows: dict[int, Row] = {row[0]: row for row in Paper.objects.filter(pk__in=shown).values_list(*COLUMNS)}
        self._notes = notes_on(self._rows)
        named = {identifier for item in items for identifier in _named(item)}
        titles = Paper.objects.filter(identifier__in=named).values_list("identifier", "title", "plain_title")
        self._named = {identifier: _title(*title) for identifier, *title in titles} if named else {}

    def has(self, item: DigestItem) -> bool:
        return item.paper_id in self._rows

    def card(self, item: DigestItem, rank: int, *, brief: bool = False) -> Card:
        """Make a card; raise PaperIsBroken if nobody can be shown the paper, other errors for this item alone."""
        rendered = self._rendered(item.paper_id)
        own = self._own_words(item, rank, rendered.words["excerpt"], brief=brief)
        also = [] if brief else self._also(item)
        attention = trend(item.reason, rendered.words["field"])
        kind = Kind(attention, brief, bool(own["quote"]), len(also))
        html, text = rendered.parts.get(kind) or _drawn(rendered, kind)
        pieces = {name: cached_in_both_parts(words) for name, words in (own | _in_blanks(also)).items()}
        return Card(rendered, kind, own, also, html.filled(pieces, HTML), text.filled(pieces, TEXT))

    def _own_words(self, item: DigestItem, rank: int, excerpt: str, *, brief: bool) -> dict[str, str]:
        sentence = item.reason.get("sentence")
        return {
            "rank": str(rank),
            "why": _line(why(item.reason, self._named), TOLD),
            "quote": _quoted(str(sentence), excerpt) if sentence and not brief else "",
        }

    def _also(self, item: DigestItem) -> list[Folded]:
        """Return the papers that gave way to this one: each with its link, or its reader could not reach it."""
        known = [self._rows[pk] for pk in _folded(item)[:MOST_FOLDED] if pk in self._rows]
        return [Folded(apart(_line(_title(*row[2:4]), FOLDED)), self._url_of(row)) for row in known]

    def _url_of(self, row: Row) -> str:
        return self._site_url + Paper(**dict(zip(COLUMNS, row, strict=True))).get_absolute_url()

    def _rendered(self, paper: int) -> Rendered:
        source = (self._site_url, self._notes.get(paper, ""), self._rows[paper])
        known = _known.get(paper)
        if known is None or known.source != source:
            if len(_known) >= KEPT:
                _known.pop(next(iter(_known)))  # the one that came first
            known = _known[paper] = Rendered(source, _of_the_paper(lambda: _shared_words(*source)))
        return known


def _drawn(rendered: Rendered, kind: Kind) -> tuple[Template, Template]:
    parts = rendered.parts[kind] = _of_the_paper(lambda: _draw(_words_of(rendered, kind), kind))
    return parts


def _of_the_paper(make: Callable[[], R]) -> R:
    try:
        return make()
    except Exception as error:
        raise PaperIsBroken(repr(error)) from error


def _draw(words: dict[str, str], kind: Kind) -> tuple[Template, Template]:
    """Render both parts with blanks. In HTML a row is in its table while styles are inlined, and is then cut out."""
    card = {**words, **{name: blank(name) for name in OWN}, "also": _blanks(kind.also)}
    card |= {} if kind.has_quote else {"quote": ""}
    whole = inlined(render_to_string("emails/digest_card.html", {"card": card, "edge": blank("edge")}))
    _, html, _ = whole.split(f"<!--{blank('edge')}-->")
    return Template(html), Template(render_to_string("emails/_digest_card.txt", {"card": card}))


def _blanks(count: int) -> list[Folded]:
    return [Folded(blank(f"also_title_{number}"), blank(f"also_url_{number}")) for number in range(count)]


def _in_blanks(also: list[Folded]) -> dict[str, str]:
    titles = {f"also_title_{number}": folded.title for number, folded in enumerate(also)}
    return titles | {f"also_url_{number}": folded.url for number, folded in enumerate(also)}


def _words_of(rendered: Rendered, kind: Kind) -> dict[str, str]:
    return rendered.words | {"trend": kind.trend} | ({"excerpt": "", "note": ""} if kind.brief else {})


def _shared_words(site_url: str, note: str, row: Row) -> dict[str, str]:
    paper = Paper(**dict(zip(COLUMNS, row, strict=True)))
    shown = shown_of(paper, site_url)
    return {
        "title": _line(shown.title, TITLE),
        "url": shown.url,
        "source_url": _address(shown.source_url),
        "source": shown.source,
        "authors": _line(shown.authors, AUTHORS),
        "excerpt": steady(clean(shown.excerpt).strip()),
        "categories": _line(", ".join(shown.categories), CATEGORIES),
        "note": shortened(clean(note).strip(), NOTE),
        "code_url": _address(shown.code_url),
        "field": paper.field,
    }


def _address(url: str) -> str:
    """Return a link that mail programs can tell the end of; '' where it has spaces or is longer than any real one."""
    return url if len(url) <= ADDRESS and one_line(url) == url and " " not in url else ""


@lru_cache(maxsize=KEPT)
def _quoted(sentence: str, excerpt: str) -> str:
    line = _line(quote(sentence, excerpt), TOLD)
    return f"“{line}”" if line else ""


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
