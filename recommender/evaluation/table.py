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
    """pair names the peer, and the measure by which ours is compared with it."""
    shares = {name: _shares(cases, found, judge) for name, found in scores.items()}
    methods = {name: of_shares(one) for name, one in shares.items()}
    peer, measure = pair
    return Result(len(cases), methods, compare(shares["ours"][measure], shares[peer][measure], pair))


def figures(cases: Sequence[Case], scores: Sequence[Floats], judge: Judge) -> Figures:
    """The measures of one method."""
    return of_shares(_shares(cases, scores, judge))


def _shares(cases: Sequence[Case], scores: Sequence[Floats], judge: Judge) -> Shares:
    judged = [judge(case, found) for case, found in zip(cases, scores, strict=True)]
    return {name: np.array([one[name] for one in judged]) for name in judged[0]}


def of_shares(shares: Shares) -> Figures:
    """Each measure with its standard error."""
    measures = {name: _of(one) for name, one in shares.items()}
    return with_errors(measures, len(next(iter(shares.values()))))


def _of(shares: Floats) -> Callable[[Ints], float]:
    return lambda drawn: ratio(shares[drawn])


def ratio(shares: Floats) -> float:
    value, weight = shares.sum(axis=0)
    return float(value / weight)


def compare(ours: Floats, theirs: Floats, pair: tuple[str, str]) -> Comparison:
    """(n, 2) and (n, 2) what the same n people add to a figure, and of how much; pair as for result."""
    random, n = np.random.default_rng(SEED), len(ours)
    draws = [random.integers(n, size=n) for _ in range(ROUNDS)]
    low, high = np.percentile([_over(ratio(ours[drawn]), ratio(theirs[drawn])) for drawn in draws], CENTRAL)
    return Comparison(*pair, _over(ratio(ours), ratio(theirs)), float(low), float(high))


def _over(one: float, other: float) -> float:
    """Their quotient; 1 where both are nothing, and where the other alone is, the one is as good as twice it."""
    return one / other if other else 1.0 + (one > 0)


def as_json(found: Result) -> str:
    apart = {"authors": found.authors} if found.authors else {}
    return json.dumps({"n": found.n, "methods": found.methods, **apart, "paired": asdict(found.paired)})


def lines(found: Result) -> list[str]:
    measures = [name for name in NAMES if name in found.methods["ours"]]
    head = f"{'':24}" + "".join(f"{NAMES[name]:>16}" for name in measures)
    rows = [_row(name, figures, measures) for name, figures in found.methods.items()]
    apart = ["", _row(BY_NAMES, found.authors, measures), ""] if found.authors else []
    return [head, *rows, *apart, f"{found.n} people; ± is one standard error.", _paired(found.paired)]


def _row(name: str, figures: Figures, measures: Sequence[str]) -> str:
    return f"{name:24}" + "".join(_cell(figures, one) for one in measures)


def _cell(figures: Figures, name: str) -> str:
    return f"{figures[name]:.3f} ± {figures[f'{name}_se']:.3f}".rjust(16)


def _paired(one: Comparison) -> str:
    interval = f"95 % of resampled groups of people: {one.low:.2f} to {one.high:.2f}"
    return f"{NAMES[one.measure]} of ours is {one.ratio:.2f} × that of {one.peer} ({interval})."
