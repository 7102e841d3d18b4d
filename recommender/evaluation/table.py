"""Figures of methods with their errors, and how ours compares with a peer: for people and for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from papers.evaluation.metrics import ROUNDS, SEED, Figures, Floats, Ints, with_errors
from recommender.evaluation.cases import Case, Share

NAMES = {"loss": "loss", "mrr": "MRR", "ndcg10": "nDCG@10", "percentile": "percentile"}
BY_NAMES = "shared author names only"
CENTRAL = (2.5, 97.5)  # per cent: the interval that holds 95 of 100

Judge = Callable[[Case, Floats], dict[str, Share]]
Shares = dict[str, Floats]  # of each figure (n, 2), what each case adds and of how much


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours against a peer's on the same cases, as a ratio, with the interval of 95 %."""

    peer: str
    measure: str
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    n: int
    methods: dict[str, Figures]
    paired: Comparison
    authors: Figures | None = None  # by shared names alone, where authors are known


def result(
    cases: Sequence[Case], scores: Mapping[str, Sequence[Floats]], judge: Judge, pair: tuple[str, str]
) -> Result:
    """Return the figures of all methods; pair names the peer, and the measure by which ours is compared with it."""
    shares = {name: _shares(cases, found, judge) for name, found in scores.items()}
    methods = {name: of_shares(one) for name, one in shares.items()}
    peer, measure = pair
    return Result(len(cases), methods, compare(shares["ours"][measure], shares[peer][measure], pair))


def figures(cases: Sequence[Case], scores: Sequence[Floats], judge: Judge) -> Figures:
    """Return the measures of one method."""
    return of_shares(_shares(cases, scores, judge))


def _shares(cases: Sequence[Case], scores: Sequence[Floats], judge: Judge) -> Shares:
    judged = [judge(case, found) for case, found in zip(cases, scores, strict=True)]
    return {name: np.array([one[name] for one in judged]) for name in judged[0]}


def of_shares(shares: Shares) -> Figures:
    """Return each measure with its standard error."""
    measures = {name: _of(one) for name, one in shares.items()}
    return with_errors(measures, len(next(iter(shares.values()))))


def _of(shares: Floats) -> Callable[[Ints], float]:
    return lambda drawn: ratio(shares[drawn])


def ratio(shares: Floats) -> float:
    value, weight = shares.sum(axis=0)
    return float(value / weight)


def compare(ours: Floats, theirs: Floats, pair: tuple[str, str]) -> Comparison:
    """Compare what the same n people add to a figure, (n, 2) and (n, 2): value and weight; pair as for result."""
    random, n = np.random.default_rng(SEED), len(ours)
    draws = [random.integers(n, size=n) for _ in range(ROUNDS)]
    low, high = np.percentile([_over(ratio(ours[drawn]), ratio(theirs[drawn])) for drawn in draws], CENTRAL)
    return Comparison(*pair, _over(ratio(ours), ratio(theirs)), float(low), float(high))


def _over(ours: float, theirs: float) -> float:
    """Return the quotient; 1 where both are 0, and 2 where only the second is."""
    return ours / theirs if theirs else 1.0 + (ours > 0)


def as_json(result: Result) -> str:
    apart = {"authors": result.authors} if result.authors else {}
    return json.dumps({"n": result.n, "methods": result.methods, **apart, "paired": asdict(result.paired)})


def lines(result: Result) -> list[str]:
    measures = [name for name in NAMES if name in result.methods["ours"]]
    head = f"{'':24}" + "".join(f"{NAMES[name]:>16}" for name in measures)
    rows = [_row(name, figures, measures) for name, figures in result.methods.items()]
    apart = ["", _row(BY_NAMES, result.authors, measures), ""] if result.authors else []
    return [head, *rows, *apart, f"{result.n} people; ± is one standard error.", _paired(result.paired)]


def _row(name: str, figures: Figures, measures: Sequence[str]) -> str:
    return f"{name:24}" + "".join(_cell(figures, name_of_measure) for name_of_measure in measures)


def _cell(figures: Figures, name: str) -> str:
    return f"{figures[name]:.3f} ± {figures[f'{name}_se']:.3f}".rjust(16)


def _paired(comparison: Comparison) -> str:
    interval = f"95 % of resampled groups of people: {comparison.low:.2f} to {comparison.high:.2f}"
    return f"{NAMES[comparison.measure]} of ours is {comparison.ratio:.2f} × that of {comparison.peer} ({interval})."
