"""manage.py sending [stop [--why TEXT] | resume | adopt [--yes]]"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.timezone import now

from subscriptions.limits import blockers, kill_switch
from subscriptions.models import StopReason

QUESTION = """\
This database belongs to the instance {owner!r}, and this one is {me!r}.
If {owner!r} still runs on a database of its own, for instance because this one was restored from its backup, both
would mail the same people every day. Adopt it only if {owner!r} is gone for good.
Make {me!r} the instance that sends? (yes or no) """


class Command(BaseCommand):
    help = "Says whether mail may leave; stops all sending within seconds, and resumes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb")
        stop = verbs.add_parser("stop", help="let no further mail leave, until somebody resumes it")
        stop.add_argument("--why", default="", help="a note for the others who look after the site")
        verbs.add_parser("resume", help="let mail leave again")
        adopt = verbs.add_parser("adopt", help="make this instance the one that sends for this database")
        adopt.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "stop":
            kill_switch.stop(StopReason.OPERATOR, options["why"], now())
        elif options["verb"] == "resume":
            kill_switch.resume()
        elif options["verb"] == "adopt":
            self.adopt(sure=options["yes"])
        self.tell()

    def adopt(self, sure: bool) -> None:
        owner, me = kill_switch.ensure().instance_id, settings.INSTANCE_ID
        if owner != me and (sure or input(QUESTION.format(owner=owner, me=me)).strip().lower() == "yes"):
            kill_switch.adopt()

    def tell(self) -> None:
        for blocker in blockers.present():
            self.stdout.write(blocker.what)
        if kill_switch.may_send():
            self.stdout.write("Mail may leave.")
