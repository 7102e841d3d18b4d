"""What keeps mail from leaving at this moment, in the operator's words: for the admin, the command and the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.conf import settings

from subscriptions.models import Breaker, Control, StopReason

LASTING = 10  # failures in a row: with the growing pauses between them, a quarter of an hour


class Kind(Enum):
    SWITCHED_OFF = auto()  # by the environment
    NO_CONTROL = auto()
    OTHER_INSTANCE = auto()
    STOPPED = auto()
    BREAKER = auto()


@dataclass(frozen=True, slots=True)
class Blocker:
    kind: Kind
    what: str
    may_pass: bool = False  # of itself, and soon


def present() -> list[Blocker]:
    """List everything that keeps mail from leaving, nothing if it may leave. Two queries."""
    return [*_of_environment(), *_of_control(Control.objects.first()), *_of_breakers()]


def _of_environment() -> Iterator[Blocker]:
    if not settings.SENDING_ENABLED:
        yield Blocker(Kind.SWITCHED_OFF, "SENDING_ENABLED is false, so nothing leaves this instance.")


def _of_control(control: Control | None) -> Iterator[Blocker]:
    if control is None:
        yield Blocker(Kind.NO_CONTROL, "The database does not say yet which instance sends for it.")
        return
    if control.instance_id != settings.INSTANCE_ID:
        what = (
            f"This database belongs to the instance “{control.instance_id}”, and this one is “{settings.INSTANCE_ID}”."
        )
        yield Blocker(Kind.OTHER_INSTANCE, what)
    if control.stopped_at:
        reason = f"{StopReason(control.stopped_because).label} {control.note}".strip()
        what = f"All sending is stopped since {_written(control.stopped_at)}. {reason}"
        yield Blocker(Kind.STOPPED, what)


def _of_breakers() -> Iterator[Blocker]:
    for breaker in Breaker.objects.open().order_by("provider"):
        until = f"{breaker.open_until:%H:%M} UTC"
        failures = f", after {breaker.failures} failures in a row" if breaker.failures > 1 else ""
        what = f"No mail goes to the provider {breaker.provider} before {until}{failures}. {breaker.reason}".strip()
        yield Blocker(Kind.BREAKER, what, may_pass=breaker.failures < LASTING)


def _written(moment: datetime) -> str:
    return f"{moment:%d %B, %H:%M} UTC"
