from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommender.benchmarks import embed, match, search
from recommender.benchmarks.figures import Figure, as_json, lines
from recommender.encoding.encoder import ModelMissing
from subscriptions.benchmarks import batch, digests, mails, turns, web
from subscriptions.benchmarks.staff_pages import pages
from subscriptions.benchmarks.storage import command as storage


@dataclass(frozen=True, slots=True)
class Bench:
    words: str
    add_arguments: Callable[[ArgumentParser], None]
    measure: Callable[..., Iterator[Figure]]  # takes the options; what it makes it takes away again


BENCHES: dict[str, Bench] = {
    "match": Bench("match readers with an edition's papers", match.add_arguments, match.measure),
    "batch": Bench("rank a batch of readers completely, on a database of many", batch.add_arguments, batch.measure),
    "digests": Bench("from due to recorded, by real workers", digests.add_arguments, digests.measure),
    "embed": Bench("from papers to stored vectors, beside the bare encoder", embed.add_arguments, embed.measure),
    "search": Bench("a whole search by HTTP, from the request to the page", search.add_arguments, search.measure),
    "mails": Bench("write digests, both parts, in one process", mails.add_arguments, mails.measure),
    "admin": Bench("each page of the admin, on a site of many readers and days", pages.add_arguments, pages.measure),
    "storage": Bench("what digests leave behind on PostgreSQL", storage.add_arguments, storage.measure),
    "web": Bench("pages while fifty a second are read, and digests that change", web.add_arguments, web.measure),
    "turns": Bench("this build and an earlier commit in turns", turns.add_arguments, turns.measure),
}


class Command(BaseCommand):
    help = "Measures how fast Paper Round is on this machine, beside a limit measured in the same run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        benches = parser.add_subparsers(dest="bench", required=True, metavar="BENCH")
        for name, bench in BENCHES.items():
            added = benches.add_parser(name, help=bench.words)
            added.add_argument("--json", action="store_true", help="print a line of JSON for each figure")
            bench.add_arguments(added)

    def handle(self, *args: Any, bench: str, json: bool, **options: Any) -> None:
        try:
            for figure in BENCHES[bench].measure(**options):
                self.stdout.write(as_json(figure) if json else "\n".join(lines([figure])))
        except ModelMissing as error:
            raise CommandError(str(error)) from error
