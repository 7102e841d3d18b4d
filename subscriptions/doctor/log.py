"""Whether an error leaves a line anywhere, and whether somebody can count what goes on."""

import logging
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from subscriptions.doctor.findings import Finding, error, fine

TOLD_BY = ("django.request", "celery", "subscriptions")
WHY = "An error in a page, a task or a command is seen by nobody."

REMEDY = "Set LOG_LEVEL to INFO, leave LOGGING as it is, and start the processes with standard error open."


def check(now: datetime) -> Iterator[Finding]:
    silent = [(name, why) for name in TOLD_BY if (why := _why_silent(logging.getLogger(name)))]
    for name, why in silent:
        yield error("log", f"Errors of {name} leave no line: {why}.", why=WHY, remedy=REMEDY)
    if not silent:
        yield fine("log", "Errors go to standard error; see that the service manager keeps it.")
    if settings.METRICS_TOKEN:
        yield fine("numbers", "Prometheus gets them at /metrics with METRICS_TOKEN.")
    else:
        yield fine("numbers", "METRICS_TOKEN is not set, so there is no page /metrics for Prometheus.")


def _why_silent(logger: logging.Logger) -> str:
    """Return why errors of this logger come out nowhere; '' if they do somewhere."""
    if not logger.isEnabledFor(logging.ERROR):
        return "its level is above ERROR"
    handlers = list(_handlers_of(logger))
    if not handlers:
        return "there is no handler"
    if all(handler.level > logging.ERROR for handler in handlers):
        return "the level of its handlers is above ERROR"
    return "" if any(_goes_somewhere(handler) for handler in handlers) else "its handlers write to nowhere"


def _handlers_of(logger: logging.Logger) -> Iterator[logging.Handler]:
    current: logging.Logger | None = logger
    while current:
        yield from current.handlers
        current = current.parent if current.propagate else None


def _goes_somewhere(handler: logging.Handler) -> bool:
    if isinstance(handler, logging.NullHandler) or handler.level > logging.ERROR:
        return False
    if not isinstance(handler, logging.StreamHandler):
        return True
    stream = handler.stream
    return bool(stream) and not getattr(stream, "closed", False) and not _is_null(stream)


def _is_null(stream: object) -> bool:
    """Tell whether it is /dev/null."""
    try:
        return os.fstat(stream.fileno()).st_rdev == Path(os.devnull).stat().st_rdev  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):
        return False
