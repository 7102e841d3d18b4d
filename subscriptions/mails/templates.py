"""Templates rendered once with blanks in them, and filled many times.

What many mails share is rendered by Django and inlined once; what is one reader's own is put into the blanks. The
result is the same as rendering the whole at once, at a hundredth of the cost.
"""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import css_inline

from subscriptions.mails.mime import quoted
from subscriptions.mails.typesetting import wrapped

# Rules for dark mode must stay rules: an inliner that drops the style element would lose them.
INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
# Every process draws its own, so that no text of a paper can hold it.
SECRET = f"blank{secrets.token_hex(16)}"
HTML, TEXT = 0, 1  # positions of the parts in a pair of pieces
BLANK = re.compile(rf"(?:<!--)?{SECRET}([a-z0-9_]+)Z(?:-->)?")


class Piece(NamedTuple):
    """A piece of a part of a mail: as text, and as it goes over the wire. Joined, both give the whole."""

    text: str
    wire: bytes


def piece_of(text: str) -> Piece:
    return Piece(text, quoted(text))


def joined(pieces: list[Piece]) -> Piece:
    return Piece("".join([piece.text for piece in pieces]), b"".join([piece.wire for piece in pieces]))


def blank(name: str) -> str:
    """Return a word for a template to put where the text of that name will stand."""
    return f"{SECRET}{name}Z"


class Template:
    def __init__(self, rendered: str) -> None:
        pieces = BLANK.split(rendered)
        self._texts = pieces
        self._wires = [quoted(piece) for piece in pieces]
        self._blanks = [(position, pieces[position]) for position in range(1, len(pieces), 2)]

    def filled(self, values: Mapping[str, tuple[Piece, Piece]], part: int) -> Piece:
        """Return the whole with the HTML or the TEXT of each value in its blank."""
        texts, wires = self._texts.copy(), self._wires.copy()
        for position, name in self._blanks:
            texts[position], wires[position] = values[name][part]
        return Piece("".join(texts), b"".join(wires))


def inlined(html: str) -> str:
    return INLINER.inline(html)


def _as_html(text: str) -> str:
    """Return text as it stands between two tags after inlining, which leaves quotation marks as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_both_parts(text: str) -> tuple[Piece, Piece]:
    """Return a reader's own text for the HTML and for the text part."""
    return piece_of(_as_html(text)), piece_of(wrapped(text))


cached_in_both_parts = lru_cache(maxsize=8192)(in_both_parts)  # for texts of many readers
