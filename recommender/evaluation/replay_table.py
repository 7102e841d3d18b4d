"""The results of a replay: for people and for programs."""

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
    """Return all results as plain data."""
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "n": len(diaries),
        "papers_known": sorted(len(diary.person.library) for diary in diaries),
        "digests": sum(diary.digests for diary in diaries),
        "picks": sum(len(diary.picks) for diary in diaries),
        "repeats": sum(diary.repeats for diary in diaries),
        "days_without_a_pick": sum(diary.empty for diary in diaries),
        "starved": sum(diary.starved() for diary in diaries),
        "later": _later([diary for diary in diaries if diary.later]),
        "people": [_person(diary) for diary in diaries],
    }


def broken(results: dict[str, Any]) -> str:
    """Return the promise that was not kept, in words; '' if all were."""
    if results["repeats"]:
        return f"{results['repeats']} papers were sent to somebody twice."
    return f"{results['starved']} subjects starved." if results["starved"] else ""


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
    """Return what each person adds to the means over all papers."""
    rows_by_measure: dict[str, list[list[float]]] = {name: [] for name in MEASURES}
    for diary in diaries:
        places = np.array([later.places[method] for later in diary.later.values()])
        among = np.array([later.among for later in diary.later.values()])
        for name, values in _measured(places, among).items():
            rows_by_measure[name].append([values.sum(), len(values)])
    return {name: np.array(rows) for name, rows in rows_by_measure.items()}


def _measured(places: Floats, among: Floats) -> dict[str, Floats]:
    gain = np.where(places <= GOOD, 1 / np.log2(1 + places), 0.0)
    return {"place": places, "percentile": (places - 1) / np.maximum(among - 1, 1), "ndcg10": gain}


def as_json(results: dict[str, Any]) -> str:
    return json.dumps(results)


def lines(results: dict[str, Any]) -> list[str]:
    known = results["papers_known"]
    middle = known[len(known) // 2]
    return [
        f"{results['n']} readers from {results['from']} to {results['to']}, known by {known[0]} to {known[-1]} papers"
        f" each, half of them by {middle} or more.",
        f"{results['digests']} digests with {results['picks']} picks;"
        f" {results['days_without_a_pick']} times somebody had none on a day.",
        f"{results['repeats']} papers came twice to somebody; {results['starved']} subjects starved.",
        *_lines_of_later(results["later"]),
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
    cells = (f"{figures[measure]:.3f} ± {figures[f'{measure}_se']:.3f}".rjust(18) for measure in MEASURES)
    return f"{name:24}" + "".join(cells)
