"""A query that is compiled once answers as Django's own does, whatever it is asked for."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Value
from django.test.utils import CaptureQueriesContext

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.models import EmbeddingModel, PaperVector

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 8, tzinfo=UTC)


def with_keys(keys: Collection[int]) -> QuerySet[Paper, Any]:
    return Paper.objects.filter(pk__one_of=keys).order_by("-pk").values_list("pk", "identifier", "authors")


def with_names(names: Collection[str]) -> QuerySet[Paper, Any]:
    return Paper.objects.filter(identifier__one_of=names).order_by("pk").values_list("identifier")


@pytest.fixture
def keys() -> list[int]:
    authors: list[list[str]] = [[], ["Ada"], ["Bo", "Chen ☃"]]
    rows = [Paper(identifier=f"2606.{at:05d}", title=f"Paper {at}", authors=authors[at % 3]) for at in range(30)]
    return [paper.pk for paper in Paper.objects.bulk_create(rows)]


@pytest.mark.parametrize("count", [0, 1, 7, 30])
def test_any_number_of_keys_is_answered_as_django_does(keys: list[int], count: int) -> None:
    prepared = Prepared(with_keys, keys=([1], [2]))
    columns = ("pk", "identifier", "authors")
    plain = Paper.objects.filter(pk__in=keys[:count]).order_by("-pk").values_list(*columns)
    assert prepared(keys=set(keys[:count])) == list(plain)
    assert prepared(keys=keys[:count]) == list(plain)


@pytest.mark.parametrize("name", ["2607.00001", "nobody's", 'a "quoted" one', "{1,2}", "☃", "%s"])
def test_names_are_compared_as_they_are(keys: list[int], name: str) -> None:
    Paper.objects.filter(pk=keys[0]).update(identifier=name)
    prepared = Prepared(with_names, names=(["a"], ["b"]))
    assert (name,) in prepared(names=[name, "2606.00004"])


def test_lists_that_are_empty_are_not_shared(keys: list[int]) -> None:
    prepared = Prepared(with_keys, keys=([1], [2]))
    prepared(keys=keys)[-1][2].append("somebody")
    assert prepared(keys=keys)[-1][2] == []


def test_vectors_and_times_are_converted_both_ways(keys: list[int]) -> None:
    model = EmbeddingModel.objects.create(name="small", dimension=2, serving=True)
    for at, key in enumerate(keys[:3]):
        moment = NOW + timedelta(hours=at)
        PaperVector.objects.create(paper_id=key, model=model, vector=b"\0<\0\0", text_hash=b"", paper_updated_at=moment)

    def since(moment: datetime) -> QuerySet[PaperVector, Any]:
        rows = PaperVector.objects.filter(paper_updated_at__gte=moment).order_by("pk")
        return rows.values_list("vector", "paper_updated_at")

    found = Prepared(since, moment=(NOW, NOW + timedelta(days=1)))(moment=NOW + timedelta(hours=1))
    assert [(vector.tolist(), moment) for vector, moment in found] == [
        ([1.0, 0.0], NOW + timedelta(hours=1)),
        ([1.0, 0.0], NOW + timedelta(hours=2)),
    ]


def test_what_is_fixed_compiles_it_again_and_what_never_changes_is_written_into_it(keys: list[int]) -> None:
    def titled(title: str, keys: Collection[int]) -> QuerySet[Paper, Any]:
        rows = Paper.objects.filter(pk__one_of=keys, title=title)
        return rows.annotate(always=Value(7), quoted=Value("it's")).values_list("pk", "always", "quoted")

    prepared = Prepared(titled, keys=([1], [2]))
    for at in range(20):
        assert prepared(f"Paper {at}", keys=keys) == [(keys[at], 7, "it's")]
    assert len(prepared._known) <= 8


def test_it_is_seen_by_whoever_counts_queries(keys: list[int]) -> None:
    prepared = Prepared(with_keys, keys=([1], [2]))
    with CaptureQueriesContext(connection) as seen:
        prepared(keys=keys)
    assert len(seen) == 1


def test_many_keys_are_one_parameter_within_a_query_too(keys: list[int]) -> None:
    inner = Paper.objects.filter(identifier__one_of=["2606.00001", "2606.00002"]).values("pk")
    found = Paper.objects.filter(pk__in=inner).values_list("identifier", flat=True)
    assert sorted(found) == ["2606.00001", "2606.00002"]


def test_papers_by_their_keys_are_whole(keys: list[int]) -> None:
    found, plain = Paper.by_key([*keys[5:9], 10**12]), Paper.objects.in_bulk(keys[5:9])
    columns = [field.attname for field in Paper._meta.concrete_fields]
    assert found.keys() == plain.keys()
    for key, paper in found.items():
        assert [getattr(paper, name) for name in columns] == [getattr(plain[key], name) for name in columns]
        assert not paper._state.adding
        assert paper.get_deferred_fields() == set()
    assert Paper.by_key([]) == {}
