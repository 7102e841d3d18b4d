"""Whether mail may leave at all: the environment, the instance, the kill switch, and the providers' breakers."""

from collections.abc import Iterator
from datetime import datetime

from subscriptions.doctor.findings import Finding, Level, fine
from subscriptions.limits import blockers
from subscriptions.limits.blockers import Blocker, Kind

# Its subject, why it matters, and the remedy.
WORDS = {
    Kind.SWITCHED_OFF: (
        "SENDING_ENABLED",
        "Digests wait, whatever is due, and are skipped when they get too late.",
        "Take it out of the environment, if this is the site that readers hear from.",
    ),
    Kind.NO_CONTROL: ("instance", "Without it nothing may leave.", "Run manage.py prepare."),
    Kind.OTHER_INSTANCE: (
        "instance",
        "It looks like a restored copy. Two instances would send everybody the same digests, so this one sends none.",
        "If the other instance is gone for good: manage.py sending adopt.",
    ),
    Kind.STOPPED: (
        "sending",
        "Nobody gets a digest, a confirm mail or anything else.",
        "When the reason is gone: manage.py sending resume, or the button on the admin's Control page.",
    ),
    Kind.BREAKER: (
        "breaker",
        "Mail waits and is tried again by itself; what gets too late is skipped.",
        "See the provider's status page, its key and your account; then close it on the admin's Control page.",
    ),
}


def check(now: datetime) -> Iterator[Finding]:
    findings = [_of_blocker(blocker) for blocker in blockers.present()]
    yield from findings or [fine("sending", "Mail may leave.")]


def _of_blocker(blocker: Blocker) -> Finding:
    subject, why, remedy = WORDS[blocker.kind]
    is_mild = blocker.may_pass or blocker.kind == Kind.SWITCHED_OFF
    return Finding(Level.WARNING if is_mild else Level.ERROR, subject, blocker.what, why, remedy)
