import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from papers.evaluation import trending
from papers.evaluation.rows import DataUnusable
from recommender.encoding.encoder import ModelMissing
from recommender.evaluation import free_texts, matching, replay, replay_table, search, table
from recommender.evaluation.days import Span
from recommender.ranking.variants import AS_SHIPPED, VARIANTS
from subscriptions.bibliographies import evaluation as libraries
from subscriptions.experiments import running, verdicts
from subscriptions.experiments.running import NotStarted
from subscriptions.models import Experiment

HELP = {
    "trending": "Do trends foretell attention, and what a person picks?",
    "readers": "Does a person's next paper stand high among its week's papers?",
    "reviewers": "Are papers ordered by how well a researcher could judge them?",
    "replay": "What would people have been sent in a quarter, day by day?",
    "texts": "Do papers for what somebody wrote carry a category that fits?",
    "search": "Does the search find the papers that a question needs?",
    "libraries": "Is every entry of a folder of bibliographies read, or told by its line?",
}
LIVE = "Which of two rankers do willing readers prefer, by what they rate?"
QUARTER, JUNE = (date(2026, 4, 1), date(2026, 6, 30)), (date(2026, 6, 1), date(2026, 6, 30))
MATCHING = {"readers": matching.of_readers, "reviewers": matching.of_reviewers}


class Command(BaseCommand):
    help = "Measures on recorded data how good the formulas are, and what is read of libraries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tests = parser.add_subparsers(dest="test", required=True, metavar="TEST")
        for name, words in HELP.items():
            test = tests.add_parser(name, help=words)
            test.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of recorded data")
            test.add_argument("--json", action="store_true", help="print JSON instead of a table")
            if name == "replay":
                test.add_argument("--readers", type=int, default=100, metavar="N", help="how many people (100)")
                _add_span(test, *QUARTER)
            elif name == "texts":
                test.add_argument("--read", type=int, default=0, metavar="N", help="print N picks of each rule to read")
                _add_span(test, *JUNE)
            if name not in ("libraries", "replay"):
                test.add_argument("--all", action="store_true", help="judge the formula as shipped on every row")
        _add_live(tests.add_parser("live", help=LIVE, description=LIVE))

    def handle(self, *args: Any, test: str, **options: Any) -> None:
        try:
            lines = OTHER[test](**options) if test in OTHER else _of_matching(test, **options)
        except (DataUnusable, ModelMissing, NotStarted) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(lines))


def _add_span(test: ArgumentParser, first: date, last: date) -> None:
    test.add_argument("--from", dest="first", type=date.fromisoformat, default=first, metavar="DATE", help=f"({first})")
    test.add_argument("--to", dest="last", type=date.fromisoformat, default=last, metavar="DATE", help=f"({last})")


def _add_live(test: ArgumentParser) -> None:
    test.add_argument("name", nargs="?", default="", metavar="NAME", help="an experiment (the newest)")
    test.add_argument("--start", action="store_true", help="start one of this name; one runs at a time")
    test.add_argument(
        "--a", default=AS_SHIPPED, metavar="VARIANT", help=f"({AS_SHIPPED}) one of: {', '.join(VARIANTS)}"
    )
    test.add_argument("--b", default="", metavar="VARIANT", help="what it is compared with")
    test.add_argument("--stop", action="store_true", help="stop the one that runs, and say what it found")
    test.add_argument("--json", action="store_true", help="print JSON instead of sentences")


def _of_live(*, name: str, start: bool, a: str, b: str, stop: bool, json: bool, **options: Any) -> list[str]:
    if start and stop:
        raise CommandError("Give --start or --stop, not both.")
    if b and not start:
        raise CommandError("Variants are named where an experiment begins: give --start too.")
    if start:
        running.start(name, a, b, now())
    elif stop and not running.stop(now()):
        raise CommandError("No experiment is running: there is none to stop.")
    experiment = Experiment.objects.filter(**{"name": name} if name else {}).first()
    if experiment is None:
        some = f"There is no experiment {name!r}" if name else "There was no experiment yet"
        raise CommandError(f"{some}: manage.py evaluate live NAME --start --b VARIANT starts one.")
    found = verdicts.found(experiment)
    return [_dumped(verdicts.as_data(experiment, found))] if json else list(verdicts.lines(experiment, found))


def _dumped(data: dict[str, object]) -> str:
    return json.dumps(data)


def _of_replay(*, data: Path, json: bool, readers: int, first: date, last: date, **options: Any) -> list[str]:
    if readers < 1 or last < first:
        raise CommandError(
            "There is nothing to replay: give --readers 1 or more, and a --to that is not before --from."
        )
    span = Span(first, last)
    found = replay_table.summary(replay.replay(data, span, readers), span)
    if promise := replay_table.broken(found):
        raise CommandError("\n".join([*replay_table.lines(found), promise]))
    return [replay_table.as_json(found)] if json else replay_table.lines(found)


def _of_trending(*, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = trending.evaluate(data, all_rows=all)
    return [_as_json(result)] if json else trending.table(result)


def _of_texts(*, data: Path, json: bool, all: bool, read: int, first: date, last: date, **options: Any) -> list[str]:
    if last < first:
        raise CommandError("There is nothing to send: give a --to that is not before --from.")
    result = free_texts.evaluate(data, Span(first, last), all_rows=all)
    return [free_texts.as_json(result)] if json else free_texts.table(result, read)


def _of_search(*, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = search.evaluate(data, all_rows=all)
    return [search.as_json(result)] if json else search.table(result)


def _of_libraries(*, data: Path, json: bool, **options: Any) -> list[str]:
    found = libraries.accounts(data)
    lines = [libraries.as_json(found)] if json else list(libraries.table(found))
    if lost := libraries.lost(found):
        raise CommandError("\n".join([*lines, f"Of {lost} entries that begin in these files nothing is told."]))
    return lines


def _of_matching(test: str, *, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = MATCHING[test](data, all_rows=all)
    return [table.as_json(result)] if json else table.lines(result)


def _as_json(result: trending.Result) -> str:
    return json.dumps({"n": result.n, "n_picks": result.n_picks, "methods": result.methods})


OTHER: dict[str, Callable[..., list[str]]] = {
    "trending": _of_trending,
    "search": _of_search,
    "replay": _of_replay,
    "texts": _of_texts,
    "libraries": _of_libraries,
    "live": _of_live,
}
