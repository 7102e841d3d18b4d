"""The site's Celery application by another clock."""

import tests.chaos.clock  # noqa: F401  first, so that everything after it sees that clock

# isort: split
from config.celery import app
from papers import shared_clock

shared_clock.looks = False

__all__ = ["app"]
