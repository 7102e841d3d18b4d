"""A morning with some papers, on which somebody who is nobody's subscriber looks at what there is."""

from collections.abc import Iterator

import pytest
import time_machine

from papers.models import Paper, Topic
from tests.subscriptions.conftest import MORNING


@pytest.fixture
def morning(topics: list[Topic], some_papers: list[Paper]) -> Iterator[list[Paper]]:
    """Papers 0 to 2 are of topic 0, paper 3 of topic 4."""
    with time_machine.travel(MORNING):
        yield some_papers
