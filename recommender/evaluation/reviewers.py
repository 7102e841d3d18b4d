"""Test two: do a researcher's own papers tell how well they could judge other papers?"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from papers.evaluation import rows
from papers.evaluation.metrics import Floats
from recommender.evaluation.cases import Case, Share, Text, text_of

PEOPLE, PAPERS = "eval/reviewers.jsonl.gz", "eval/reviewer_papers.jsonl.gz"


def load(folder: Path) -> tuple[list[Text], list[Case]]:
    """Load all papers, and each researcher with a paper of their own and two rated ones; raise rows.DataUnusable."""
    papers = dict(rows.read(folder, PAPERS, _paper))
    position_of = {identifier: position for position, identifier in enumerate(papers)}
    years = {identifier: year for identifier, (_, year) in papers.items()}
    cases = [_case(row, position_of, years) for row in rows.read(folder, PEOPLE, _person)]
    cases = [case for case in cases if len(case.library) and len(set(case.ratings.tolist())) > 1]
    if not cases:
        raise rows.DataUnusable(f"{folder} holds nobody who rated papers of the file differently. Fetch it again.")
    return [text for text, _ in papers.values()], cases


def _paper(row: rows.Row) -> tuple[str, tuple[Text, int]]:
    return row["paper_id"], (text_of(row), int(row.get("year") or 0))


def _person(row: rows.Row) -> tuple[list[str], dict[str, float]]:
    """Return their own papers, and what they rated."""
    return list(row["profile"]), {one["paper_id"]: float(one["expertise"]) for one in row["rated"]}


def _case(person: tuple[list[str], dict[str, float]], position_of: Mapping[str, int], years: Mapping[str, int]) -> Case:
    own, rated = person
    library = sorted(
        (identifier for identifier in own if identifier in position_of),
        key=lambda identifier: (years[identifier], identifier),
    )
    judged = [identifier for identifier in rated if identifier in position_of]
    return Case(
        np.array([position_of[identifier] for identifier in library], dtype=np.int64),
        np.array([position_of[identifier] for identifier in judged], dtype=np.int64),
        np.array([rated[identifier] for identifier in judged], dtype=np.float64),
    )


def judge(case: Case, scores: Floats) -> dict[str, Share]:
    """Measure the share of pairs in wrong order, weighted by the difference of their ratings; a tie is half wrong."""
    difference = np.maximum(case.ratings[:, None] - case.ratings[None, :], 0)
    order = np.sign(scores[:, None] - scores[None, :])
    return {"loss": (float((difference * (1 - order) / 2).sum()), float(difference.sum()))}
