"""Judge a series of throws that are looked at every day: is the coin fair, and how far from fair may it be?

Each throw is a digest that preferred one of two teams. A test made for one look would find a difference sooner or
later where there is none, if it is asked daily. This one may be looked at after every throw, and stopped whenever
somebody likes: Robbins' mixture of likelihood ratios is a martingale of a fair coin, and by Ville's inequality the
chance that it ever reaches 1/α is at most α (Robbins, “Statistical methods related to the law of the iterated
logarithm”, 1970; Howard, Ramdas, McAuliffe and Sekhon, “Time-uniform, nonparametric, nonasymptotic confidence
sequences”, Annals of Statistics 49, 2021). For a coin that falls one way or the other it is exact, and has a closed
form. So it needs no SciPy, which would cost the web server, whose admin shows it, a second and tens of megabytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log

ALPHA = 0.05
# The mixture is over Beta(10, 10), shares of about .3 to .7. With 1 a share of .55 takes a quarter more throws to be
# found, and one of .6 a fifth; with 100 a share of .6 takes half as many more.
PRIOR = 10.0
FAIR = 0.5
EDGE = 1e-9
MOST = 1_000_000  # throws that are thought of


@dataclass(frozen=True, slots=True)
class Judged:
    """What throws say: a p that is always valid, an interval for the share of b that holds at all looks together."""

    a: int
    b: int
    p: float  # of a fair coin, however often it was looked at
    low: float
    high: float
    p_of_one_look: float  # the exact sign test: true only where the number of throws was fixed beforehand

    @property
    def throws(self) -> int:
        return self.a + self.b

    @property
    def is_real(self) -> bool:
        """Tell whether the coin is not fair, with an error of 5 % at most over all looks."""
        return not self.low <= FAIR <= self.high

    @property
    def farthest(self) -> float:
        """Return how far from one half the share of b may be."""
        return max(FAIR - self.low, self.high - FAIR)


def log_evidence(a: float, b: float, share: float = FAIR) -> float:
    """Return the logarithm of the mixture's likelihood over that of a coin which falls to b with this share."""
    mixture = _log_beta(PRIOR + b, PRIOR + a) - _log_beta(PRIOR, PRIOR)
    return mixture - b * log(share) - a * log(1 - share)


def _log_beta(b: float, a: float) -> float:
    return lgamma(b) + lgamma(a) - lgamma(a + b)


def judge(a: int, b: int) -> Judged:
    """Judge a throws one way and b the other."""
    low, high = interval(a, b)
    return Judged(a, b, exp(min(0.0, -log_evidence(a, b))), low, high, sign_test(a, b))


def sign_test(a: int, b: int) -> float:
    """Return the exact probability that a fair coin falls at least as unevenly, either way."""
    n = a + b
    logs = (lgamma(n + 1) - lgamma(few + 1) - lgamma(n - few + 1) - n * log(2) for few in range(min(a, b) + 1))
    return min(1.0, 2 * sum(map(exp, logs)))


def interval(a: float, b: float) -> tuple[float, float]:
    """Return the shares of b that the throws do not speak against; (0, 1) while there are few."""

    def speaks(share: float) -> bool:
        return log_evidence(a, b, share) > log(1 / ALPHA)

    if not a + b:
        return 0.0, 1.0
    likeliest = min(1 - EDGE, max(EDGE, b / (a + b)))
    return _border(speaks, EDGE, likeliest), _border(speaks, 1 - EDGE, likeliest)


def _border(speaks: Callable[[float], bool], outer: float, inner: float) -> float:
    """Return where a statement that is true outside begins to be false, by halving; the edge where it is never true."""
    if not speaks(outer):
        return round(outer)
    while abs(outer - inner) > EDGE:
        middle = (outer + inner) / 2
        outer, inner = (middle, inner) if speaks(middle) else (outer, middle)
    return (outer + inner) / 2


def throws_needed(judged: Judged, margin: float) -> int:
    """Return how many throws there will be when something can be said, if their share stays as it is; at most MOST.

    That is a difference, or that there is none beyond the margin.
    """
    share = (judged.b + 1) / (judged.throws + 2)

    def says(throws: int) -> bool:
        low, high = interval(throws * (1 - share), throws * share)
        return not low <= FAIR <= high or max(FAIR - low, high - FAIR) <= margin

    return _first(says, judged.throws + 1)


def _first(says: Callable[[int], bool], least: int) -> int:
    """Return the first number from least on of which it is true, where it stays true from there on; at most MOST."""
    high = least
    while not says(high):
        if high >= MOST:
            return MOST
        high *= 2
    low = least
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if says(middle) else (middle + 1, high)
    return low
