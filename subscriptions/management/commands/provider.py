"""manage.py provider check [--backend NAME] [--to ADDRESS] | list"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from subscriptions.doctor.findings import Finding, Level
from subscriptions.doctor.trial import report
from subscriptions.doctor.trial.attempt import CannotTry, attempt
from subscriptions.limits import blockers
from subscriptions.models import Suppression
from subscriptions.people.addresses import address_hash, canonical
from subscriptions.providers import promises, table


class Command(BaseCommand):
    help = "Tries the mail provider with one digest of example papers, or lists what each provider can promise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser(
            "check",
            help="hand over one mail at the provider's sandbox, and say what came of it; ends with 1 on an error",
        )
        check.add_argument(
            "--backend", metavar="NAME", help="another provider than the one that is set, by Anymail's name"
        )
        verbs.add_parser("list", help="what each provider can and cannot promise, as in docs/delivery.md")
        check.add_argument("--to", metavar="ADDRESS", help="send it to an address of your own instead of the sandbox")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            self.stdout.write("\n".join(promises.markdown()))
        else:
            self.check_provider(options["backend"], options["to"])

    def check_provider(self, name: str | None, address: str | None) -> None:
        backend, to = _backend(name), _address(address)
        for blocker in blockers.present():
            self.stdout.write(f"Digests do not leave now, and this one mail does all the same. {blocker.what}")
        try:
            trial = attempt(backend, to, now())
        except CannotTry as problem:
            raise CommandError(str(problem)) from problem
        findings = list(report.findings(trial))
        self.tell(findings)
        for line in report.to_compare(trial):
            self.stdout.write(line)
        if any(finding.level == Level.ERROR for finding in findings):
            raise SystemExit(1)

    def tell(self, findings: list[Finding]) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.ERROR: self.style.ERROR}
        for finding in findings:
            self.stdout.write(style[finding.level](str(finding)))


def _backend(name: str | None) -> str:
    """Return the path of the backend to try: the one that is set, or the provider's of that name."""
    if name is None:
        return str(settings.EMAIL_BACKEND)
    if table.of_name(name) is None:
        raise CommandError(f"{name} is no provider. These are known: {', '.join(table.ROWS)}.")
    return table.path_of(name)


def _address(given: str | None) -> str:
    """Return the address of --to; nobody is mailed who asked never to be."""
    if given is None:
        return ""
    try:
        address = canonical(given)
    except ValidationError as error:
        raise CommandError(f"--to {given} is no address. Write it as you@example.org.") from error
    if Suppression.objects.filter(address_hash=address_hash(address)).exists():
        raise CommandError(f"{address} is suppressed, so that no mail goes there. Give another with --to.")
    return address
