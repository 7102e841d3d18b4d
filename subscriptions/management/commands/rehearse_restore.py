"""manage.py rehearse_restore FOLDER [--identity FILE] [--without-vectors]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subscriptions.backups import files, rehearsal
from subscriptions.backups.problems import Problem
from subscriptions.backups.rehearsal import Rehearsed


class Command(BaseCommand):
    help = (
        "Restores the newest backup into a database of its own, examines that, and drops it. Ends with 1 if it failed."
    )
    requires_system_checks: list[str] = []  # a setting that is wrong must not keep anybody from a backup

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where manage.py backup puts them")
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the private key of age")
        parser.add_argument("--without-vectors", action="store_true", help="the backups were made without them")

    def handle(self, *args: Any, **options: Any) -> None:
        newest = next(iter(files.of(options["folder"])), None)
        if newest is None:
            raise CommandError(f"{options['folder']} holds no backup. Make one: manage.py backup {options['folder']}")
        try:
            found = rehearsal.rehearse(newest.path, options["identity"], vectors=not options["without_vectors"])
        except Problem as problem:
            raise CommandError(f"{newest.path.name} could not be restored. {problem}") from problem
        self.tell(newest.path, found)
        if not found.is_good:
            raise SystemExit(1)

    def tell(self, backup: Path, found: Rehearsed) -> None:
        since = sum(found.original.values()) - found.rows
        self.stdout.write(
            f"{backup.name} could be restored in {found.seconds:.0f} s: {found.rows:,} rows in {len(found.restored)}"
            f" tables; the original has {abs(since):,} {'more' if since >= 0 else 'fewer'} now."
        )
        for one in found.said:
            self.stdout.write(f"{one['level']:8} {one['subject']}: {one['what']}")
        for table in found.lost:
            self.stdout.write(self.style.ERROR(f"{table} came back empty, and has rows in the original."))
        self.stdout.write("It would send mail!" if found.may_send else "It would send nothing until it is adopted.")
