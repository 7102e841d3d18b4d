"""How the time that something takes grows with the length of the text it is given."""

import time
from collections.abc import Callable, Iterable

SMALL, STEP, LARGE = 64, 4, 16_384  # characters
MOST_GROWTH = 8.0  # for four times the text: 4 is linear, 16 is square
NOTICEABLE = 0.02  # seconds: nothing gets through a square of LARGE characters so soon
ENDS = ("", "!", "\n\x00")  # so that what is nearly found is not found after all
SINGLE = [*" \n\t\x01\x02\x03\x04\x06\x07aAé1.,;:-–_/\\(){}[]<>\"'`“”’«»$@#%&*+=?!|~^\u0301\u202e\ue000ﬁ"]
SEVERAL = [
    "a ",
    " a",
    "A. ",
    "aa.",
    "1.",
    "a,",
    ",a",
    "{a",
    "a}",
    "{}",
    "\\a",
    "\\a{",
    "$a",
    "``",
    "''",
    "--",
    "-a",
    "a-",
]
SEVERAL += [
    "a@",
    "@a",
    "a/",
    "((",
    " and",
    "a;",
    "a=",
    "\\{",
    "\\$",
    "e.g. ",
    "x_1 ",
    '"a" ',
    "a\u0301",
    ". A",
    ".)",
    "[a",
]
SEVERAL += [
    "a_",
    "(a",
    "a)",
    " -",
    "- ",
    "(a. B ",
    "Fig. ",
    "$a$",
    "\\'e",
    "\\emph{",
    "{\\em ",
    "\\cite{a}",
    "a~1",
    "``a''",
]
SEVERAL += [
    "http://a ",
    "http://",
    "A B, ",
    "a and ",
    " A",
    "a. B",
    "10.1234/a ",
    "$\\frac{a}{b}$",
    "\\(a\\)",
    "\\(",
    "\\( ",
    "\\left(",
    "\\begin{",
    "{{{",
    "$$",
]
UNITS = [*SINGLE, *SEVERAL]


def seconds(run: Callable[[str], object], text: str, times: int = 1) -> float:
    """Of the processor: what other processes take away does not count."""

    def once() -> float:
        start = time.thread_time()
        run(text)
        return time.thread_time() - start

    return min(once() for _ in range(times))


def growth(run: Callable[[str], object], unit: str, end: str, largest: int = LARGE) -> float:
    """How many times longer four times the text takes, at the first length where that can be told; 0 if at none."""
    length = SMALL
    while length <= largest:
        text, longer = (unit * (size // len(unit) + 1) + end for size in (length // STEP, length))
        if (once := seconds(run, longer)) > NOTICEABLE:
            return _measured(run, text, longer, once)
        length *= STEP
    return 0.0


def _measured(run: Callable[[str], object], text: str, longer: str, once: float) -> float:
    """How many times longer at the least, by as many looks as it takes: once it is little, no more are needed."""
    grown = once / max(seconds(run, text, 3), 1e-9)
    for _ in range(3 if grown > MOST_GROWTH else 0):
        grown = min(grown, seconds(run, longer, 3) / max(seconds(run, text, 3), 1e-9))
        if grown <= MOST_GROWTH:
            break
    return grown


def worst(run: Callable[[str], object], units: Iterable[str] = UNITS, largest: int = LARGE) -> dict[str, float]:
    """The texts on which the time grows faster than their length, and how much faster."""
    cases = ((unit, end, growth(run, unit, end, largest)) for unit in units for end in ENDS)
    return {f"{unit!r}, then {end!r}": round(grown, 1) for unit, end, grown in cases if grown > MOST_GROWTH}
