"""The day on which lists are looked at, and papers of an edition."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from papers.models import Edition, EditionEntry, Paper

TODAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
Make = Callable[..., Paper]


@pytest.fixture
def noon(time_machine: Any) -> Any:
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def make() -> Make:
    def make(number: int, day: date = TODAY, entry: dict[str, Any] | None = None, **fields: Any) -> Paper:
        words = {"title": f"Paper {number:03d}", "abstract": "Found.", "authors": ["Ann Lee"], "announced_on": day}
        paper = Paper.objects.create(identifier=f"2606.{number:05d}", **(words | fields))
        edition, _ = Edition.objects.get_or_create(date=day)
        EditionEntry.objects.create(edition=edition, paper=paper, **(entry or {}))
        return paper

    return make
