"""What a reader's terms meet among the last week's papers, told before they hide or require anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from recommender.candidates import week

EXAMPLES = 2


@dataclass(frozen=True, slots=True)
class TermHits:
    term: str
    share: str  # such as "12 of last week's 1,630 papers"
    titles: tuple[str, ...]  # of the newest of these
    in_small_letters: str  # how many would meet it so, where these are more; else ''


def hits(terms: Collection[str], today: date, *, plurals: bool) -> list[TermHits]:
    """Return what each term meets; [] while there are no papers. One query a minute serves all readers and terms."""
    if not terms:
        return []
    papers = week.papers(today)
    return [_hits(term, papers, plurals) for term in terms] if papers.titles else []


def _hits(term: str, papers: week.Week, plurals: bool) -> TermHits:
    met = papers.texts.holding(term, plurals=plurals)
    small = len(papers.texts.holding(term.lower(), plurals=plurals))
    titles = tuple(papers.titles[position] for position in met[:EXAMPLES])
    share = f"{f'{len(met):,}' if len(met) else 'none'} of last week’s {len(papers.titles):,} papers"
    return TermHits(term, share, titles, f"{small:,}" if small > len(met) else "")
