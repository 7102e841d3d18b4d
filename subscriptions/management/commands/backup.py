"""manage.py backup FOLDER [--days N] [--weeks N] [--without-vectors]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from subscriptions.backups import making
from subscriptions.backups.problems import Problem


class Command(BaseCommand):
    help = "Makes a backup of the database in a folder, while everything goes on, and deletes those that are too old."
    requires_system_checks: list[str] = []  # a setting that is wrong must not keep anybody from a backup

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder for backups alone")
        parser.add_argument("--days", type=int, default=7, help="of how many days the last backup stays (%(default)s)")
        parser.add_argument("--weeks", type=int, default=5, help="of how many weeks likewise (%(default)s)")
        parser.add_argument(
            "--without-vectors", action="store_true", help="leave out the papers' vectors, which can be made anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1 or options["weeks"] < 0:
            raise CommandError("Backups of one day are kept at least: give --days 1 or more, and --weeks 0 or more.")
        wanted = making.Wanted(options["days"], options["weeks"], vectors=not options["without_vectors"])
        try:
            backup = making.make(options["folder"], wanted, now())
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{backup.path}: {backup.size:,} bytes.")
