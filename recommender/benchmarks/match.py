"""How fast readers are matched with an edition's papers, beside the bare product of their vectors and the papers'."""

from __future__ import annotations

import os
import resource
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.core.management.base import CommandError
from tqdm import tqdm

from papers.evaluation.rows import DataUnusable
from recommender.benchmarks import drawn
from recommender.benchmarks.figures import Figure
from recommender.ranking.evidence import PaperTerms, Subjects, paper_terms, relevance, top

PROCESSES = 2
BEST = 10  # papers for each reader
BLOCK = 200  # readers at once: 4 MB of scores
TURN = 5_000  # readers between two looks at the progress
READERS, CANDIDATES = 100_000, 1_000
READERS_CURVE = (1_000, 10_000, 100_000, 1_000_000)
CANDIDATES_CURVE, CURVE_READERS = (100, 300, 1_000, 3_000, 10_000), 5_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Edition:
    drawn: drawn.Drawn
    terms: PaperTerms


@dataclass(frozen=True, slots=True)
class Took:
    process: int
    seconds: float  # of matching
    bare: float  # of the product alone
    memory: int  # kB, the most that the process has had


_edition: Edition | None = None  # of a process that measures


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--readers", type=int, default=READERS, help=f"how many (default: {READERS:,})")
    parser.add_argument("--candidates", type=int, default=CANDIDATES, help=f"how many (default: {CANDIDATES:,})")
    parser.add_argument("--data", type=Path, help="a folder of real papers, whose words are used (default: made ones)")
    parser.add_argument("--curves", action="store_true", help="also how the cost grows with readers and with papers")


def measure(*, readers: int, candidates: int, data: Path | None, curves: bool, **_: Any) -> Iterator[Figure]:
    """Let two processes match their halves of the readers; raise CommandError for unusable numbers or data."""
    if readers < PROCESSES or candidates < BEST:
        raise CommandError(f"There must be at least {PROCESSES} readers and {BEST} candidates.")
    yield _matched("match", readers, candidates, data)
    for count in filter(readers.__gt__, READERS_CURVE if curves else ()):
        yield _matched("match by readers", count, candidates, data)
    for count in CANDIDATES_CURVE if curves else ():
        yield _matched("match by candidates", min(readers, CURVE_READERS), count, data)


def _matched(bench: str, readers: int, candidates: int, data: Path | None) -> Figure:
    took = _measured(readers, _drawn(candidates, data))
    seconds, bare = _longest(took, lambda one: one.seconds), _longest(took, lambda one: one.bare)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = own + sum({one.process: one.memory for one in took}.values())
    details = {
        "readers": readers,
        "candidates": candidates,
        "microseconds_a_reader": seconds / readers * 1e6,
        "memory_mb": memory / 1024,
    }
    return Figure(bench, seconds, "s", bare, seconds / bare, {**details, "processes": PROCESSES})


def _drawn(candidates: int, data: Path | None) -> drawn.Drawn:
    try:
        return drawn.draw(candidates, data)
    except DataUnusable as error:
        raise CommandError(str(error)) from error


def _longest(took: list[Took], seconds: Callable[[Took], float]) -> float:
    """Return the seconds until the last of the processes is done, without the time in which readers are made."""
    each: defaultdict[int, float] = defaultdict(float)
    for block in took:
        each[block.process] += seconds(block)
    return max(each.values())


def _measured(readers: int, edition: drawn.Drawn) -> list[Took]:
    size = min(TURN, -(-readers // PROCESSES))
    turns = [min(size, readers - start) for start in range(0, readers, size)]
    with _one_thread(), tqdm(total=readers, desc="Matching", unit="reader") as progress:
        pool = ProcessPoolExecutor(PROCESSES, get_context("spawn"), _start, (edition,))
        with pool:
            blocks = []
            for count, took in zip(turns, pool.map(_turn, turns, range(len(turns))), strict=True):
                blocks.append(took)
                progress.update(count)
    return blocks


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes that are started meanwhile use one thread each for their products."""
    before = dict(os.environ)
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _start(edition: drawn.Drawn) -> None:
    global _edition
    _edition = Edition(edition, paper_terms(edition.papers))
    _turn(BLOCK, 0)  # the libraries' first products take longer


def _turn(readers: int, seed: int) -> Took:
    assert _edition is not None
    seconds = bare = 0.0
    for start in range(0, readers, BLOCK):
        subjects = drawn.readers(_edition.drawn, min(BLOCK, readers - start), seed * TURN + start)
        bare += _seconds_of_product(subjects, _edition)
        seconds += _seconds_of_match(subjects, _edition)
    return Took(os.getpid(), seconds, bare, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _seconds_of_product(subjects: Subjects, edition: Edition) -> float:
    start = perf_counter()
    subjects.vectors @ edition.drawn.vectors.T
    return perf_counter() - start


def _seconds_of_match(subjects: Subjects, edition: Edition) -> float:
    start = perf_counter()
    relevance_rows = relevance(subjects, edition.drawn.vectors, edition.terms)
    top(relevance_rows, np.arange(0, len(subjects) + 1, drawn.SUBJECTS), BEST)
    return perf_counter() - start
