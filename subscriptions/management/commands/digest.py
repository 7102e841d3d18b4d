"""manage.py digest preview EMAIL [--explain] | digest send"""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware, now

from subscriptions.delivery import batches
from subscriptions.digests import breakdown_lines, planning, previews
from subscriptions.models import Digest, Subscriber
from subscriptions.people.addresses import canonical

FORMATS = ("text", "html", "eml")
PRETEND = "pretend that it is this time, such as 2026-06-30T08:00+02:00"


class Command(BaseCommand):
    help = "Preview one subscriber's digest, or plan and send all that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        preview = verbs.add_parser(
            "preview", help="show the digest a subscriber would be sent now, byte for byte, with links that do nothing"
        )
        preview.add_argument("email")
        preview.add_argument("--format", choices=FORMATS, default="text")
        preview.add_argument("-o", "--output", metavar="FILE", type=Path)
        preview.add_argument("--explain", action="store_true", help="show why each paper came, number by number")
        preview.add_argument("--now", metavar="ISO", help=PRETEND)
        send = verbs.add_parser("send", help="plan and send every digest that is due, in this process")
        send.add_argument("--now", metavar="ISO", help=PRETEND)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "preview":
            moment = _parsed(options["now"]) if options["now"] else now()
            form = "explained" if options["explain"] else options["format"]
            self._write(_render(find(options["email"]), form, moment), options["output"])
        else:
            self._send(options["now"])

    def _write(self, text: str, output: Path | None) -> None:
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}. Give another file with -o.") from error

    def _send(self, moment: str | None) -> None:
        clock = now if moment is None else lambda: _parsed(moment)
        planning.plan(clock())
        due = sent = 0
        while waiting := Digest.objects.waiting(clock()).count():
            due = max(due, waiting)
            sent += batches.deliver_waiting(clock)
            if Digest.objects.waiting(clock()).count() >= waiting:
                break
        self.stdout.write(f"{due} digests were due, {sent} sent.")


def find(email: str) -> Subscriber:
    try:
        return Subscriber.objects.get(email=canonical(email))
    except (ValidationError, Subscriber.DoesNotExist) as error:
        raise CommandError(f"{email} is no subscriber. The admin lists all of them under Subscribers.") from error


def _render(subscriber: Subscriber, form: str, moment: datetime) -> str:
    """Return the digest of that time as text, html or eml (the whole message with its headers), or explained."""
    if form == "explained":
        return "\n".join([*breakdown_lines.explained(subscriber, moment.date()), ""])
    try:
        message = previews.preview(subscriber, moment)
    except previews.NothingWouldBeSent as nothing:
        raise CommandError(f"Nothing would be sent: {nothing}. --explain shows what was looked at.") from nothing
    if form == "eml":
        return message.message().as_bytes().decode("ascii")
    return str(message.body) if form == "text" else str(message.alternatives[0][0])


def _parsed(moment: str) -> datetime:
    try:
        time = parse_datetime(moment)
    except ValueError:
        time = None
    if time is None:
        raise CommandError(f"--now {moment} is no time. Write it as 2026-06-30T08:00+02:00.")
    return make_aware(time) if is_naive(time) else time
