"""manage.py doctor [--json] [--mail FILE]"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from subscriptions.doctor.examination import examine
from subscriptions.doctor.findings import Finding, Level
from subscriptions.doctor.senders.pasted_mail import examine as examine_mail


class Command(BaseCommand):
    help = "Examines the installation and says what is wrong, why it matters and what to do. Ends with 1 on an error."
    requires_system_checks: list[str] = []  # their findings are part of what it says

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as a JSON list")
        parser.add_argument(
            "--mail",
            metavar="FILE",
            help="examine a digest as it arrived instead: the raw message with all its headers, - for standard input",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine_mail(_raw_mail(options["mail"])) if options["mail"] else examine(now()))
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_data() for finding in findings], indent=2))
        else:
            self.tell(findings)
        if any(finding.level == Level.ERROR for finding in findings):
            raise SystemExit(1)

    def tell(self, findings: Iterable[Finding]) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.ERROR: self.style.ERROR}
        counts = dict.fromkeys(Level, 0)
        for finding in findings:
            self.stdout.write(style[finding.level](str(finding)))
            counts[finding.level] += 1
        self.stdout.write(
            f"Errors: {counts[Level.ERROR]}, warnings: {counts[Level.WARNING]}, in order: {counts[Level.OK]}."
        )


def _raw_mail(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}. Save the raw message to a file first.") from error
