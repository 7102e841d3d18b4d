"""This build and an earlier commit take turns at one benchmark on one machine, and their figures stand side by side."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from recommender.benchmarks.figures import Detail, Figure
from subscriptions.benchmarks.servers import ONE_THREAD

PAIRS = 3
SIDE_BY_SIDE = ("bytes_a_digest", "peak_mb", "papers_a_digest", "queries_per_digest", "limit", "plain")
Result = dict[str, Any]  # what a benchmark prints with --json


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("commit", help="the earlier build; it is checked out beside this one, and installed")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"how often each has its turn (default: {PAIRS})")
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="BENCH", help="a benchmark that both know, with its options"
    )


def measure(*, commit: str, pairs: int, words: Sequence[str], **_: Any) -> Iterator[Figure]:
    """Yield a figure of each pair, and at last that of the medians: ours, the earlier build's, and their ratio.

    Raises:
        CommandError: No such commit, no benchmark was named, it cannot be installed, or a turn fails.
    """
    if not words or pairs < 1:
        raise CommandError("Name a benchmark and at least one pair: manage.py bench turns [--pairs N] COMMIT digests")
    name, earlier = _short(commit), checkout(commit)
    found: list[tuple[Result, Result]] = []
    for nth in tqdm(range(pairs), desc="Pairs", disable=None):
        # Who begins changes: what a machine does in the background falls on both.
        turns = [settings.BASE_DIR, earlier] if nth % 2 == 0 else [earlier, settings.BASE_DIR]
        results = {folder: _turn(folder, words) for folder in turns}
        found.append((results[settings.BASE_DIR], results[earlier]))
        yield _figure(words[0], *found[-1], {"pair": nth + 1, "earlier": name})
    ours, theirs = [median(both[side]["value"] for both in found) for side in (0, 1)]
    details: dict[str, Detail] = {"pairs": pairs, "this": _short("HEAD"), "earlier": name, "machine": _machine()}
    ratios = [ours["value"] / theirs["value"] for ours, theirs in found]
    details |= {"median_of_ratios": median(ratios), "least": min(ratios), "most": max(ratios)}
    yield Figure(f"{words[0]} in turns", ours, str(found[0][0]["unit"]), theirs, ours / theirs, details)


def _figure(bench: str, ours: Result, theirs: Result, details: dict[str, Detail]) -> Figure:
    for name in SIDE_BY_SIDE:
        if name in ours and name in theirs:
            details |= {name: float(ours[name]), f"{name}_earlier": float(theirs[name])}
    return Figure(bench, ours["value"], ours["unit"], theirs["value"], ours["value"] / theirs["value"], details)


def checkout(commit: str) -> Path:
    """Return a folder in VAR_DIR with that commit, installed as its own README says; kept from one time to the next."""
    folder = Path(settings.VAR_DIR).resolve() / "earlier" / _short(commit)
    if not folder.exists():
        _run("git", "worktree", "add", "--detach", str(folder), commit, cwd=settings.BASE_DIR)
    _run("make", "install", cwd=folder)
    return folder


def _short(commit: str) -> str:
    return _run("git", "rev-parse", "--short", f"{commit}^{{commit}}", cwd=settings.BASE_DIR).strip()


def _turn(folder: Path, words: Sequence[str]) -> Result:
    python = Path(sys.executable) if folder == settings.BASE_DIR else folder / ".venv/bin/python"
    lines = _run(str(python), "manage.py", "bench", *words, "--json", cwd=folder).splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{") and '"bench"' in line]
    if not found:
        raise CommandError(f"{' '.join(words)} printed no figure in {folder}.")
    return dict(found[-1])


def _run(*command: str, cwd: Path) -> str:
    """Run a program with the folder's own VAR_DIR; raise CommandError with the end of what it said where it fails."""
    environment = os.environ | ONE_THREAD | {"VAR_DIR": str(cwd / "var")}
    for name in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise CommandError(f"{command[0]} is missing, which this measurement needs.") from error
    except subprocess.CalledProcessError as error:
        told = error.stdout[-500:] + error.stderr[-1500:]
        raise CommandError(f"{' '.join(command)} failed in {cwd}:\n{told}") from None
    return done.stdout


def _machine() -> str:
    """Say what kind of machine it is: processor and the number of cores."""
    told = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")]
    return f"{os.cpu_count()} × {names[0] if names else platform.processor()}"
