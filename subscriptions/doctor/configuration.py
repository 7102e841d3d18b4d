"""Settings that no single check can call wrong, and the findings of Django's own checks."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core import checks

from subscriptions.doctor.findings import Finding, Level, error, fine, warning

SHORTEST_SECRET = 50  # characters, as Django's own check asks
WHY_CHECKS = "It is known to lose or double mail, or to let strangers in."
SEE_SETTINGS = "Correct what it names; README.md lists every setting."


def check(now: datetime) -> Iterator[Finding]:
    if settings.DEBUG:
        yield warning(
            "DEBUG",
            "It is on: this is a development site.",
            why="Error pages show the settings to every visitor, and production's checks are left out.",
            remedy="Set DEBUG=false where readers come.",
        )
    yield from _of_secrets()
    yield from _of_checks()


def _of_secrets() -> Iterator[Finding]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield error(
            "SECRET_KEY",
            f"It has fewer than {SHORTEST_SECRET} characters.",
            why="Whoever guesses it can sign in as anybody and forge links.",
            remedy="Set a long random one, and the old one in SECRET_KEY_FALLBACKS so that old links keep working.",
        )
    if settings.ADDRESS_KEY == settings.SECRET_KEY:
        yield warning(
            "ADDRESS_KEY",
            "It is the same as SECRET_KEY.",
            why="When SECRET_KEY changes one day, nobody recognises the suppressed addresses any more.",
            remedy="Set ADDRESS_KEY to the present SECRET_KEY, and never change it from then on.",
        )


def _of_checks() -> Iterator[Finding]:
    messages = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    if not messages:
        yield fine("system checks", "They have nothing to say.")
    for message in messages:
        grade = Level.ERROR if message.is_serious() else Level.WARNING
        yield Finding(grade, f"system check {message.id}", message.msg, WHY_CHECKS, message.hint or SEE_SETTINGS)
