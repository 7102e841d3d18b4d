"""Real papers that are hardest to show, out of the folder of real data beside the checkout, and some by chance."""

import gzip
import json
import random
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from papers.records import PaperRecord
from papers.sources import jsonl

FILES = ("hf_daily", "arxiv_2026Q1", "arxiv_2026Q2")
OF_EACH, BY_CHANCE = 30, 60
TEX = re.compile(r"[\\${}^_]")
Row = dict[str, Any]


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _beyond_ascii(text: str) -> int:
    return sum(not letter.isascii() for letter in text)


MEASURES: tuple[Callable[[Row], int], ...] = (
    lambda row: len(row["title"]),
    lambda row: -len(row["title"]),
    lambda row: len(row["abstract"]),
    lambda row: -len(row["abstract"]),
    lambda row: len(row["authors"]),
    lambda row: max(map(len, row["authors"]), default=0),
    lambda row: _longest_word(row["title"]),
    lambda row: _longest_word(row["abstract"]),
    lambda row: len(TEX.findall(row["title"])),
    lambda row: len(TEX.findall(row["abstract"])),
    lambda row: _beyond_ascii(row["title"]),
    lambda row: _beyond_ascii(row["abstract"]),
    lambda row: len(row.get("categories") or ()),
    lambda row: len(row.get("comment") or ""),
    lambda row: len(row.get("github_repo") or ""),
    lambda row: len(str(row.get("organization") or "")),
)


def nastiest(folder: Path) -> list[PaperRecord]:
    """Read all papers of the folder; return those that lead by any of the measures, and some by chance, each once."""
    packed = [(folder / "papers" / f"{name}.jsonl.gz").read_bytes() for name in FILES]
    lines = [line for one in packed for line in gzip.decompress(one).splitlines(keepends=True)]
    rows = [json.loads(line) for line in lines]
    chosen = set(random.Random(18).sample(range(len(rows)), BY_CHANCE))
    for measure in MEASURES:
        chosen.update(sorted(range(len(rows)), key=lambda place: measure(rows[place]))[-OF_EACH:])
    once = {rows[place]["arxiv_id"]: lines[place] for place in sorted(chosen)}
    return list(jsonl.parse(BytesIO(b"".join(once.values())), lambda number, problem: None))
