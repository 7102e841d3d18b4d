import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from papers.evaluation import trending
from papers.evaluation.rows import DataUnusable


class Command(BaseCommand):
    help = "Measures on recorded data how good the formulas are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tests = parser.add_subparsers(dest="test", required=True, metavar="TEST")
        of_trends = tests.add_parser("trending", help="Do trends foretell attention, and what a person picks?")
        of_trends.add_argument("--data", type=Path, required=True, metavar="DIR", help="a folder of recorded data")
        of_trends.add_argument("--json", action="store_true", help="print JSON instead of a table")
        of_trends.add_argument("--all", action="store_true", help="judge the formula as shipped on every row")

    def handle(self, *args: Any, data: Path, json: bool, all: bool, **options: Any) -> None:
        try:
            result = trending.evaluate(data, all_rows=all)
        except DataUnusable as error:
            raise CommandError(str(error)) from error
        lines = [as_json(result)] if json else trending.table(result)
        self.stdout.write("\n".join(lines))


def as_json(result: trending.Result) -> str:
    return json.dumps({"n": result.n, "n_picks": result.n_picks, "methods": result.methods})
