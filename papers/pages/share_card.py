"""The picture that goes with a shared link to a paper: its title, its authors and how much attention it gets.

typst sets it, which breaks lines, finds letters and turns directions for any script. One picture at a time is drawn in
a process, of texts that are cut to size, and the last ones are kept: no number of requests costs more than that.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings

from papers.models import Paper
from papers.text.directions import straight
from papers.text.words import names, shortened, trend_words

if TYPE_CHECKING:
    import typst

WIDTH, HEIGHT = 1200, 630
TITLE, AUTHORS, WORD = 220, 110, 24  # characters; of a word, until a line may break within it
KEPT = 32  # pictures, some eighty kilobytes each
PATIENCE = 0.5  # seconds for one picture that is drawn by another thread
FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATE = FOLDER / "papers" / "share_card.typ"
FONTS = ("fontpkg_amiri", "manimgx_fonts_cjk")  # packages; the others are typst's own
BREAK = "\u200b"
_drawing = Lock()


class BusyError(Exception):
    """Others are drawing: whoever asked may come again in a second."""


@dataclass(frozen=True, slots=True)
class Card:
    """The texts of a picture, each as short as it is shown."""

    title: str
    authors: str
    fact: str
    place: str
    site: str
    leftwards: bool  # the title is read from right to left

    @property
    def etag(self) -> str:
        """Return what changes with the texts and with the look."""
        return f'"{sha256(f"{self}{_look()}".encode()).hexdigest()[:32]}"'


def card(paper: Paper) -> Card:
    title = _breakable(shortened(straight(paper.shown_title), TITLE))
    authors = shortened(straight(names(paper.shown_authors)), AUTHORS)
    return Card(title, _breakable(authors), _fact(paper), _place(paper), settings.SITE_NAME, _is_leftwards(title))


def _fact(paper: Paper) -> str:
    if paper.withdrawn_on:
        return "Withdrawn"
    words = "" if paper.trend is None else trend_words(paper.trend, paper.field)
    return f"{words[:1].upper()}{words[1:]}" if paper.trend is not None and paper.trend >= 0.5 else ""


def _place(paper: Paper) -> str:
    return shortened(f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else paper.identifier, 40)


def _breakable(text: str) -> str:
    """Let lines break within words that are longer than any real one."""
    pieces = (BREAK.join(word[at : at + WORD] for at in range(0, len(word), WORD)) for word in text.split())
    return " ".join(pieces)


def _is_leftwards(text: str) -> bool:
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


@lru_cache(maxsize=1)
def _look() -> str:
    return f"{version('typst')} {TEMPLATE.read_text()}"


@lru_cache(maxsize=KEPT)
def picture(card: Card) -> bytes:
    """Return the card as PNG, WIDTH by HEIGHT; raise BusyError where too many are asked for at once."""
    if not _drawing.acquire(timeout=PATIENCE):
        raise BusyError
    try:
        drawn = _compiler().compile(format="png", ppi=72, sys_inputs={"card": json.dumps(asdict(card))})
    finally:
        _drawing.release()
    return drawn if isinstance(drawn, bytes) else b"".join(drawn or ())


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """Return what draws all pictures; a font is read when the first letter of it is wanted."""
    import typst  # six megabytes, for nobody who draws nothing

    folders = [Path(str(find_spec(name).origin)).parent for name in FONTS]  # type: ignore[union-attr]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in folders])
    return typst.Compiler(str(TEMPLATE), root=str(FOLDER), font_paths=fonts)
