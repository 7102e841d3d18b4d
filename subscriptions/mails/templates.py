"""Templates rendered once with blanks in them, and filled many times.

What many mails share is rendered by Django once; what is one reader's own is put into the blanks. The result is the
same as rendering the whole at once, at a hundredth of the cost.

A part of a mail is gathered as pieces, which are joined in the end: strings for HTML, which is ASCII (see ascii_html),
and for the text part strings beside what they are on the wire.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from subscriptions.mails.mime import quoted
from subscriptions.mails.typesetting import wrapped

# Every process draws its own, so that no text of a paper can hold it.
SECRET = f"blank{secrets.token_hex(16)}"
BLANK = re.compile(rf"(?:<!--)?{SECRET}([a-z0-9_]+)Z(?:-->)?")
P = TypeVar("P", "Piece", str)


class Piece(NamedTuple):
    """A piece of the text part: as text, and as it goes over the wire. Joined, both give the whole."""

    text: str
    wire: bytes


class Words(NamedTuple):
    """A reader's own text, as it stands in each part."""

    html: tuple[str]
    text: tuple[Piece]


def piece_of(text: str) -> Piece:
    return Piece(text, quoted(text))


def joined(pieces: Iterable[Piece]) -> Piece:
    texts, wires = zip(*pieces, strict=True)
    return Piece("".join(texts), b"".join(wires))


def blank(name: str) -> str:
    """Return a word for a template to put where the text of that name will stand."""
    return f"{SECRET}{name}Z"


class Template(Generic[P]):
    """A rendered text with blanks, some of them in several places."""

    def __init__(self, rendered: str, make: Callable[[str], P]) -> None:
        texts = BLANK.split(rendered)
        self._first: P = make(texts[0])
        self._rest: list[tuple[str, P]] = [
            (name, make(after)) for name, after in zip(texts[1::2], texts[2::2], strict=True)
        ]
        self.length = sum(map(len, texts[::2]))  # characters, without what will stand in the blanks

    def filled(self, values: Mapping[str, Iterable[P]]) -> list[P]:
        """Return the pieces of the whole, with those of each value in its blank."""
        pieces = [self._first]
        for name, after in self._rest:
            pieces += values[name]
            pieces.append(after)
        return pieces


def html_template(rendered: str) -> Template[str]:
    return Template(ascii_html(rendered), str)


def text_template(rendered: str) -> Template[Piece]:
    return Template(rendered, piece_of)


def ascii_html(html: str) -> str:
    """Write letters beyond ASCII as numbers: shorter than quoted-printable, and no program takes them for others."""
    return html if html.isascii() else html.encode("ascii", "xmlcharrefreplace").decode()


def _escaped(text: str) -> str:
    """Return text as Django's templates escape it."""
    for sign, name in ESCAPES:
        text = text.replace(sign, name)
    return text


ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"))


def as_link(url: str) -> Words:
    """Return an address of ours, in which there is nothing to escape and no line to break."""
    return Words((url,), (piece_of(url),))


def in_both_parts(text: str) -> Words:
    """Return a reader's own text for the HTML and for the text part, both in lines as people read them."""
    lines = wrapped(text)
    return Words((ascii_html(_escaped(lines)),), (piece_of(lines),))


cached_in_both_parts = lru_cache(maxsize=16_384)(in_both_parts)  # for texts of many readers
