"""What a person pastes to name papers: identifiers and links, and the pieces in which there is neither."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papers.arxiv.arxiv_ids import MODERN, QUOTES, find_all, visible

BIBTEX = re.compile(r"@\s*\w+\s*\{")
# An identifier that a line's end cuts in two, as in what is copied out of a PDF.
CUT = re.compile(
    r"(?:(?<![\w.-])|(?<=arxiv)|(?<=arxiv[._-]))(\d{4}(?:\.\d{0,4})?)[ \t]*\n[ \t]*(\.?\d{1,5})(?=v\d|[^\w.]|\.?$)",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
WHOLE = re.compile(MODERN)
BETWEEN = re.compile(r"[\s,;|]+")
# What was meant to be an identifier or a link, and not the words or the date around one.
ATTEMPT = re.compile(r"\d{4}\.\d(?!\d?\.)|arxiv.*\d|://|10\.\d{4,9}/|[a-z]/\d{5}|\A\d{5,}\Z", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Pasted:
    found: list[str]  # identifiers as they are stored, each once, in the order of the text
    unread: list[str]  # pieces in which no identifier was found, as written


def read(text: str) -> Pasted:
    """Find the papers that a pasted text names; a line without any is unread, and so is what was meant to be one.

    Words around identifiers are nobody's mistake, nor is an entry of a bibliography.
    """
    joined = CUT.sub(_mended, visible(text).replace("\r\n", "\n"))
    found, lines = find_all(joined), joined.splitlines()
    if BIBTEX.search(joined):
        lines = [] if found else [joined]
    return Pasted(found, list(dict.fromkeys(piece for line in lines for piece in _unread(line))))


def _mended(cut: re.Match[str]) -> str:
    whole = cut[1] + cut[2]
    return whole if WHOLE.fullmatch(whole) and not WHOLE.fullmatch(cut[1]) else cut[0]


def _unread(line: str) -> Iterator[str]:
    pieces = [piece.strip(QUOTES) for piece in BETWEEN.split(line)]
    attempts = [piece for piece in pieces if ATTEMPT.search(piece) and not find_all(piece)]
    if attempts or find_all(line):
        yield from attempts
    elif any(map(str.isalnum, line)):
        yield " ".join(line.split())
