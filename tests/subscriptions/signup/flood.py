"""A flood of sign-ups by the form itself, told by lines: run as a process of its own, several at once if wanted.

The clock stands still at so many minutes after the beginning of an hour, so that no run spans two hours by chance.
"""

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
NETWORKS: dict[str, Callable[[int], str]] = {
    "twenty networks": lambda number: f"198.51.{number % 20}.{number % 7 + 1}",
    "eleven of one /48": lambda number: f"2001:db8:1:{number % 11:x}::{number % 50 + 1:x}",
}
alarms: list[str] = []


class Alarms(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        alarms.append(record.getMessage())


def post(email: str, network: str, **fields: str) -> int:
    from django.test import Client

    sent = {"email": email, "text": "whales", **fields}
    return int(Client().post("/subscribe/", sent, HTTP_X_FORWARDED_FOR=network).status_code)


def flood(kind: str, first: int, count: int) -> dict[str, int]:
    """How often which status was answered."""
    answers: dict[str, int] = {}
    for number in range(first, first + count):
        status = str(post(f"victim{number}@host{number}.example", NETWORKS[kind](number), patience="1"))
        answers[status] = answers.get(status, 0) + 1
    return answers


def proven(email: str, network: str) -> int:
    """Open the form, compute what it asks for, send it."""
    from django.test import Client

    from tests.subscriptions.signup.proofs import solve

    page = Client().get("/subscribe/", HTTP_X_FORWARDED_FOR=network).content.decode()
    found = re.search(r'id="proof-challenge"[^>]*>(.*?)</script>', page)
    assert found, "the form asks for no proof"
    return post(email, network, altcha=solve(json.loads(found[1])))


def work() -> int:
    """What workers do each minute, until there is no more to do."""
    from django.utils.timezone import now

    from subscriptions.delivery import outbox
    from subscriptions.signup import admission

    sent = 0
    while done := admission.admit(now()) + (more := outbox.send_waiting(now)):
        sent += more
        assert done
    return sent


def look() -> dict[str, object]:
    from subscriptions.models import AccountMail, SignUp

    sent = AccountMail.objects.filter(status="sent").select_related("subscriber")
    return {
        "sent": sorted(mail.subscriber.email for mail in sent),
        "unproven": sum(not mail.proven for mail in sent),
        "waiting": SignUp.objects.filter(proven=False).count(),
        "waiting with proof": SignUp.objects.filter(proven=True).count(),
    }


VERBS: dict[str, Callable[..., object]] = {"flood": flood, "post": post, "proven": proven, "work": work, "look": look}


def main() -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")
    logging.getLogger("subscriptions").handlers = [handler := Alarms(logging.ERROR)]
    assert handler
    for line in sys.stdin:
        minutes, verb, arguments, fields = json.loads(line)
        with time_machine.travel(TODAY + timedelta(minutes=minutes), tick=False):
            answer = VERBS[verb](*arguments, **fields)
        sys.stdout.write(json.dumps([answer, alarms]) + "\n")
        sys.stdout.flush()
        alarms.clear()


if __name__ == "__main__":
    main()
