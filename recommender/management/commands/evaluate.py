import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from papers.evaluation import trending
from papers.evaluation.rows import DataUnusable
from recommender.encoder import ModelMissing
from recommender.evaluation import matching, search, table

HELP = {
    "trending": "Do trends foretell attention, and what a person picks?",
    "readers": "Does a person's next paper stand high among its week's papers?",
    "reviewers": "Are papers ordered by how well a researcher could judge them?",
    "search": "Does the search find the papers that a question needs?",
}
MATCHING = {"readers": matching.of_readers, "reviewers": matching.of_reviewers}


class Command(BaseCommand):
    help = "Measures on recorded data how good the formulas are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tests = parser.add_subparsers(dest="test", required=True, metavar="TEST")
        for name, words in HELP.items():
            test = tests.add_parser(name, help=words)
            test.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of recorded data")
            test.add_argument("--json", action="store_true", help="print JSON instead of a table")
            test.add_argument("--all", action="store_true", help="judge the formula as shipped on every row")

    def handle(self, *args: Any, test: str, **options: Any) -> None:
        try:
            lines = OTHER[test](**options) if test in OTHER else of_matching(test, **options)
        except (DataUnusable, ModelMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(lines))


def of_trending(*, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = trending.evaluate(data, all_rows=all)
    return [as_json(result)] if json else trending.table(result)


def of_search(*, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = search.evaluate(data, all_rows=all)
    return [search.as_json(result)] if json else search.table(result)


def of_matching(test: str, *, data: Path, json: bool, all: bool, **options: Any) -> list[str]:
    result = MATCHING[test](data, all_rows=all)
    return [table.as_json(result)] if json else table.lines(result)


def as_json(result: trending.Result) -> str:
    return json.dumps({"n": result.n, "n_picks": result.n_picks, "methods": result.methods})


OTHER = {"trending": of_trending, "search": of_search}
