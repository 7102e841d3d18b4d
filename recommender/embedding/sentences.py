"""The sentences of an abstract that get vectors and are shown. Pure; knows no encoder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from papers.text.sentences import split

MOST = 16  # sentences of an abstract that are kept; one in a hundred has more
LONGEST = 400  # characters of a sentence that are shown

_LEANING = re.compile(
    r"(these|their|they|its?|such|finally|furthermore|moreover|however"
    r"|this(?! (paper|work|study|article|survey|report)))\b",
    re.IGNORECASE,
)
# What a paper says of itself begins here; before it stands what was known.
_OF_ITSELF = re.compile(r"\b(we|our|ours|this (paper|work|study|article|survey|report))\b", re.IGNORECASE)


def excerpts(text: str) -> list[str]:
    """Return at most the first 16 sentences, each cut to at most 400 characters."""
    return [shortened(sentence) for sentence in split(text)[:MOST]]


def shortened(sentence: str) -> str:
    """Cut a sentence that is longer than 400 characters after a whole word, and add an ellipsis."""
    if len(sentence) <= LONGEST:
        return sentence
    return sentence[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def leans(text: str) -> bool:
    """Tell whether a sentence says little without the one before it: "These results …", "Their proof …"."""
    return bool(_LEANING.match(text))


def opening(texts: Sequence[str]) -> int:
    """Count the sentences before the first in which the paper speaks of itself; 0 where none does."""
    return next((number for number, text in enumerate(texts) if _OF_ITSELF.search(text)), 0)
