"""Fixtures of people and papers that the days of staff need."""

from tests.subscriptions.conftest import (
    _no_connection_is_left_open,
    make_paper,
    make_subscriber,
    model,
    some_papers,
    topics,
)

__all__ = ["_no_connection_is_left_open", "make_paper", "make_subscriber", "model", "some_papers", "topics"]
