"""What a made-up paper is made of, and text to fill one with."""

from dataclasses import dataclass, field
from typing import Any

SENTENCE = "Robots that learn from demonstrations keep their balance when they are pushed, and say why they did so. "
ENDLESS = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@dataclass(frozen=True, slots=True)
class Extreme:
    """Why it is hard to show, and what is unusual about it; all else is as with any paper."""

    why: str
    paper: dict[str, Any] = field(default_factory=dict)  # columns of a record
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)  # of each kind, yesterday and now
    reason: dict[str, Any] = field(default_factory=dict)  # of the item that picks it
    note: str = ""  # the curator's
    folded: int = 0  # papers that gave way to it


def with_title(why: str, title: str) -> Extreme:
    return Extreme(why, {"title": title, "abstract": f"{title}. {SENTENCE * 2}"})


def with_abstract(why: str, abstract: str) -> Extreme:
    return Extreme(why, {"abstract": abstract})
