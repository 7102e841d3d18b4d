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
from papers.words import names, web_url
from subscriptions.cards import first_sentences, named_papers, notes_on, quote, trend, why
from subscriptions.models import DigestItem
from subscriptions.skeletons import HTML, TEXT, Ink, Skeleton, blank, inlined, said
from subscriptions.typesetting import clean, one_line, shortened

COLUMNS = (
    *("pk", "identifier", "title", "plain_title", "abstract", "plain_abstract", "authors", "plain_authors"),
    *("categories", "field", "github_repo", "url", "doi"),
)
KEPT = 3000  # papers whose rendered cards a process keeps, at 25 kB each
# Characters: a paper with a title of a page must not push the others out of what mail programs show.
TITLE, AUTHORS, NOTE, TOLD, CATEGORIES, ADDRESS = 300, 240, 1000, 400, 80, 500
OWN = ("rank", "why", "quote", "also")  # words that vary with the reader
Row = tuple[Any, ...]
R = TypeVar("R")


class PaperIsBroken(Exception):
    """The paper itself cannot be shown, whoever the reader is."""


class Kind(NamedTuple):
    """What about a paper's card varies with the reader, besides the words in its blanks."""

    trend: str
    brief: bool
    has_quote: bool
    has_also: bool


@dataclass(slots=True)
class Rendered:
    """A paper as it is shown at this address with this note, and its two parts of each kind that was wanted."""

    source: tuple[str, str, Row]
    words: dict[str, str]
    parts: dict[Kind, tuple[Skeleton, Skeleton]] = field(default_factory=dict)


class Card(NamedTuple):
    """A paper in one reader's mail: what is said, and both parts ready to be joined."""

    paper: Rendered
    kind: Kind
    own: dict[str, str]
    html: Ink
    text: Ink

    @property
    def title(self) -> str:
        return self.paper.words["title"]

    @property
    def words(self) -> dict[str, str]:
        """All that the templates show of it."""
        return _words_of(self.paper, self.kind) | self.own


_known: dict[int, Rendered] = {}


class Shelf:
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
        """PaperIsBroken if nobody can be shown the paper; any other error is of this reader's item alone."""
        rendered = self._rendered(item.paper_id)
        own = self._own_words(item, rank, rendered.words["excerpt"], brief=brief)
        attention = trend(item.reason, rendered.words["field"])
        kind = Kind(attention, brief, bool(own["quote"]), bool(own["also"]))
        html, text = rendered.parts.get(kind) or _drawn(rendered, kind)
        inks = {name: said(words) for name, words in own.items()}
        return Card(rendered, kind, own, html.filled(inks, HTML), text.filled(inks, TEXT))

    def _own_words(self, item: DigestItem, rank: int, excerpt: str, *, brief: bool) -> dict[str, str]:
        sentence, folded = item.reason.get("sentence"), item.reason.get("folded")
        titles = "; ".join([_title(*self._rows[pk][2:4]) for pk in folded if pk in self._rows]) if folded else ""
        return {
            "rank": str(rank),
            "why": _line(why(item.reason, self._named), TOLD),
            "quote": _quoted(str(sentence), excerpt) if sentence and not brief else "",
            "also": _line(titles, TOLD) if titles and not brief else "",
        }

    def _rendered(self, paper: int) -> Rendered:
        source = (self._site_url, self._notes.get(paper, ""), self._rows[paper])
        known = _known.get(paper)
        if known is None or known.source != source:
            if len(_known) >= KEPT:
                _known.pop(next(iter(_known)))  # the one that came first
            known = _known[paper] = Rendered(source, _of_the_paper(lambda: _shared_words(*source)))
        return known


def _drawn(rendered: Rendered, kind: Kind) -> tuple[Skeleton, Skeleton]:
    found = rendered.parts[kind] = _of_the_paper(lambda: _draw(_words_of(rendered, kind), kind))
    return found


def _of_the_paper(make: Callable[[], R]) -> R:
    try:
        return make()
    except Exception as error:
        raise PaperIsBroken(repr(error)) from error


def _draw(words: dict[str, str], kind: Kind) -> tuple[Skeleton, Skeleton]:
    """Both parts with blanks. In HTML a row stands in its table while styles are inlined, and is then cut out."""
    card = words | {name: blank(name) for name in OWN}
    card |= {name: "" for name, has in (("quote", kind.has_quote), ("also", kind.has_also)) if not has}
    whole = inlined(render_to_string("emails/digest_card.html", {"card": card, "edge": blank("edge")}))
    _, html, _ = whole.split(f"<!--{blank('edge')}-->")
    return Skeleton(html), Skeleton(render_to_string("emails/_digest_card.txt", {"card": card}))


def _words_of(rendered: Rendered, kind: Kind) -> dict[str, str]:
    return rendered.words | {"trend": kind.trend} | ({"excerpt": "", "note": ""} if kind.brief else {})


def _shared_words(site_url: str, note: str, row: Row) -> dict[str, str]:
    paper = Paper(**dict(zip(COLUMNS, row, strict=True)))
    return {
        "title": _line(paper.shown_title, TITLE),
        "url": site_url + paper.get_absolute_url(),
        "source_url": _address(paper.source_url),
        "source": "arXiv" if paper.arxiv_id else "paper",
        "authors": _line(names(paper.shown_authors), AUTHORS),
        "excerpt": clean(first_sentences(paper.shown_abstract)).strip(),
        "categories": _line(", ".join(paper.categories[:4]), CATEGORIES),
        "note": shortened(clean(note).strip(), NOTE),
        "code_url": _address(paper.github_repo),
        "field": paper.field,
    }


def _address(link: str) -> str:
    """A link that mail programs can tell the end of; none where it has spaces or is longer than any real one."""
    url = web_url(link)
    return url if len(url) <= ADDRESS and one_line(url) == url and " " not in url else ""


@lru_cache(maxsize=KEPT)
def _quoted(sentence: str, excerpt: str) -> str:
    found = _line(quote(sentence, excerpt), TOLD)
    return f"“{found}”" if found else ""


@lru_cache(maxsize=KEPT)
def _line(text: str, length: int) -> str:
    return shortened(" ".join(clean(text).split()), length)


def _title(title: str, plain_title: str) -> str:
    return plain_title or " ".join(title.split())


# What a reason holds wrongly is told when its own mail is written, and costs no other reader anything.
def _folded(item: DigestItem) -> list[int]:
    folded = item.reason.get("folded", []) if isinstance(item.reason, dict) else []
    return [pk for pk in folded if isinstance(pk, int)] if isinstance(folded, list) else []


def _named(item: DigestItem) -> list[str]:
    try:
        return [one for one in named_papers(item.reason) if isinstance(one, str)]
    except (AttributeError, TypeError):
        return []
