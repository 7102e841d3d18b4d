"""Templates rendered once with blanks in them, and filled many times.

What many mails share is rendered by Django once; what is one reader's own is put into the blanks. The result is the
same as rendering the whole at once, at a hundredth of the cost.

All pieces of a mail are kept as they go over the wire, so that nothing is left to be done to the whole but to join it:
HTML is ASCII (see ascii_html) with the line ends of mail, the text part is quoted-printable, piece by piece.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from papers.text.blanks import Rendered, cut, escaped
from subscriptions.mails.mime import quoted, with_line_ends
from subscriptions.mails.typesetting import wrapped

LONGEST_LINE = 990  # characters of HTML that mail carries as they are; mime.py has the limit itself
LONGEST_WORDS = 200  # of them, what one blank may add to the line in which it stands


class Words(NamedTuple):
    """A reader's own text, and what it is on the wire in each part."""

    words: str
    html: bytes
    text: bytes
    length: int  # characters of the HTML
    is_easy: bool  # it makes no line of HTML too long, and none but the first begins with "From "


class Block(NamedTuple):
    """Whole lines of a mail, as they go over the wire in each part."""

    html: bytes
    text: bytes
    is_easy: bool


class Template:
    """A rendered text with blanks, some of them in several places, as it goes over the wire."""

    __slots__ = ("_blanks", "_pieces", "at_line_starts", "is_easy", "length")

    def __init__(self, rendered: Rendered, encode: Callable[[str], bytes]) -> None:
        self._pieces = [b""] * (2 * len(rendered.names) + 1)
        self._pieces[::2] = map(encode, rendered.texts)
        self._blanks = tuple(
            (at, name) for at, name in zip(range(1, len(self._pieces), 2), rendered.names, strict=True)
        )
        self.length = sum(map(len, rendered.texts))  # characters, without what will stand in the blanks
        begins_so = any(text.startswith("From ") for text in rendered.texts)
        self.is_easy = not begins_so and is_easy(("x" * LONGEST_WORDS).join(rendered.texts), LONGEST_LINE)
        before = zip(rendered.names, rendered.texts, strict=False)
        self.at_line_starts = frozenset(name for name, text in before if not text or text.endswith("\n"))

    def filled(self, values: Mapping[str, bytes]) -> bytes:
        """Return the whole, with each value in its blank."""
        pieces = self._pieces.copy()
        for at, name in self._blanks:
            pieces[at] = values[name]
        return b"".join(pieces)


def html_template(rendered: Rendered) -> Template:
    return Template(Rendered(list(map(ascii_html, rendered.texts)), rendered.names), with_line_ends)


def text_template(rendered: Rendered) -> Template:
    return Template(rendered, quoted)


def block(html: str, text: str) -> Block:
    """Return whole lines of both parts in which there are no blanks."""
    shown = html_template(cut(html))
    return Block(shown.filled({}), text_template(cut(text)).filled({}), shown.is_easy and html.endswith("\n"))


def is_easy(html: str, longest: int) -> bool:
    """Tell whether no line is longer, or begins with what some servers change."""
    return max(map(len, html.split("\n"))) <= longest and "\nFrom " not in html


def ascii_html(html: str) -> str:
    """Write letters beyond ASCII as numbers: shorter than quoted-printable, and no program takes them for others."""
    return html if html.isascii() else html.encode("ascii", "xmlcharrefreplace").decode()


def as_link(url: str) -> Words:
    """Return an address of ours, in which there is nothing to escape and no line to break."""
    return Words(url, ascii_html(url).encode(), quoted(url), len(url), url.isascii() and len(url) <= LONGEST_WORDS)


def in_both_parts(text: str) -> Words:
    """Return a reader's own text for the HTML and for the text part, both in lines as people read them."""
    lines = wrapped(text)
    html = ascii_html(escaped(lines))
    return Words(text, with_line_ends(html), quoted(lines), len(html), is_easy(html, LONGEST_WORDS))


def in_html(text: str) -> tuple[bytes, bool]:
    """Return a reader's own text for the HTML alone, and whether it is easy."""
    html = ascii_html(escaped(wrapped(text)))
    return with_line_ends(html), is_easy(html, LONGEST_WORDS)


cached_in_both_parts = lru_cache(maxsize=16_384)(in_both_parts)  # for texts of many readers
