"""A title or abstract in stretches: words, and formulas with the TeX that browsers can set them from.

Put together, the stretches are the plain form of the text, sign by sign: what is read, copied and found stays the same.
"""

import re
from dataclasses import dataclass

from papers.text import plain
from papers.text.tex import prose
from papers.text.tex.pieces import PIECES

_PIECE = re.compile(f"([{PIECES}])")
_DISPLAYED = ("$$", r"\[", r"\begin")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Plain text; of a formula also its TeX, without the signs around it unless they are an environment."""

    text: str
    tex: str = ""
    displayed: bool = False  # on lines of its own, where it was written so


def stretches(source: str, shown: str) -> list[Stretch]:
    """Return the stretches of a text as served; shown alone, its plain form, where the two do not agree."""
    line = " ".join(source.split())
    if len(line) > plain.LONGEST or not any(opening in line for opening in ("$", "\\")):
        return [Stretch(shown)]
    try:
        found = _joined(_apart(line))
    except Exception:  # as in plain.to_unicode: whatever a stranger's text may provoke
        return [Stretch(shown)]
    return found if "".join(one.text for one in found) == shown else [Stretch(shown)]


def _apart(line: str) -> list[Stretch]:
    pieces: dict[str, str] = {}
    formulas: dict[str, Stretch] = {}
    parts, position = [], 0
    while match := plain.SPECIAL.search(line, position):
        parts.append(line[position : match.start()])
        piece, after = plain.settled(line, match)
        tex = _tex(line[match.start() : after], match["maths"] or "", piece)
        # The TeX tells two formulas apart that look the same as plain text.
        sign = plain.keep(f"{piece}\0{tex}" if tex else piece, pieces)
        if tex:
            formulas[sign] = Stretch(piece, tex, line.startswith(_DISPLAYED, match.start()))
        parts.append(sign)
        position = after
    text = prose.to_text("".join([*parts, line[position:]]))
    words = {sign: Stretch(piece) for piece, sign in pieces.items()} | formulas
    return [words.get(part) or Stretch(part) for part in _PIECE.split(text) if part]


def _tex(source: str, opening: str, piece: str) -> str:
    """Return the TeX of a segment of maths, and '' for what is none: a price, a link, an underlined letter."""
    ending = plain.ENDS.get(opening, "")
    if not opening or len(source) <= len(opening) or not source.endswith(ending):
        return ""
    inner = source[len(opening) : len(source) - len(ending)].strip()
    is_word = piece.isalpha() and plain.LINED_LETTERS.fullmatch(inner)
    if not inner or "$" in inner or inner.startswith(r"\href") or is_word:
        return ""
    return source if opening in plain.DISPLAYED else inner


def _joined(parts: list[Stretch]) -> list[Stretch]:
    """Join words with words, and collapse blanks as the plain form has them, those of formulas too."""
    joined: list[Stretch] = []
    for part in parts:
        text = re.sub(r"\s+", " ", part.text)
        before = joined[-1].text if joined else " "
        text = text.lstrip() if before.endswith(" ") else text
        if not part.tex and joined and not joined[-1].tex:
            joined[-1] = Stretch(joined[-1].text + text)
        elif text or part.tex:
            joined.append(Stretch(text, part.tex, part.displayed))
    if joined:
        last = joined[-1]
        joined[-1] = Stretch(last.text.rstrip(), last.tex, last.displayed)
    return joined
