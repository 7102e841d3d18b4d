import sys
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import reset_queries
from django.utils.timezone import now
from tqdm import tqdm

from papers.feeds import harvest
from papers.feeds.harvest_pages import Page, Wish
from papers.ingest.saving import Report
from papers.models import Harvest
from papers.sources import SourceError, arxiv_sets

GO_ON = "What came so far is stored: the same command goes on from there."


class Command(BaseCommand):
    help = "Brings in the papers of whole sets of arXiv; stopped at any moment, the same command goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="since",
            required=True,
            metavar="DATE",
            help="Papers that arXiv has added or changed since this day, as YYYY-MM-DD.",
        )
        parser.add_argument(
            "--set",
            dest="sets",
            required=True,
            nargs="+",
            action="extend",
            metavar="SET",
            help="A set of arXiv's, such as cs, physics:hep-th or cs:cs:LG; may be repeated.",
        )
        parser.add_argument(
            "--all",
            dest="with_old",
            action="store_true",
            help="Also papers submitted long before DATE that arXiv has changed since.",
        )
        parser.add_argument("--restart", action="store_true", help="Begin anew, whatever was done before.")

    def handle(self, *, since: str, sets: list[str], with_old: bool, restart: bool, **options: Any) -> None:
        moment = now()
        try:
            first = day(since, moment.date())
            wishes = [Wish(arxiv_sets.check(one), first, with_old) for one in dict.fromkeys(sets)]
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        for wish in wishes:
            self.harvest(wish, moment, restart)

    def harvest(self, wish: Wish, moment: datetime, restart: bool) -> None:
        begun = harvest.begin(wish, moment, restart=restart)
        self.stdout.write(opening(begun))
        try:
            pages = read(begun, wish, moment)
        except SourceError as error:
            raise CommandError(f"{error} {GO_ON}") from error
        except KeyboardInterrupt as error:
            raise CommandError(f"Stopped. {GO_ON}") from error
        self.stdout.write(summary(wish.wanted_set, pages))


def day(text: str, today: date) -> date:
    """Read a date; raise ValueError for anything else, and for one that is yet to come."""
    try:
        first = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--from is a date like 2026-01-31, not {text!r}") from error
    if first > today:
        raise ValueError(f"--from {first} is yet to come: arXiv is asked for what was changed since that day")
    return first


def opening(begun: Harvest) -> str:
    if begun.token:
        return f"{begun.wanted_set}: goes on after {begun.papers:,} records."
    if begun.asked_from > begun.since:
        return (
            f"{begun.wanted_set}: was finished before; asks only for what was changed since it began on "
            f"{begun.asked_from}. To begin anew from {begun.since}, add --restart."
        )
    return f"{begun.wanted_set}: asks for what was changed since {begun.since}."


def read(begun: Harvest, wish: Wish, moment: datetime) -> list[Page]:
    """Harvest to the end, and show the progress where standard error is a terminal."""
    pages = []
    with tqdm(initial=begun.papers, total=begun.total, unit=" records", file=sys.stderr, disable=None) as bar:
        for page in harvest.backfill(begun, moment, with_old=wish.with_old):
            pages.append(page)
            bar.total = begun.total
            bar.update(begun.papers - bar.n)  # backwards where the list had to be read anew
            reset_queries()  # with DEBUG on, Django keeps the text of thousands of statements
    return pages


def summary(wanted_set: str, pages: list[Page]) -> str:
    saved = sum((page.saved for page in pages), Report())
    return (
        f"{wanted_set}: {saved.created} papers created, {saved.updated} updated, {saved.unchanged} unchanged; "
        f"{sum(page.passed_over for page in pages)} older ones and {sum(page.deleted for page in pages)} deleted ones "
        "passed over."
    )
