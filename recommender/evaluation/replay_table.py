"""What came of a replay: for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from papers.evaluation.metrics import Floats
from recommender.evaluation import table
from recommender.evaluation.days import Span
from recommender.evaluation.diary import Diary
from recommender.evaluation.replay import AS_SENT, MEAN, OURS

MEASURES = {"place": "mean place", "percentile": "percentile", "ndcg10": "nDCG@10"}
GOOD = 10  # places


def summary(diaries: Sequence[Diary], span: Span) -> dict[str, Any]:
    """All of it as plain data."""
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "n": len(diaries),
        "papers_known": sorted(len(one.person.library) for one in diaries),
        "digests": sum(one.digests for one in diaries),
        "picks": sum(len(one.picks) for one in diaries),
        "repeats": sum(one.repeats for one in diaries),
        "days_without_a_pick": sum(one.empty for one in diaries),
        "starved": sum(one.starved() for one in diaries),
        "later": _later([one for one in diaries if one.later]),
        "people": [_person(one) for one in diaries],
    }


def broken(found: dict[str, Any]) -> str:
    """The promise that was not kept, in words; '' if all were."""
    if found["repeats"]:
        return f"{found['repeats']} papers were sent to somebody twice."
    return f"{found['starved']} subjects starved." if found["starved"] else ""


def _person(diary: Diary) -> dict[str, Any]:
    picks = diary.picks_by_subject().tolist()
    subjects = [
        {"share": round(one.share, 3), "picks": count, "had_fitting": bool(served)}
        for one, count, served in zip(diary.subjects, picks, diary.served, strict=True)
    ]
    return {
        "user_id": diary.person.name,
        "papers_known": len(diary.person.library),
        "digests": diary.digests,
        "days_without_a_pick": diary.empty,
        "subjects": subjects,
    }


def _later(diaries: Sequence[Diary]) -> dict[str, Any]:
    if not diaries:
        return {"n": 0}
    shares = {name: _shares(diaries, name) for name in (OURS, AS_SENT, MEAN)}
    papers = [one for diary in diaries for one in diary.later.values()]
    return {
        "n": len(papers),
        "people": len(diaries),
        "sent": sum(one.sent_later() for one in diaries),
        "candidates": round(float(np.mean([one.among for one in papers])), 1),
        "methods": {name: table.of_shares(found) for name, found in shares.items()},
        "paired": asdict(table.compare(shares[OURS]["ndcg10"], shares[MEAN]["ndcg10"], (MEAN, "ndcg10"))),
    }


def _shares(diaries: Sequence[Diary], method: str) -> table.Shares:
    """What each person adds to the means over all papers."""
    found: dict[str, list[list[float]]] = {name: [] for name in MEASURES}
    for diary in diaries:
        places = np.array([one.places[method] for one in diary.later.values()])
        among = np.array([one.among for one in diary.later.values()])
        for name, values in _measured(places, among).items():
            found[name].append([values.sum(), len(values)])
    return {name: np.array(rows) for name, rows in found.items()}


def _measured(places: Floats, among: Floats) -> dict[str, Floats]:
    gain = np.where(places <= GOOD, 1 / np.log2(1 + places), 0.0)
    return {"place": places, "percentile": (places - 1) / np.maximum(among - 1, 1), "ndcg10": gain}


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found)


def lines(found: dict[str, Any]) -> list[str]:
    known = found["papers_known"]
    middle = known[len(known) // 2]
    return [
        f"{found['n']} readers from {found['from']} to {found['to']}, known by {known[0]} to {known[-1]} papers each,"
        f" half of them by {middle} or more.",
        f"{found['digests']} digests with {found['picks']} picks;"
        f" {found['days_without_a_pick']} times somebody had none on a day.",
        f"{found['repeats']} papers came twice to somebody; {found['starved']} subjects starved.",
        *_lines_of_later(found["later"]),
    ]


def _lines_of_later(later: dict[str, Any]) -> list[str]:
    if not later["n"]:
        return ["Nobody submitted or wrote one of the papers later."]
    pair = later["paired"]
    return [
        "",
        f"Where {later['n']} papers that {later['people']} of them submitted or wrote later stood on their first day,"
        f" among {later['candidates']:.0f} candidates in the mean; {later['sent']} were sent.",
        f"{'':24}" + "".join(f"{words:>18}" for words in MEASURES.values()),
        *(_row(name, figures) for name, figures in later["methods"].items()),
        f"nDCG@10 of ours is {pair['ratio']:.2f} × that of {MEAN}"
        f" (95 % of resampled groups of people: {pair['low']:.2f} to {pair['high']:.2f}).",
    ]


def _row(name: str, figures: dict[str, float]) -> str:
    cells = (f"{figures[one]:.3f} ± {figures[f'{one}_se']:.3f}".rjust(18) for one in MEASURES)
    return f"{name:24}" + "".join(cells)
