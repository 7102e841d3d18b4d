"""Texts that were rendered once with blanks in them, and are filled many times."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Every process draws its own, so that no text of a paper can hold it.
SECRET = f"blank{secrets.token_hex(16)}"
BLANK = re.compile(rf"(?:<!--)?{SECRET}([a-z0-9_]+)Z(?:-->)?")
ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"))


def blank(name: str) -> str:
    """Return a word for a template to put where the text of that name will stand."""
    return f"{SECRET}{name}Z"


class Rendered(NamedTuple):
    """A rendered text, cut where its blanks are."""

    texts: Sequence[str]  # one more than names
    names: Sequence[str]

    def filled(self, values: Mapping[str, str]) -> Rendered:
        """Put these values into their blanks; all others stay blanks."""
        texts, names, text = list[str](), list[str](), [self.texts[0]]
        for name, after in zip(self.names, self.texts[1:], strict=True):
            if name in values:
                text += values[name], after
            else:
                texts.append("".join(text))
                names.append(name)
                text = [after]
        return Rendered([*texts, "".join(text)], names)

    def whole(self, values: Mapping[str, str]) -> str:
        """Put a value into every blank, and return the text; raise KeyError where one is missing."""
        text = [self.texts[0]]
        for name, after in zip(self.names, self.texts[1:], strict=True):
            text += values[name], after
        return "".join(text)


def cut(rendered: str) -> Rendered:
    """Find the blanks in a rendered text."""
    texts = BLANK.split(rendered)
    return Rendered(texts[::2], texts[1::2])


def escaped(text: str) -> str:
    """Return text as Django's templates escape it."""
    for sign, name in ESCAPES:
        text = text.replace(sign, name)
    return text
