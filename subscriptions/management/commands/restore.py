"""manage.py restore FILE [--identity FILE]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from subscriptions.backups import restoring
from subscriptions.backups.problems import Problem

LOST_WITH = {
    "SECRET_KEY": "the links of all mails that were sent open nothing, not even those that unsubscribe",
    "ADDRESS_KEY": "suppressed addresses are not recognised, and would be mailed",
}


class Command(BaseCommand):
    help = "Fills an empty database from a backup; nothing is sent from it until it is adopted."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a backup that manage.py backup made")
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="the private key of age, where the backup is encrypted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restoring.restore(options["file"], options["identity"])
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        self.tell(restored)

    def tell(self, restored: restoring.Restored) -> None:
        for name in restored.other_keys:
            warning = f"{name} is not the one that was used with this database: {LOST_WITH[name]}. Set the former one."
            self.stderr.write(self.style.WARNING(warning))
        if restored.migrations:
            self.stdout.write(f"It is of an earlier release: run manage.py migrate ({restored.migrations} to apply).")
        self.stdout.write(
            f"Restored. It was the database of the instance {restored.owner!r}, and belongs to none now: no mail"
            f" leaves. If {restored.owner!r} is gone for good, make this one ({settings.INSTANCE_ID!r}) its heir:"
            " manage.py sending adopt"
        )
