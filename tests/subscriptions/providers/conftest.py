"""One digest, and a provider on the loopback that it goes through."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches
from subscriptions.models import Digest, Subscriber
from subscriptions.transport import sending
from tests.fakes.dialects import DIALECTS
from tests.fakes.mail_api import MailApi
from tests.subscriptions.conftest import plan


@pytest.fixture
def digest(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Digest:
    make_subscriber()
    plan()
    return Digest.objects.get()


@pytest.fixture
def through(settings: Settings) -> Iterator[Callable[[str], MailApi]]:
    """Start a provider by its name, and let all mail go through it."""
    with ExitStack() as open_servers:

        def start(backend: str, to: str = "ada@example.org") -> MailApi:
            api = open_servers.enter_context(MailApi(DIALECTS[backend], to))
            settings.EMAIL_BACKEND = f"anymail.backends.{backend}.EmailBackend"
            settings.ANYMAIL = api.settings
            return api

        yield start
        sending.hang_up()


def deliver(at: datetime) -> Digest:
    """Deliver what waits at this time; the one digest."""
    batches.deliver_waiting(lambda: at)
    return Digest.objects.get()
