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

from subscriptions.mime import quoted
from subscriptions.typesetting import wrapped

# Rules for dark mode must stay rules: an inliner that drops the style element would lose them.
INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
# No text of a paper can hold what is drawn anew by every process.
SECRET = f"blank{secrets.token_hex(16)}"
HTML, TEXT = 0, 1  # the parts of what is said
BLANK = re.compile(rf"(?:<!--)?{SECRET}([a-z_]+)Z(?:-->)?")


class Ink(NamedTuple):
    """A piece of a part of a mail: as text, and as it goes over the wire. Joined, both give the whole."""

    text: str
    wire: bytes


def ink(text: str) -> Ink:
    return Ink(text, quoted(text))


def joined(pieces: list[Ink]) -> Ink:
    return Ink("".join([one.text for one in pieces]), b"".join([one.wire for one in pieces]))


def blank(name: str) -> str:
    """A word for a template to put where the text of that name will stand."""
    return f"{SECRET}{name}Z"


class Skeleton:
    def __init__(self, rendered: str) -> None:
        pieces = BLANK.split(rendered)
        self._texts = pieces
        self._wires = [quoted(piece) for piece in pieces]
        self._blanks = [(at, pieces[at]) for at in range(1, len(pieces), 2)]

    def filled(self, values: Mapping[str, tuple[Ink, Ink]], part: int) -> Ink:
        """The whole with the HTML or the TEXT of each value in its blank."""
        texts, wires = self._texts.copy(), self._wires.copy()
        for at, name in self._blanks:
            texts[at], wires[at] = values[name][part]
        return Ink("".join(texts), b"".join(wires))


def inlined(html: str) -> str:
    return INLINER.inline(html)


def as_html(text: str) -> str:
    """Text as it stands between two tags after inlining, which writes quotation marks as themselves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def said_once(text: str) -> tuple[Ink, Ink]:
    """A reader's own text for the HTML and for the text part."""
    return ink(as_html(text)), ink(wrapped(text))


said = lru_cache(maxsize=8192)(said_once)  # for what many readers are told
