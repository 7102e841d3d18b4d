"""manage.py sending [stop [--why TEXT] | resume | adopt [--yes] [--today | --renamed]]"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from subscriptions.delivery import adoption
from subscriptions.limits import blockers, kill_switch
from subscriptions.models import StopReason

QUESTION = """\
This database belongs to the instance {owner!r}, and this one is {me!r}.
If {owner!r} still runs on a database of its own, for instance because this one was restored from its backup, both
would mail the same people every day. Adopt it only if {owner!r} is gone for good.
{then}
Make {me!r} the instance that sends? (yes or no) """
THEN = {
    "renamed": "Nothing was restored, as you say: what waits goes out.",
    "today": "What was due by now is not sent, since it may have been; digests of later hours go out, today's too.",
    "restored": "What waits is not sent, since it may have been, and nobody gets a digest before their own tomorrow.",
}
LOST = """\
{0.digests} digests and {0.account_mails} account mails that waited are not sent,
{0.unclear} that were on their way are uncertain, {0.forms} sign-up forms are forgotten.
Whoever unsubscribed, complained or bounced since the backup is a reader again: before anything is sent, bring them back
with manage.py suppressions import (docs/backups.md)."""


class Command(BaseCommand):
    help = "Says whether mail may leave; stops all sending within seconds, and resumes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb")
        stop = verbs.add_parser("stop", help="let no further mail leave, until somebody resumes it")
        stop.add_argument("--why", default="", help="a note for the others who look after the site")
        verbs.add_parser("resume", help="let mail leave again")
        adopt = verbs.add_parser("adopt", help="make this instance the one that sends for this database")
        adopt.add_argument("--yes", action="store_true", help="do not ask")
        how = adopt.add_mutually_exclusive_group()
        how.add_argument(
            "--today", dest="how", action="store_const", const="today", help="digests of later hours of today go out"
        )
        how.add_argument(
            "--renamed", dest="how", action="store_const", const="renamed", help="nothing was restored: skip nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "stop":
            kill_switch.stop(StopReason.OPERATOR, options["why"], now())
        elif options["verb"] == "resume":
            kill_switch.resume()
        elif options["verb"] == "adopt":
            self.adopt(options["how"] or "restored", sure=options["yes"])
        self.tell()

    def adopt(self, how: str, *, sure: bool) -> None:
        owner, me = kill_switch.ensure().instance_id, settings.INSTANCE_ID
        question = QUESTION.format(owner=owner, me=me, then=THEN[how])
        if owner == me or not (sure or input(question).strip().lower() == "yes"):
            return
        if how == "renamed":
            kill_switch.adopt()
        else:
            self.stdout.write(LOST.format(adoption.adopt(now(), day_too=how == "restored")))

    def tell(self) -> None:
        for blocker in blockers.present():
            self.stdout.write(blocker.what)
        if kill_switch.may_send():
            self.stdout.write("Mail may leave.")
