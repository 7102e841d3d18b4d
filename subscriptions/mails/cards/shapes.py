"""The templates of a card, rendered once for each shape that cards have: which of its lines are there.

All words are put into blanks, so that the first card of a paper costs a process no more than putting them there.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string

from papers.text.blanks import Rendered, blank, cut, escaped
from subscriptions.mails.passages import Passage
from subscriptions.mails.pick_cards import Folded
from subscriptions.mails.templates import Template, html_template, text_template
from subscriptions.mails.typesetting import hanging, wrapped

OWN = ("rank", "why", "web_url")  # words that vary with the reader, and stay blanks
LINKS = ("url", "source_url", "source", "pdf_url", "code_url")  # stand as they are, in lines of any length
TEXTS = ("title", "known", "authors", "note", "attention")
IN_TEXT = ("people", "excerpt")  # several of them together, where a line of text goes on from one to the next
PASSAGE = Passage._fields


class Drawn(NamedTuple):
    """Both parts of a card, with blanks for OWN."""

    html: Template
    text: Template
    is_easy: bool


class Shape(NamedTuple):
    """Which words a card has."""

    turns: bool
    has_why: bool
    also: int
    names: frozenset[str]


def drawn(words: Mapping[str, Any]) -> Drawn:
    """Draw a card of these words, as if its templates were rendered with them; OWN stay blanks.

    has_why: there will be something in that blank.
    """
    flat = _flat(words)
    names = frozenset(name for name, value in flat.items() if value)
    html, text = _rendered(Shape(words["turns"], words["has_why"], len(words["also"]), names))
    page = html_template(html.filled({name: escaped(_in_lines(name, flat[name])) for name in _known(html)}))
    lines = text_template(text.filled({name: _in_text(name, flat[name]) for name in _known(text)}))
    return Drawn(page, lines, page.is_easy and not page.at_line_starts and html.texts[-1].endswith("\n"))


def _known(rendered: Rendered) -> set[str]:
    return set(rendered.names).difference(OWN)


def _flat(words: Mapping[str, Any]) -> dict[str, str]:
    """Return all words by the names of their blanks."""
    flat = {name: words[name] for name in (*LINKS, *TEXTS, *IN_TEXT, "facts")}
    flat |= {f"passage_{name}": part for name, part in words["passage"]._asdict().items()}
    for number, other in enumerate(words["also"]):
        flat |= {f"also_title_{number}": other.title, f"also_url_{number}": other.url}
    return flat


def _in_lines(name: str, value: str) -> str:
    is_link = name in LINKS or name == "facts" or name.startswith("also_url")
    return value if is_link else wrapped(value)


def _in_text(name: str, value: str) -> str:
    if name == "title":
        return hanging(value)
    return wrapped(value) if name == "facts" else _in_lines(name, value)


@lru_cache(maxsize=256)
def _rendered(shape: Shape) -> tuple[Rendered, Rendered]:
    def word(name: str) -> str:
        return blank(name) if name in shape.names else ""

    card: dict[str, Any] = {name: word(name) for name in (*LINKS, *TEXTS, *IN_TEXT, "facts")}
    card |= {"turns": shape.turns, "passage": Passage(*(word(f"passage_{name}") for name in PASSAGE))}
    card["also"] = [Folded(word(f"also_title_{number}"), word(f"also_url_{number}")) for number in range(shape.also)]
    card |= {name: blank(name) for name in OWN} | ({} if shape.has_why else {"why": ""})
    html, text = (render_to_string(f"emails/_digest_card.{part}", {"card": card}) for part in ("html", "txt"))
    return cut(html), cut(text)
