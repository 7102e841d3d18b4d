"""Test one: which of a week's papers comes next for a person, judged by the papers before it?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from papers.evaluation import rows
from papers.evaluation.metrics import Floats, ranks
from recommender.evaluation.cases import Case, Share, Text, text_of

PEOPLE, LISTED = "eval/hf_readers.jsonl.gz", "papers/hf_daily.jsonl.gz"

Week = tuple[int, int]  # of ISO 8601, year and number


@dataclass(frozen=True, slots=True)
class Data:
    texts: list[Text]
    authors: list[list[str]]  # of each text; no method of matching by content sees them
    cases: list[Case]  # the first candidate is what came next


def load(folder: Path, *, all_rows: bool) -> Data:
    """Load every listed paper, and of the reported half of people those with a paper before their last one.

    Raises rows.DataUnusable.
    """
    listed = dict(reversed(rows.read(folder, LISTED, _listed)))  # of a paper listed twice the first
    position_of = {identifier: position for position, identifier in enumerate(listed)}
    weeks = defaultdict(list)
    for identifier, (_, _, week) in listed.items():
        weeks[week].append(position_of[identifier])
    read = rows.read(folder, PEOPLE, _person)
    people = [papers for identifier, papers in read if all_rows or rows.is_odd(identifier)]
    known = ([paper for paper in papers if paper in position_of] for papers in people)
    cases = [
        _case([position_of[paper] for paper in papers], weeks[listed[papers[-1]][-1]])
        for papers in known
        if len(papers) > 1
    ]
    cases = [case for case in cases if len(case.candidates) > 1]
    if not cases:
        raise rows.DataUnusable(f"{folder} holds nobody with two listed papers. Add more people, or add --all.")
    texts, authors, _ = zip(*listed.values(), strict=True)
    return Data(list(texts), list(authors), cases)


def _listed(row: rows.Row) -> tuple[str, tuple[Text, list[str], Week]]:
    year, week, _ = date.fromisoformat(row["listed_on"]).isocalendar()
    return row["arxiv_id"], (text_of(row), list(map(str, row.get("authors") or ())), (year, week))


def _person(row: rows.Row) -> tuple[str, list[str]]:
    """Return who, and their papers, the earliest first, each once."""
    papers = sorted((datetime.fromisoformat(one["at"]), one["arxiv_id"]) for one in row["papers"])
    return row["user_id"], list(dict.fromkeys(identifier for _, identifier in papers))


def _case(papers: Sequence[int], of_week: Sequence[int]) -> Case:
    *library, following = papers
    others = [at for at in of_week if at not in papers]
    return Case(np.array(library), np.array([following, *others]))


def judge(case: Case, scores: Floats) -> dict[str, Share]:
    """Measure how high the first candidate stands; equal scores share the mean of their places."""
    place, n = float(ranks(-scores)[0]), len(case.candidates)
    gain = 1 / np.log2(1 + place) if place <= 10 else 0.0
    return {"mrr": (1 / place, 1.0), "ndcg10": (float(gain), 1.0), "percentile": ((place - 1) / (n - 1), 1.0)}
