"""A small site as programs see it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from papers.models import EditionEntry, Paper, Signal, SignalKind, Topic
from recommender.models import PaperTopic
from subscriptions.limits.shared_counts import allowances
from tests.recommender.conftest import NOW, TODAY

BEFORE = date(2026, 6, 29)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def nobody_has_asked() -> None:
    allowances.forget()


@pytest.fixture
def site(make_paper: Callable[..., Paper], make_topic: Callable[..., Topic]) -> list[Paper]:
    """Twelve papers: of two fields and two days, some without a trend, one withdrawn, one hidden, one featured."""
    papers = [
        make_paper(
            number,
            f"Robot {number:02d}",
            field="cs" if number % 2 else "math",
            day=TODAY if number < 9 else BEFORE,
            categories=["cs.RO" if number % 2 else "math.CO"],
            trend=None if number > 5 else number / 10,
            authors=["Ada Lovelace"],
        )
        for number in range(1, 13)
    ]
    Paper.objects.filter(pk=papers[6].pk).update(withdrawn_on=TODAY)
    EditionEntry.objects.filter(paper=papers[7]).update(hidden=True)
    EditionEntry.objects.filter(paper=papers[5]).update(featured=True, note="Read this one.")
    Signal.objects.create(
        paper=papers[0], kind=SignalKind.UPVOTES, value=7, observed_at=datetime(2026, 6, 30, tzinfo=UTC)
    )
    topic = make_topic("Robots", categories=["cs.RO"])
    PaperTopic.objects.bulk_create(PaperTopic(paper=paper, topic=topic, similarity=0.9) for paper in papers[:3])
    return papers


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    def ask(path: str, **parameters: Any) -> Any:
        response = client.get(f"/api/v1/{path}", parameters)
        assert response.status_code == 200, response.content
        return response.json()

    return ask
