"""A site in this very process, with the sample papers, papers that are hard to show, and readers in every state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from django.utils.timezone import now

from subscriptions.people.wishes import Wishes
from tests.screenshots import readers, shots, staff
from tests.screenshots.shots import Shot
from tests.stack import Stack

TOPICS = ("reinforcement-learning", "llm-agents-tool-use", "robot-learning")


@contextmanager
def running(stack: Stack, store: Callable[[datetime], None], papers: Path | None = None) -> Iterator[None]:
    """Serve the site at the stack's address.

    papers: a file of them, in place of the sample. store: adds more.
    """
    import_module(settings.ROOT_URLCONF)  # with the pages of development
    settings.DEBUG = False  # else errors would look as programmers see them
    if papers:
        call_command("migrate", verbosity=0)
        call_command("ingest", "jsonl", file=[papers])
    call_command("prepare", no_sample=bool(papers))
    store(now())
    call_command("embed")
    stack.start("encoder")
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, port=stack.port)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    try:
        yield
    finally:
        thread.terminate()
        connections.close_all()


def pages() -> dict[str, Shot]:
    """Return all pages; makes the readers."""
    wishes = Wishes(topics=readers.topics(*TOPICS), texts=tuple(shots.TEXT.splitlines()))
    own = readers.pages(wishes, now())
    return shots.of_visitors() | own | {"mail": readers.newest_mail()} | staff.pages(now())
