"""What a digest tells of papers that rose days after they came."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import Edition, EditionEntry, EntryReason, Paper, Signal
from recommender.candidates import loading, stretch, take_offs
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking.pick_reason import reason
from recommender.ranking.reader import Candidates, Pick, Reader, TookOff
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
DAYS = 7
CAME = TODAY - timedelta(days=5)

Counts = Sequence[tuple[int, int]]  # (days before TODAY, count)


@pytest.fixture
def model(db: None) -> EmbeddingModel:
    return EmbeddingModel.objects.create(name="any", dimension=4, serving=True)


@pytest.fixture
def risen(make_paper: Callable[..., Paper], model: EmbeddingModel) -> Callable[..., Paper]:
    """A paper with counts that took off on a day."""

    def made(number: int = 1, on: date = TODAY, came: date = CAME, **kinds: Counts) -> Paper:
        paper = make_paper(number, day=came, took_off_on=on)
        edition, _ = Edition.objects.get_or_create(date=on)
        EditionEntry.objects.create(edition=edition, paper=paper, reason=EntryReason.TOOK_OFF)
        Signal.objects.bulk_create(signals_of(paper, kinds))
        PaperVector.objects.create(
            paper=paper, model=model, vector=np.eye(4)[0], text_hash=b"", paper_updated_at=paper.updated_at
        )
        return paper

    return made


def signals_of(paper: Paper, kinds: Mapping[str, Counts]) -> list[Signal]:
    noon = datetime.combine(TODAY, time(12), UTC)
    return [
        Signal(paper=paper, kind=kind, value=value, observed_at=noon - timedelta(days=ago))
        for kind, counts in kinds.items()
        for ago, value in counts
    ]


def loaded(day: date = TODAY) -> Mapping[int, TookOff]:
    return loading.load(day, DAYS).took_off


def test_the_first_count_and_the_newest_are_told(risen: Callable[..., Paper]) -> None:
    paper = risen(upvotes=[(4, 4), (2, 9), (0, 61)])
    assert loaded() == {paper.pk: TookOff(TODAY - timedelta(days=4), 4, 61, "upvotes")}


def test_the_count_that_multiplied_is_told(risen: Callable[..., Paper]) -> None:
    paper = risen(upvotes=[(4, 40), (0, 61)], stars=[(4, 10), (0, 300)], comments=[(4, 0), (0, 900)])
    assert loaded()[paper.pk].kind == "stars"


@pytest.mark.parametrize(
    "counts",
    [{}, {"upvotes": [(0, 61)]}, {"upvotes": [(3, 9), (0, 9)]}, {"stars": [(3, 9), (0, 5)]}],
    ids=["nobody counted", "counted on one day", "did not grow", "went down"],
)
def test_nothing_is_told_where_growth_is_not_known(risen: Callable[..., Paper], counts: dict[str, Counts]) -> None:
    risen(**counts)
    assert loaded() == {}


def test_the_first_day_has_its_last_count(risen: Callable[..., Paper]) -> None:
    paper = risen(upvotes=[(4, 4), (0, 61)])
    later = datetime.combine(TODAY - timedelta(days=4), time(22), UTC)
    Signal.objects.create(paper=paper, kind="upvotes", value=6, observed_at=later)
    assert loaded()[paper.pk].then == 6


@pytest.mark.parametrize(("ago", "told"), [(DAYS - 1, True), (DAYS, False)])
def test_a_take_off_is_told_while_it_makes_a_candidate(risen: Callable[..., Paper], ago: int, told: bool) -> None:
    on = TODAY - timedelta(days=ago)
    risen(on=on, came=on - timedelta(days=3), upvotes=[(9, 4), (0, 61)])
    assert bool(loaded()) is told


def test_a_paper_that_came_on_that_day_did_not_take_off_later(risen: Callable[..., Paper]) -> None:
    risen(came=TODAY - timedelta(days=1), upvotes=[(1, 4), (0, 61)])
    Paper.objects.update(announced_on=TODAY)
    assert loaded() == {}


def test_papers_without_a_vector_have_it_too(risen: Callable[..., Paper]) -> None:
    paper = risen(upvotes=[(4, 4), (0, 61)])
    PaperVector.objects.all().delete()
    assert loading.load_unembedded(TODAY, DAYS).took_off.keys() == {paper.pk}


@pytest.mark.parametrize("ago", [0, 1, 3, 8])
def test_a_window_of_the_last_weeks_has_what_is_loaded_for_that_day(risen: Callable[..., Paper], ago: int) -> None:
    for number in range(1, 10):
        on = TODAY - timedelta(days=number)
        counts = [(back, 5 * (12 - back)) for back in range(12)]
        risen(number, on=on, came=on - timedelta(days=2), upvotes=counts)
    day = TODAY - timedelta(days=ago)
    found = loaded(day)
    assert stretch.load(TODAY).window(day, DAYS).candidates.took_off == found
    assert {rise.now for rise in found.values()} == {5 * (12 - ago)}


def test_the_queries_are_as_many_for_few_and_many(
    risen: Callable[..., Paper], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 12):
        risen(number, upvotes=[(4, number), (0, 60 + number)])
    with django_assert_num_queries(2):
        assert len(take_offs.load(CAME, TODAY)) == 11


def test_a_day_without_any_costs_one_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert take_offs.load(CAME, TODAY) == []


def test_a_reason_has_it_as_plain_data(risen: Callable[..., Paper]) -> None:
    paper = risen(upvotes=[(4, 4), (0, 61)])
    pool = loading.load(TODAY, DAYS)
    assert reason_of(paper.pk, pool) == {"since": "2026-06-26", "then": 4, "now": 61, "kind": "upvotes"}
    assert reason_of(paper.pk + 1, pool) is None


def reason_of(key: int, pool: Candidates) -> object:
    pick = Pick(key, 0.5, 0.0, None, None, None, 0, 0)
    return reason(pick, Reader(1, (), frozenset(), 5, 0.5, 0.3), pool)["took_off"]
