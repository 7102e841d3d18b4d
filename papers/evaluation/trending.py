"""How well the formula of papers.trending foretells attention, beside simpler ones, on recorded data."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path

from papers.evaluation import picks, rows, stars
from papers.evaluation.metrics import Figures, mean_of_parts
from papers.trending import SHIPPED, Rules

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
        """Of the papers that there is something to foretell about."""
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
    """With all_rows the formula as shipped on everything, else chosen on one half and judged on the other, twice.

    Simpler methods have nothing to choose and are judged on the same halves. rows.DataUnusable.
    """
    data = Data(stars.load(folder), picks.load(folder))
    halves = [data.identifiers()] if all_rows else split(data.identifiers())
    if not all(judgeable(data, half) for half in halves):
        raise rows.DataUnusable(f"{folder} holds too few papers with star counts or picks. Add more, or add --all.")
    rules = (SHIPPED,) if all_rows else tuple(best(data, other) for other in reversed(halves))
    parts = [methods(data, half, chosen) for half, chosen in zip(halves, rules, strict=True)]
    means = {name: mean_of_parts([part[name] for part in parts]) for name in parts[0]}
    return Result(len(data.papers), len(data.picked()), means, rules)


def split(identifiers: Half) -> list[Half]:
    odd = {one for one in identifiers if sha256(one.encode()).digest()[0] % 2}
    return [identifiers - odd, odd]


def judgeable(data: Data, half: Half) -> bool:
    watched = sum(paper.identifier in half for paper in data.papers)
    return watched > 1 and any(paper.identifier in half for paper in data.picked())


def best(data: Data, half: Half) -> Rules:
    """The rules of the grid that serve both tests best on a half; of equal ones the first."""
    return max(GRID, key=lambda rules: agreement(data, half, rules))


def agreement(data: Data, half: Half, rules: Rules) -> float:
    on_stars = stars.agreement(data.papers, stars.ours(data.papers, rules), half)
    return on_stars + picks.agreement(data.days, picks.ours(data.days, rules), half)


def methods(data: Data, half: Half, rules: Rules) -> Methods:
    """Figures of every method on a half."""
    ours = stars.judge(data.papers, stars.ours(data.papers, rules), half)
    found = {"ours": ours | picks.judge(data.days, picks.ours(data.days, rules), half)}
    for name, scores in stars.baselines(data.papers).items():
        found[name] = stars.judge(data.papers, scores, half)
    return found | {"early_upvotes": picks.judge(data.days, picks.early_upvotes(data.days), half)}


def table(result: Result) -> list[str]:
    """Lines for people."""
    shown = [f"{'':14} {'Spearman':>14} {'nDCG@10':>14} {'AUC of picks':>14}"]
    for name, figures in result.methods.items():
        shown.append(f"{name:14} " + " ".join(cell(figures, key) for key in ("spearman", "ndcg10", "auc")))
    return [
        *shown,
        f"{result.n} papers with star counts, {result.n_picks} picks; ± is one standard error.",
        *used(result.rules),
    ]


def cell(figures: Figures, key: str) -> str:
    return f"{figures[key]:.3f} ± {figures[f'{key}_se']:.3f}".rjust(14) if key in figures else "–".rjust(14)


def used(rules: Sequence[Rules]) -> list[str]:
    return [
        f"Used: K = {one.prior_hours:g} hours, level × {one.level:g}, comments × {one.weights['comments']:g}."
        for one in rules
    ]
