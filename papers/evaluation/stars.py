"""Test one: which papers' code gains most stars next, from the counts seen so far?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from papers.evaluation import rows
from papers.evaluation.metrics import Figures, Floats, ndcg, spearman, with_errors
from papers.trends.attention import column, midnight
from papers.trends.growth import Reading, growth
from papers.trends.trending import GENERAL, Rules, scores, usual

FILE = "eval/star_history.jsonl.gz"
FEWEST = 3  # observations: two to judge by, one to be judged by


@dataclass(frozen=True, slots=True)
class Watched:
    """A paper's counts of stars up to a time, and what it gained from then to the next count."""

    identifier: str
    listed_on: date
    seen: tuple[Reading, ...]
    gained: int

    @property
    def hours(self) -> float:
        """Return the hours from the day of its listing to the newest count seen."""
        return (self.seen[-1][0] - midnight(self.listed_on)) / timedelta(hours=1)


def load(folder: Path) -> list[Watched]:
    """Return papers with enough observations, in the order of their identifiers; raise rows.DataUnusable."""
    papers = [paper for paper in rows.read(folder, FILE, watched) if len(paper.seen) >= FEWEST - 1]
    return sorted(papers, key=lambda paper: paper.identifier)


def watched(row: rows.Row) -> Watched:
    observed = [
        (datetime.fromisoformat(reading["at"]), int(reading["github_stars"])) for reading in row["observations"]
    ]
    *seen, (_, after) = sorted(observed)
    gained = after - seen[-1][1] if seen else 0
    return Watched(row["arxiv_id"], date.fromisoformat(row["listed_on"]), tuple(seen), gained)


def ours(papers: Sequence[Watched], rules: Rules) -> Floats:
    grown = column([growth(paper.seen, None) for paper in papers])
    ages = np.array([paper.hours / 24 for paper in papers])
    return scores({"stars": grown}, {"stars": usual(grown, GENERAL["stars"])}, ages, rules)


def judge(papers: Sequence[Watched], scores: Floats, half: set[str]) -> Figures:
    """Return Spearman and nDCG@10 of the scores of the half's papers, with standard errors over papers."""
    order, gained = _in_half(papers, scores, half)
    return with_errors(
        {
            "spearman": lambda drawn: spearman(order[drawn], gained[drawn]),
            "ndcg10": lambda drawn: ndcg(order[drawn], gained[drawn]),
        },
        len(order),
    )


def agreement(papers: Sequence[Watched], scores: Floats, half: set[str]) -> float:
    return spearman(*_in_half(papers, scores, half))


def _in_half(papers: Sequence[Watched], scores: Floats, half: set[str]) -> tuple[Floats, Floats]:
    """Return the scores of the half's papers, and what these gained."""
    inside = np.array([paper.identifier in half for paper in papers], dtype=np.bool_)
    return scores[inside], np.array([paper.gained for paper in papers], dtype=np.float64)[inside]


def baselines(papers: Sequence[Watched]) -> dict[str, Floats]:
    return {name: np.array([score(paper) for paper in papers], dtype=np.float64) for name, score in BASELINES.items()}


def latest_count(paper: Watched) -> float:
    return paper.seen[-1][1]


def last_gain(paper: Watched) -> float:
    return paper.seen[-1][1] - paper.seen[-2][1]


def gain_per_hour(paper: Watched) -> float:
    return last_gain(paper) / ((paper.seen[-1][0] - paper.seen[-2][0]) / timedelta(hours=1))


def hacker_news(paper: Watched) -> float:
    """Return (points − 1) / (hours + 2)^1.8, as Hacker News once published it, with stars for points."""
    return float((latest_count(paper) - 1) / (max(paper.hours, 0) + 2) ** 1.8)


BASELINES: dict[str, Callable[[Watched], float]] = {
    "latest_count": latest_count,
    "last_gain": last_gain,
    "gain_per_hour": gain_per_hour,
    "hacker_news": hacker_news,
}
