"""A site in this very process, with the sample papers, papers that are hard to show, and readers in every state."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread
from django.utils.timezone import now

from subscriptions.people.wishes import Wishes
from tests.screenshots import odd_papers, readers, shots
from tests.screenshots.shots import Shot
from tests.stack import Stack

TOPICS = ("reinforcement-learning", "llm-agents-tool-use", "robot-learning")


@contextmanager
def running(stack: Stack, papers: Path | None = None) -> Iterator[dict[str, Shot]]:
    """Serve the site at the stack's address; yield its pages. papers: a file of others in place of the sample."""
    settings.DEBUG = False  # else errors would look as programmers see them
    if papers:
        call_command("migrate", verbosity=0)
        call_command("ingest", "jsonl", file=[str(papers)])
    call_command("prepare", no_sample=bool(papers))
    if not papers:
        odd_papers.store(now())
        call_command("embed")
    stack.start("encoder")
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, port=stack.port)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    try:
        yield pages()
    finally:
        thread.terminate()
        connections.close_all()


def pages() -> dict[str, Shot]:
    """Return all pages; makes the readers."""
    wishes = Wishes(topics=readers.topics(*TOPICS), texts=tuple(shots.TEXT.splitlines()))
    return shots.of_visitors() | readers.pages(wishes, now())
