import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from papers.evaluation import trending
from papers.evaluation.rows import DataUnusable
from recommender.encoder import ModelMissing
from recommender.evaluation import search


class Command(BaseCommand):
    help = "Measures on recorded data how good the formulas are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tests = parser.add_subparsers(dest="test", required=True, metavar="TEST")
        for name, (help, _) in TESTS.items():
            test = tests.add_parser(name, help=help)
            test.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of recorded data")
            test.add_argument("--json", action="store_true", help="print JSON instead of a table")
            test.add_argument("--all", action="store_true", help="judge the formula as shipped on every row")

    def handle(self, *args: Any, test: str, data: Path, json: bool, all: bool, **options: Any) -> None:
        try:
            lines = TESTS[test][1](data, all, json)
        except (DataUnusable, ModelMissing) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(lines))


def of_trends(data: Path, all_rows: bool, as_json: bool) -> list[str]:
    result = trending.evaluate(data, all_rows=all_rows)
    known = {"n": result.n, "n_picks": result.n_picks, "methods": result.methods}
    return [json.dumps(known)] if as_json else trending.table(result)


def of_search(data: Path, all_rows: bool, as_json: bool) -> list[str]:
    result = search.evaluate(data, settings.EMBEDDING_MODEL, settings.VAR_DIR / "evaluation.sqlite3", all_rows=all_rows)
    return [json.dumps({"n": result.n, "methods": result.methods})] if as_json else search.table(result)


TESTS: dict[str, tuple[str, Callable[[Path, bool, bool], list[str]]]] = {
    "trending": ("Do trends foretell attention, and what a person picks?", of_trends),
    "search": ("Does the search find the papers that a question needs?", of_search),
}
