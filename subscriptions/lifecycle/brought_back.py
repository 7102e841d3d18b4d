"""Take over from a list who is not to be mailed, as after a restore, which knows nothing of those who left since."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.core.exceptions import ValidationError

from subscriptions.lifecycle.status_changes import suppress, unsubscribe
from subscriptions.models import LeftBecause, Subscriber
from subscriptions.people import tokens
from subscriptions.people.addresses import canonical
from subscriptions.people.tokens import Purpose

# An address as providers export it, in whatever column; of a line only the first counts.
ADDRESS = re.compile(r"[^\s,;\"'<>@]{1,64}@[^\s,;\"'<>@]{1,255}")
# A press of "unsubscribe" in the log of a proxy: nobody but the reader's program posts there.
PRESSED = re.compile(r"POST /u/([A-Za-z0-9_-]{22})/?[ ?]")
LONGEST_LINE = 4000  # characters


def suppress_all(lines: Iterable[str], because: str, note: str) -> int:
    """Suppress the address of each line that has one; return how many."""
    found = set(_addresses(lines))
    for address in sorted(found):
        suppress(address, because, note)
    return len(found)


def unsubscribe_all(lines: Iterable[str], now: datetime) -> int:
    """End the subscription of each line's address, or of who pressed the link in it; return how many were ended."""
    ended = 0
    for line in lines:
        for reader in _readers(line[:LONGEST_LINE]):
            ended += unsubscribe(reader, now, because=LeftBecause.OPERATOR)
    return ended


def _readers(line: str) -> list[Subscriber]:
    if pressed := PRESSED.search(line):
        return list(Subscriber.objects.filter(handle__in=tokens.read(Purpose.UNSUBSCRIBE, pressed[1])))
    return list(Subscriber.objects.filter(email__in=list(_addresses([line]))))


def _addresses(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if found := ADDRESS.search(line[:LONGEST_LINE]):
            try:
                yield canonical(found[0])
            except ValidationError:
                continue
