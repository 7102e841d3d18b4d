"""The site's Celery application by another clock."""

from tests.chaos import clock  # noqa: F401  first, so that everything after it sees that clock
from config.celery import app  # noqa: I001

__all__ = ["app"]
