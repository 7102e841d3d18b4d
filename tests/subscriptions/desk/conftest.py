"""A reader with digests behind them, and what they kept of these."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from papers.models import Paper
from subscriptions.models import Feedback, FeedbackKind, Subscriber
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.digests.test_compose import compose_all


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    """Three papers were sent to her; what she says of some stands in `keep`."""
    ada = make_subscriber()
    compose_all()
    return ada


@pytest.fixture
def keep(ada: Subscriber) -> Callable[..., None]:
    def keep(*papers: Paper, kind: FeedbackKind = FeedbackKind.SAVE) -> None:
        """The later ones later."""
        for number, paper in enumerate(papers):
            at = MORNING + timedelta(hours=number)
            Feedback.objects.create(subscriber=ada, paper=paper, kind=kind, at=at)

    return keep
