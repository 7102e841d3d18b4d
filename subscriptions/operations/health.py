"""Tell whether this site can work just now: for a load balancer or a service manager, which ask every few seconds.

Each question is asked in a thread of its own and waited for shortly, so that a database or a broker that hangs makes
an answer that says so, and not one that hangs too. A question that still hangs is not asked a second time.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from papers import shared_clock
from papers.arxiv.announcements import batch_before, batch_due
from papers.models import Paper
from papers.shared_clock import now
from recommender.encoding import query_encoder
from recommender.index import choice
from subscriptions.models import Control

PATIENCE = 2.0  # seconds for all questions together
KEPT = 1.0  # seconds that an answer holds, however many ask
TICK_WITHIN = timedelta(minutes=5)  # one comes each minute
NOT_NEEDED = {"encoder", "clock"}  # told, and no reason to take a machine out of service: others would have as little


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that should work, and its state, without a secret; without what is not needed the site goes on."""

    name: str
    ok: bool
    state: str
    needed: bool = True

    def as_data(self) -> dict[str, object]:
        return {"name": self.name, "ok": self.ok, "state": self.state, "needed": self.needed}


class Unready(Exception):
    """Raised for what does not work, in words."""


class Question:
    """Something that may hang, asked by one thread at a time."""

    def __init__(self, name: str, ask: Callable[[], str]) -> None:
        self.name, self.ask, self.needed = name, ask, name not in NOT_NEEDED
        self.thread: threading.Thread | None = None
        self.answer: Part | None = None

    def begin(self) -> None:
        if self.thread and self.thread.is_alive():
            return
        self.answer = None
        self.thread = threading.Thread(target=self._answer, daemon=True, name=f"readiness of {self.name}")
        self.thread.start()

    def wait(self, seconds: float) -> Part:
        if self.thread:
            self.thread.join(max(0.0, seconds))
        return self.answer or self._part(False, "does not answer")

    def _answer(self) -> None:
        try:
            self.answer = self._part(True, self.ask())
        except Unready as unready:
            self.answer = self._part(False, str(unready))
        except Exception as error:  # its text may hold an address of a host, so the kind alone is told
            self.answer = self._part(False, type(error).__name__)
        finally:
            connection.close()

    def _part(self, ok: bool, state: str) -> Part:
        return Part(self.name, ok, state, self.needed)


def _of_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return "answers"


def of_migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise Unready(f"{missing} are missing: run manage.py prepare")
    return "all applied"


def _of_broker() -> str:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=int(PATIENCE))
        # A transport without a server, such as a folder, is connected by nothing.
        with broker.channel():
            return "answers"


def of_papers() -> str:
    """Judge the papers as the doctor does: one of arXiv's announcements may be late, not two."""
    moment = now()
    newest = Paper.objects.order_by("-pk").values_list("created_at", flat=True).first()
    if newest is None:
        raise Unready("there is none: run manage.py prepare")
    hours = f"the newest came {(moment - newest).total_seconds() / 3600:.0f} hours ago"
    if newest.date() < batch_before(batch_due(moment)):
        raise Unready(hours)
    return hours


def of_beat() -> str:
    last = Control.objects.values_list("last_tick_at", flat=True).first()
    if last is None:
        raise Unready("has not ticked yet")
    seconds = (now() - last).total_seconds()
    state = f"ticked {seconds:.0f} seconds ago"
    if seconds > TICK_WITHIN.total_seconds():
        raise Unready(state)
    return state


def _of_index() -> str:
    """Tell whether this process has read the papers since it began: a large change later hides nothing for long."""
    if choice.is_warming_up():
        raise Unready("papers are being read: searches do not find all of them yet")
    return "has the papers"


def _of_clock() -> str:
    """Tell whether this machine's clock is right; pages go by the database's meanwhile, so it keeps nobody out."""
    if shared_clock.is_off(shared_clock.ahead()):
        raise Unready(f"is {shared_clock.in_words(shared_clock.ahead())}")
    return "agrees with the database's"


def _of_encoder() -> str:
    try:
        query_encoder.encode([], model=settings.EMBEDDING_MODEL)
    except query_encoder.EncoderAway as error:
        raise Unready("does not answer: searches go by words alone, and previews leave free texts out") from error
    return "answers"


class Readiness:
    """Asks all questions, and keeps the answers for a moment."""

    def __init__(self, questions: dict[str, Callable[[], str]]) -> None:
        self.questions = [Question(name, ask) for name, ask in questions.items()]
        self.lock = threading.Lock()
        self.kept: tuple[float, list[Part]] = (float("-inf"), [])

    def parts(self) -> list[Part]:
        with self.lock:
            if monotonic() - self.kept[0] > KEPT:
                parts = self._ask()
                self.kept = (monotonic(), parts)
            return self.kept[1]

    def _ask(self) -> list[Part]:
        end = monotonic() + PATIENCE
        for question in self.questions:
            question.begin()
        return [question.wait(end - monotonic()) for question in self.questions]


readiness = Readiness(
    {
        "database": _of_database,
        "migrations": of_migrations,
        "broker": _of_broker,
        "papers": of_papers,
        "beat": of_beat,
        "index": _of_index,
        "clock": _of_clock,
        "encoder": _of_encoder,
    }
)


def ready_now() -> tuple[bool, dict[str, object]]:
    """Return whether all is well, and the parts as data."""
    parts = readiness.parts()
    ok = all(part.ok or not part.needed for part in parts)
    return ok, {"ready": ok, "at": datetime.now(UTC).isoformat(), "parts": [part.as_data() for part in parts]}
