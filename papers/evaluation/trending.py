"""How well the formula of papers.trends.trending predicts attention, beside simpler ones, on recorded data."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from papers.evaluation import picks, rows, stars
from papers.evaluation.metrics import Figures, mean_of_parts
from papers.trends.trending import SHIPPED, Rules

PRIOR_HOURS, LEVELS, COMMENTS = (6.0, 12.0, 24.0, 48.0), (0.0, 0.05, 0.1, 0.2), (0.0, 0.1, 0.25, 0.5)
GRID = tuple(
    Rules(hours, level, weights={**SHIPPED.weights, "comments": comments})
    for hours, level, comments in product(PRIOR_HOURS, LEVELS, COMMENTS)
)

Half = set[str]
Methods = dict[str, Figures]


@dataclass(frozen=True, slots=True)
class Data:
    papers: list[stars.Watched]
    days: list[picks.Day]

    def identifiers(self) -> Half:
        """Return the identifiers of the papers that there is something to predict about."""
        return {paper.identifier for paper in self.papers} | {paper.identifier for paper in self.picked()}

    def picked(self) -> list[picks.Listed]:
        return [paper for day in self.days for paper in day.papers if paper.picked]


@dataclass(frozen=True, slots=True)
class Result:
    """n papers whose stars were watched and n_picks picks; figures by method; the rules used, one for each half."""

    n: int
    n_picks: int
    methods: Methods
    rules: tuple[Rules, ...]


def evaluate(folder: Path, *, all_rows: bool) -> Result:
    """Measure the formula: with all_rows as shipped on everything, else chosen on one half and judged on the other.

    Each half judges once. Simpler methods have no choice and are judged on the same halves. Raises rows.DataUnusable.
    """
    data = Data(stars.load(folder), picks.load(folder))
    halves = [data.identifiers()] if all_rows else split(data.identifiers())
    if not all(_judgeable(data, half) for half in halves):
        raise rows.DataUnusable(f"{folder} holds too few papers with star counts or picks. Add more, or add --all.")
    rules = (SHIPPED,) if all_rows else tuple(best(data, other) for other in reversed(halves))
    parts = [methods(data, half, chosen) for half, chosen in zip(halves, rules, strict=True)]
    means = {name: mean_of_parts([part[name] for part in parts]) for name in parts[0]}
    return Result(len(data.papers), len(data.picked()), means, rules)


def split(identifiers: Half) -> list[Half]:
    odd = set(filter(rows.is_odd, identifiers))
    return [identifiers - odd, odd]


def _judgeable(data: Data, half: Half) -> bool:
    watched = sum(paper.identifier in half for paper in data.papers)
    return watched > 1 and any(paper.identifier in half for paper in data.picked())


def best(data: Data, half: Half) -> Rules:
    """Return the rules of the grid that serve both tests best on a half; of equal ones the first."""
    return max(GRID, key=lambda rules: _agreement(data, half, rules))


def _agreement(data: Data, half: Half, rules: Rules) -> float:
    on_stars = stars.agreement(data.papers, stars.ours(data.papers, rules), half)
    return on_stars + picks.agreement(data.days, picks.ours(data.days, rules), half)


def methods(data: Data, half: Half, rules: Rules) -> Methods:
    """Return the figures of every method on a half."""
    ours = stars.judge(data.papers, stars.ours(data.papers, rules), half)
    figures = {"ours": ours | picks.judge(data.days, picks.ours(data.days, rules), half)}
    for name, scores in stars.baselines(data.papers).items():
        figures[name] = stars.judge(data.papers, scores, half)
    return figures | {"early_upvotes": picks.judge(data.days, picks.early_upvotes(data.days), half)}


def table(result: Result) -> list[str]:
    """Return lines for people to read."""
    shown = [f"{'':14} {'Spearman':>14} {'nDCG@10':>14} {'AUC of picks':>14}"]
    for name, figures in result.methods.items():
        shown.append(f"{name:14} " + " ".join(_cell(figures, key) for key in ("spearman", "ndcg10", "auc")))
    return [
        *shown,
        f"{result.n} papers with star counts, {result.n_picks} picks; ± is one standard error.",
        *used(result.rules),
    ]


def _cell(figures: Figures, key: str) -> str:
    return f"{figures[key]:.3f} ± {figures[f'{key}_se']:.3f}".rjust(14) if key in figures else "–".rjust(14)


def used(rules: Sequence[Rules]) -> list[str]:
    return [
        f"Used: K = {chosen.prior_hours:g} hours, level × {chosen.level:g}, comments × {chosen.weights['comments']:g}."
        for chosen in rules
    ]
