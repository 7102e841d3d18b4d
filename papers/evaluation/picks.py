"""Test two: does a person's pick of the week stand above the papers that were listed on the same day?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from papers.evaluation import rows
from papers.evaluation.metrics import Figures, Floats, Ints, share_below, with_errors
from papers.trends.attention import FROM_ZERO, came_out, column
from papers.trends.growth import Growth, growth
from papers.trends.trending import GENERAL, KINDS, Rules, scores, usual

PICKS, LISTED = "eval/papers_of_the_week.jsonl.gz", "papers/hf_daily.jsonl.gz"
NAMES = {"upvotes": "upvotes", "stars": "github_stars", "comments": "num_comments"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper as it stood on the list of its day, with the counts read then."""

    identifier: str
    listed_on: date
    growths: dict[str, Growth]
    picked: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The papers of one day on which something was picked."""

    papers: tuple[Listed, ...]
    positions: slice  # where they stand among the papers of all days

    def placed(self, scores: Floats, half: set[str]) -> list[float]:
        """Return, for each pick of the half, the share of the day's other papers that it stands above."""
        own = scores[self.positions]
        others = own[[not paper.picked for paper in self.papers]]
        pairs = zip(self.papers, own, strict=True)
        return [share_below(score, others) for paper, score in pairs if paper.picked and paper.identifier in half]


def load(folder: Path) -> list[Day]:
    """Return the days with a pick and another paper, the earliest first; raise rows.DataUnusable."""
    picked = set(rows.read(folder, PICKS, lambda row: row["arxiv_id"]))
    days: dict[date, list[Listed]] = defaultdict(list)
    for paper in rows.read(folder, LISTED, lambda row: listed(row, picked)):
        days[paper.listed_on].append(paper)
    chosen = [of_day for _, of_day in sorted(days.items()) if len({paper.picked for paper in of_day}) > 1]
    ends = np.cumsum([0, *map(len, chosen)]).tolist()
    return [Day(tuple(of_day), slice(first, last)) for of_day, first, last in zip(chosen, ends, ends[1:], strict=False)]


def listed(row: rows.Row, picked: set[str]) -> Listed:
    """Return a paper with the counts that were read first: later ones were not known on the day."""
    first, day = row["observations"][0], date.fromisoformat(row["listed_on"])
    seen_at = datetime.fromisoformat(first["captured_at"])
    began = came_out(date.fromisoformat(row["published_at"][:10]), day)
    growths = {
        kind: growth([(seen_at, int(first[name]))], began if kind in FROM_ZERO else None)
        for kind, name in NAMES.items()
        if first[name] is not None
    }
    return Listed(row["arxiv_id"], day, growths, row["arxiv_id"] in picked)


def ours(days: Sequence[Day], rules: Rules) -> Floats:
    """Return our scores of the papers of all days, in a row; all papers of a day are as old as each other."""
    papers = [paper for day in days for paper in day.papers]
    grown = {kind: column([paper.growths.get(kind) for paper in papers]) for kind in KINDS}
    typical = {kind: usual(growth_of_kind, GENERAL[kind]) for kind, growth_of_kind in grown.items()}
    return scores(grown, typical, np.zeros(len(papers)), rules)


def judge(days: Sequence[Day], scores: Floats, half: set[str]) -> Figures:
    """Return the AUC of the picks of a half, with its standard error over days."""
    placed = [shares for day in days if (shares := day.placed(scores, half))]
    return with_errors({"auc": lambda drawn: _mean_of(placed, drawn)}, len(placed))


def agreement(days: Sequence[Day], scores: Floats, half: set[str]) -> float:
    """Return the AUC of the picks of a half."""
    placed = [day.placed(scores, half) for day in days]
    return _mean_of(placed, np.arange(len(placed)))


def _mean_of(placed: Sequence[Sequence[float]], drawn: Ints) -> float:
    """Return the mean over the picks of the drawn days."""
    return float(np.mean([share for number in drawn for share in placed[number]]))


def early_upvotes(days: Sequence[Day]) -> Floats:
    """Return the first upvotes of each paper, 0 where there were none, as scores."""
    counts = (paper.growths.get("upvotes") for day in days for paper in day.papers)
    return np.array([growth_seen.count if growth_seen else 0 for growth_seen in counts], dtype=np.float64)
