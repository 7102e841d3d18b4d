"""Cut a text into its words as they are written, so that a term can be told from what only looks like it.

A number keeps its decimals ("GPT-4" is not "GPT-4.1"), one letter keeps its sign ("C" is neither "C++" nor "C#"), and
"U.S." is "US". A name of three letters or more that ends in a number is two words: "GPT4" is "GPT-4" and "GPT 4".
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

BEFORE, AFTER = '([{"“', ')]}"”,.;:!?%'  # signs that say nothing of the word behind or before them
FEWEST_IN_CAPITALS = 3  # words of a line without any small letter, from which on its capitals tell nothing
HYPHENS = frozenset({"-", "‐", "‑", "–", ""})
LETTER, LETTER_OR_DIGIT = r"[^\W\d_]", r"[^\W_]"
TOKEN = re.compile(
    rf"""
      ['’ʼ]s(?!{LETTER_OR_DIGIT})                                        # of Newton's: no word
    | (?P<dotted>(?<!\w)(?:{LETTER}\.)+{LETTER}(?!{LETTER_OR_DIGIT}))\.? # U.S.
    | (?P<signed>(?<!\w){LETTER}(?:\+\+|[#*+])(?!\w))                    # C++
    | (?P<word>{LETTER_OR_DIGIT}+(?:(?<=\d)\.(?=\d){LETTER_OR_DIGIT}+)*) # Qwen2.5
    | (?P<sign>(?<=\w)(?:\+\+|\#)(?!\w)|(?<![\w.])\.(?={LETTER}))        # PointNet++, .NET
    """,
    re.VERBOSE | re.IGNORECASE,
)
NUMBERED = re.compile(rf"({LETTER}{{3,}})(\d[\d.]*[a-z]?)", re.IGNORECASE)  # Llama3, Qwen2.5, GPT4o


class Joint(IntEnum):
    """What stands between a word and the next one."""

    APART = 0
    BLANK = 1
    HYPHEN = 2  # or nothing


GLUED = b"", b"", bytes([Joint.HYPHEN])  # joints of so many words that one name is


class Chunk(NamedTuple):
    """What stands between two blanks."""

    words: tuple[str, ...]  # without accents, in the case that they have
    joints: bytes  # of each word with the next, one fewer than words
    begins: bool  # with a word, and not with a sign
    ends: bool


def chunks(line: str) -> Sequence[str]:
    """Cut one line at its blanks; a line all in capitals, where these tell nothing, comes in small letters."""
    plain = without_accents(line)
    cut = plain.split()
    return plain.lower().split() if len(cut) >= FEWEST_IN_CAPITALS and plain.isupper() else cut


def without_accents(text: str) -> str:
    """Return the text with plain letters: Erdős is Erdos, 𝐀𝐈 is AI, and an underscore a blank."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return text.replace("_", " ")


def chunk(text: str) -> Chunk:
    """Read what stands between two blanks, as chunks gives it."""
    core = text.lstrip(BEFORE).rstrip(AFTER)
    plain = (core,) if core.isalpha() else _alone(core)
    return Chunk(plain, GLUED[len(plain)], text[0] == core[0], text[-1] == core[-1]) if plain else read_closely(text)


def _alone(core: str) -> tuple[str, ...]:
    """Return the words of letters and digits alone, () for anything else: most of what is no word is one."""
    if not (core.isascii() and core.isalnum()):
        return ()
    numbered = NUMBERED.fullmatch(core)
    return numbered.groups() if numbered else (core,)


def read_closely(text: str) -> Chunk:
    """Read it as chunk does, sign for sign: only this can tell what signs between letters mean."""
    words = list(_words(text))
    gaps = [text[end:start] for (_, _, end), (_, start, _) in pairwise(words)]
    joints = bytes([Joint.HYPHEN if gap in HYPHENS else Joint.APART for gap in gaps])
    begins, ends = (words[0][1] == 0, words[-1][2] == len(text)) if words else (False, False)
    return Chunk(tuple(word for word, _, _ in words), joints, begins, ends)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word with its start and its end."""
    for found in TOKEN.finditer(text):
        word, (start, end) = found.group(), found.span()
        if found.lastgroup == "dotted":
            yield word.replace(".", ""), start, end
        elif numbered := NUMBERED.fullmatch(word):
            middle = start + numbered.end(1)
            yield from ((numbered[1], start, middle), (numbered[2], middle, end))
        elif found.lastgroup:
            yield word, start, end
