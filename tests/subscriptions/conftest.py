"""People, papers and vectors of eight dimensions: small enough to think about, and stored as the real ones are."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils.timezone import now
from pytest_django.live_server_helper import LiveServer

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import EmbeddingModel, PaperVector, TopicVector
from recommender.vectors import unit
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import Digest, Interest, InterestKind, Subscriber, SubscriberStatus
from subscriptions.people import links, tokens
from subscriptions.people.addresses import address_hash
from subscriptions.people.tokens import Purpose
from subscriptions.transport import sending
from tests.fakes.odds import Ledger
from tests.services import FaultySmtp, PostgresServer, RedisServer, fresh_database, migrated_database
from tests.subscriptions.pages.site import Site, owned

if TYPE_CHECKING:  # importing it costs a second
    from playwright.sync_api import Browser, Page

DIMENSION = 8
TODAY = date(2026, 6, 30)
MORNING = datetime(2026, 6, 30, 8, 0, tzinfo=UTC)
PATIENCE = 60_000  # milliseconds, of a browser on a busy machine


def axis(number: int, lean: float = 0.0) -> np.ndarray:
    """A unit vector along one axis, leaning a little to the next one."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[number], vector[(number + 1) % DIMENSION] = 1.0, lean
    return unit(vector)


def plan(at: datetime = MORNING) -> list[int]:
    """Keys of the digests that planning made now, the oldest first."""
    before = set(Digest.objects.values_list("pk", flat=True))
    planning.plan(at)
    return [pk for pk in Digest.objects.order_by("pk").values_list("pk", flat=True) if pk not in before]


def deliver_due(at: datetime = MORNING) -> int:
    """Plan and deliver, as the minute's tick and the workers do; the number sent."""
    planning.plan(at)
    sent, left = 0, -1
    while left != (left := Digest.objects.waiting(at).count()):
        sent += batches.deliver_waiting(lambda: at)
    return sent


def preferences(subscriber: Subscriber, page: str = "preferences") -> str:
    """The path of a reader's preferences, or of another page that their link opens."""
    return reverse(page, args=[tokens.make(Purpose.PREFERENCES, subscriber.handle)])


def account_page(name: str, subscriber: Subscriber) -> str:
    """The path of a page about the account, by a link that was made at this moment."""
    return reverse(name, args=[links.token(Purpose.ACCOUNT, subscriber, now() + links.ACCOUNT_FOR)])


def is_for_everybody_on_a_phone(page: "Page") -> None:
    """Fails for what screen readers cannot tell, and for what is wider than a narrow phone."""
    from axe_playwright_python.sync_playwright import Axe

    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(chromium: "Browser", live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator["Page"]:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=request.param) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@pytest.fixture(autouse=True)
def _no_connection_is_left_open() -> Iterator[None]:
    """A process keeps its connection to the mail server, which ends with the test."""
    yield
    sending.hang_up()


@pytest.fixture
def model(db: None) -> EmbeddingModel:
    return EmbeddingModel.objects.create(name="test", dimension=DIMENSION, serving=True)


@pytest.fixture
def make_paper(model: EmbeddingModel) -> Callable[..., Paper]:
    def make(number: int, vector: np.ndarray, day: date = TODAY, **fields: Any) -> Paper:
        arxiv_id = fields.pop("arxiv_id", f"2606.{number:05d}")
        words = {"title": f"Paper {number}", "abstract": f"What paper {number} found.", "authors": ["Ada Lovelace"]}
        paper = Paper.objects.create(identifier=arxiv_id, **words | fields)
        edition, _ = Edition.objects.get_or_create(date=day)
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )
        return paper

    return make


@pytest.fixture
def topics(model: EmbeddingModel) -> list[Topic]:
    """Eight topics, one along each axis."""
    made = []
    for number in range(DIMENSION):
        topic = Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}", field="cs", description="…")
        TopicVector.objects.create(topic=topic, model=model, vector=axis(number), text_hash=b"x" * 16)
        made.append(topic)
    return made


@pytest.fixture
def make_subscriber(topics: list[Topic]) -> Callable[..., Subscriber]:
    def make(email: str = "ada@example.org", follows: tuple[int, ...] = (0,), **fields: Any) -> Subscriber:
        defaults = {"status": SubscriberStatus.ACTIVE, "confirmed_at": MORNING, "next_digest_at": MORNING}
        subscriber = Subscriber.objects.create(email=email, address_hash=address_hash(email), **defaults | fields)
        for number in follows:
            Interest.objects.create(subscriber=subscriber, kind=InterestKind.TOPIC, topic=topics[number])
        return subscriber

    return make


@pytest.fixture
def some_papers(make_paper: Callable[..., Paper]) -> list[Paper]:
    """Three papers on topic 0 and one on topic 4; each leans another way, so that none is a near-duplicate."""
    lean = [axis(0, 0.6), axis(0, -0.7), unit(axis(0) + 0.7 * axis(2)), axis(4)]
    return [make_paper(number, vector, trend=0.1 * number) for number, vector in enumerate(lean)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """One that may be stopped without harm to other tests, with a database "production" to copy.

    Only the installation that migrated a database sends from it.
    """
    server = PostgresServer()
    server.start()
    owned(migrated_database(server, "production"))
    yield server
    server.remove()


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[FaultySmtp]:
    """A mail server that writes down whose digest it accepted."""
    with FaultySmtp(ledger=Ledger(tmp_path / "ledger")) as sink:
        yield sink


@pytest.fixture
def site(postgres: PostgresServer, redis_server: RedisServer, redis_url: str, sink: FaultySmtp) -> Iterator[Site]:
    with closing(Site(fresh_database(postgres, "restarts", like="production"), sink, redis_server)) as site:
        yield site
