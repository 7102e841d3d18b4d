"""manage.py suppressions import FILE --because complaint|"hard bounce"|operator|unsubscribed"""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from subscriptions.lifecycle import brought_back
from subscriptions.models import LeftBecause

REASONS = [LeftBecause.COMPLAINT.value, LeftBecause.HARD.value, LeftBecause.OPERATOR.value]
UNSUBSCRIBED = "unsubscribed"


class Command(BaseCommand):
    help = "Takes over who is not to be mailed: a provider's list of suppressions, or a proxy's log after a restore."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        imported = verbs.add_parser("import", help="read a file with an address in each line, in whatever column")
        imported.add_argument("file", help="its name, - for standard input")
        imported.add_argument(
            "--because",
            required=True,
            choices=[*REASONS, UNSUBSCRIBED],
            help="why: the addresses are suppressed for it; of the unsubscribed the subscription ends, and lines of an"
            " access log with POST /u/… are understood too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with _opened(options["file"]) as lines:
            if options["because"] == UNSUBSCRIBED:
                self.stdout.write(f"{brought_back.unsubscribe_all(lines, now())} subscriptions were ended.")
                return
            count = brought_back.suppress_all(lines, options["because"], f"imported from {Path(options['file']).name}")
            self.stdout.write(f"{count} addresses are suppressed.")


@contextmanager
def _opened(name: str) -> Iterator[TextIO]:
    path = "/dev/stdin" if name == "-" else name
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123  a path would not be read as it comes
            yield lines
    except OSError as error:
        raise CommandError(
            f"{name} cannot be read: {error.strerror}. Name a file with an address in each line."
        ) from error
