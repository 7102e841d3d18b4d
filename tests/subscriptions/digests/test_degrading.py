"""A digest goes out without what makes it better: while papers have no vectors, topics choose by their categories."""

from collections.abc import Callable

import pytest

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import EmbeddingModel, PaperVector
from subscriptions.digests import compose
from subscriptions.mails import pick_cards
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    InterestKind,
    Role,
    SkipReason,
    Subscriber,
)
from tests.subscriptions.conftest import MORNING, TODAY
from tests.subscriptions.digests.test_compose import compose_all, lease_all, picks

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_bare(db: None) -> Callable[..., Paper]:
    """Papers that nothing has embedded yet."""

    def make(number: int, **fields: object) -> Paper:
        words = {"title": f"Paper {number}", "abstract": f"What paper {number} found.", "authors": ["Ada Lovelace"]}
        paper = Paper.objects.create(identifier=f"2606.{number:05d}", **words | fields)
        edition, _ = Edition.objects.get_or_create(date=TODAY)
        EditionEntry.objects.create(edition=edition, paper=paper)
        return paper

    return make


@pytest.fixture
def bare_papers(make_bare: Callable[..., Paper]) -> list[Paper]:
    fields = [["cs.RO"], ["cs.CL", "cs.LG"], ["math.CO"], ["cs.CL"]]
    return [make_bare(number, categories=one, trend=number / 10) for number, one in enumerate(fields)]


@pytest.fixture
def reader(make_subscriber: Callable[..., Subscriber], topics: list[Topic]) -> Subscriber:
    Topic.objects.filter(pk=topics[0].pk).update(categories=["cs.CL"])
    return make_subscriber(follows=(0,))


def no_model() -> None:
    EmbeddingModel.objects.all().delete()


def a_model_that_embedded_nothing() -> None:
    PaperVector.objects.all().delete()


@pytest.mark.parametrize("outage", [no_model, a_model_that_embedded_nothing], ids=lambda one: one.__name__)
def test_without_vectors_the_categories_of_followed_topics_choose_and_trend_decides(
    reader: Subscriber, bare_papers: list[Paper], outage: Callable[[], None]
) -> None:
    outage()
    [items] = compose_all().items.values()
    assert picks(reader) == ["Paper 3", "Paper 1"]
    assert Digest.objects.get().considered == 2
    assert pick_cards.cards(items)[0].why == "Among the most noticed papers of these days"


def test_without_vectors_a_reader_without_topics_gets_what_trends(
    make_subscriber: Callable[..., Subscriber], bare_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=())
    Interest.objects.create(subscriber=ada, kind=InterestKind.TEXT, text="robots that learn")
    no_model()
    compose_all()
    assert picks(ada) == ["Paper 3", "Paper 2", "Paper 1", "Paper 0"]


def test_without_vectors_excluded_terms_and_what_was_sent_before_still_count(
    reader: Subscriber, bare_papers: list[Paper], make_bare: Callable[..., Paper]
) -> None:
    Subscriber.objects.update(excluded_terms=["gossip"])
    make_bare(9, categories=["cs.CL"], title="Gossip protocols", trend=0.9)
    no_model()
    earlier = Digest.objects.create(
        subscriber=reader,
        local_date="2026-06-01",
        due_at=MORNING,
        next_attempt_at=MORNING,
        status="skipped",
        reason="x",
    )
    DigestItem.objects.create(
        digest=earlier, subscriber=reader, paper=bare_papers[3], rank=1, score=1, relevance=1, role=Role.PICK
    )
    compose_all()
    assert picks(reader) == ["Paper 1", "Paper 3"]  # the second one in the earlier digest


def test_without_vectors_the_preview_shows_the_same(reader: Subscriber, bare_papers: list[Paper]) -> None:
    no_model()
    _, items = compose.preview(reader, MORNING)
    assert [item.paper_id for item in items] == [bare_papers[3].pk, bare_papers[1].pk]


def test_a_few_new_papers_without_vectors_do_not_fill_a_thin_day(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], make_bare: Callable[..., Paper]
) -> None:
    make_subscriber(follows=(6,))
    make_bare(50, trend=0.9)
    compose_all()
    assert Digest.objects.get().reason == SkipReason.EMPTY


def test_papers_of_one_source_are_enough(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    """A day on which arXiv was down and only a list of trending papers came."""
    from tests.subscriptions.conftest import axis

    make_subscriber(follows=(0,))
    make_paper(1, axis(0), arxiv_id="doi:10.1101/2026.1", listed_on=TODAY, trend=0.7)
    compose_all()
    assert Digest.objects.get().status == DeliveryStatus.PLANNED


def test_no_paper_at_all_is_a_skip_and_never_an_empty_mail(reader: Subscriber) -> None:
    no_model()
    composed = compose_all()
    assert (composed.digests, composed.items, composed.failed) == ([], {}, {})
    assert Digest.objects.get().reason == SkipReason.NO_PAPERS


def test_queries_do_not_grow_with_the_readers_without_vectors(
    make_subscriber: Callable[..., Subscriber], bare_papers: list[Paper]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    a_model_that_embedded_nothing()
    counts = []
    for size in (1, 2, 20):
        Subscriber.objects.all().delete()
        for number in range(size):
            one = make_subscriber(f"reader{number}@example.org", follows=(number % 5,))
            Digest.objects.create(subscriber=one, local_date=TODAY, due_at=MORNING, next_attempt_at=MORNING)
        token = lease_all()
        with CaptureQueriesContext(connection) as captured:
            assert len(compose.compose(token, MORNING).digests) == size
        counts.append(len(captured))
    assert counts[1] == counts[2]
