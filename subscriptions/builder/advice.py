"""What to do about an interest that brings too much, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from papers.remembered import Remembered
from papers.text.directions import apart
from papers.text.words import shortened
from recommender.candidates.stretch import Stretch, days
from recommender.words.lexicon import STOP_WORDS, WORD
from recommender.words.occurrences import BREAK
from subscriptions.builder.described import Known
from subscriptions.builder.nearness import is_open, near, nearness
from subscriptions.models import OF_NAMES, OF_PAPERS, InterestKind

Mask = NDArray[np.bool_]
WEEK = 7  # days
FEW = 5  # papers a week
ONE_WORD = "One word says little: add what about it interests you, such as a question or a method."
WIDE = 100  # papers a week: more than a digest of ten has room for, if it were the only interest
REMEDIES = {  # with an example, or without
    InterestKind.TEXT: "To narrow it, add a word{}.",
    InterestKind.TOPIC: "To narrow it, say in your own words what you want of it{}.",
    InterestKind.PAPERS: "To narrow it, name fewer papers, or such as are nearer to each other.",
    InterestKind.AUTHOR: "To narrow it, write the name in full.",
    InterestKind.LAB: "To narrow it, write more of the name.",
}
TITLES = 200  # that a narrower word is looked for in
FEWEST, MOST = 0.08, 0.4  # shares of the papers that have a word which narrows
SHORTEST = 4  # letters of such a word
_newest: Remembered[Counter[str]] = Remembered(2)  # words of the newest titles
NEAREST, TITLE = 2, 90  # titles, and the characters of each


@dataclass(frozen=True, slots=True)
class Masks:
    """Which papers may come to a reader, (n,) each."""

    allowed: Mask  # by the words that they require or shut out
    others: Mask  # than those that they named themselves


def words(known: Known, brought: Mask, masks: Masks, papers: Stretch, today: date) -> str:
    """Return what to do about an interest that brings these papers of the last week, '' where it is well."""
    if not known.is_read or not len(papers.candidates.ids):
        return ""
    if brought.sum() > WIDE:
        return _too_wide(known, brought, papers)
    if brought.any():
        return ONE_WORD if _is_one_word(known) and brought.sum() < FEW else ""
    month = papers.window(today, days())
    found, lately = near(known, month) & masks.others, f"in the last {_days(papers, today)} days"
    if (found & masks.allowed).any():
        return _quiet(known, int((found & masks.allowed).sum()), lately)
    if found.any():
        return f"{found.sum()} papers came {lately}, and the words you require or shut out keep all of them away."
    if known.interest.kind in OF_NAMES:
        return _nobody(known, lately)
    return _nothing(
        known, np.where(is_open(month) & masks.allowed & masks.others, nearness(known), -np.inf), lately, papers
    )


def _days(papers: Stretch, today: date) -> int:
    """Return how many days back the papers reach."""
    return today.toordinal() - int(papers.entries.day.min(initial=today.toordinal())) + 1


def _too_wide(known: Known, brought: Mask, papers: Stretch) -> str:
    """Return the remedy; '' for a library, which is what it is."""
    remedy = REMEDIES.get(InterestKind(known.interest.kind), "")
    word = _narrower(known, np.flatnonzero(brought), papers) if "{}" in remedy else ""
    example = f", for example “{apart(word)}”" if word else ""
    told = f"Brings {brought.sum()} papers a week, and only the best have room."
    return f"{told} {remedy.format(example)}" if remedy else ""


def _narrower(known: Known, positions: NDArray[np.intp], papers: Stretch) -> str:
    """Return a word that some of these papers have in their titles, and others hardly; '' where there is none."""
    some, n = positions[-TITLES:].tolist(), len(papers.candidates.ids)
    mine = _counted(some, papers)
    others = _newest.get(papers.version, lambda: _counted(range(max(0, n - TITLES), n), papers))
    used = set(WORD.findall(known.evidence.label.casefold()))
    fit = [word for word, count in mine.items() if FEWEST <= count / len(some) <= MOST and word not in used]
    return max(fit, key=lambda word: (mine[word] / (1 + others[word]), word), default="")


def _counted(positions: Iterable[int], papers: Stretch) -> Counter[str]:
    """Count in how many of these titles each telling word stands."""
    plain = papers.candidates.texts.plain
    return Counter(word for at in positions for word in _telling(plain[at].partition(BREAK)[0]))


@lru_cache(maxsize=16_384)
def _telling(title: str) -> tuple[str, ...]:
    """Return the words of a stored paper's title that may narrow an interest, each once."""
    found = dict.fromkeys(WORD.findall(title.casefold()))
    return tuple(word for word in found if len(word) >= SHORTEST and word.isalpha() and word not in STOP_WORDS)


def _nobody(known: Known, lately: str) -> str:
    name = apart(shortened(known.interest.text, TITLE))
    if known.interest.kind == InterestKind.LAB:
        return f"No paper from {name} {lately}. A shorter name meets more; not every source tells the lab."
    return f"No paper by {name} {lately}. Please check the spelling; the next one will reach you."


def _nothing(known: Known, nearness_of: NDArray[np.float32], lately: str, papers: Stretch) -> str:
    if not known.evidence.subjects:
        named = known.interest.kind in OF_PAPERS
        return "None of these papers is here yet. Once you have signed up, we ask arXiv for them." if named else ""
    best = np.argsort(-nearness_of, kind="stable")[:NEAREST]
    plain = papers.candidates.texts.plain
    titles = [shortened(plain[at].partition(BREAK)[0], TITLE) for at in best if np.isfinite(nearness_of[at])]
    nearest = f" Nearest were {' and '.join(f'“{apart(title)}”' for title in titles)}." if titles else ""
    return f"Nothing {lately}.{nearest}{_more_by_words(known)}"


def _quiet(known: Known, found: int, lately: str) -> str:
    """Return what to say of a week without papers after some others that had them."""
    return f"{found} {lately}, none of them in the last {WEEK}.{_more_by_words(known)}"


def _more_by_words(known: Known) -> str:
    """Return how other words bring more, after a space; '' for what is not in the reader's own words."""
    if known.interest.kind != InterestKind.TEXT:
        return ""
    return f" {ONE_WORD if _is_one_word(known) else 'More general words bring more.'}"


def _is_one_word(known: Known) -> bool:
    return known.interest.kind == InterestKind.TEXT and len(known.interest.text.split()) == 1
