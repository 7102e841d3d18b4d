"""The vectors in memory, one byte a number."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.index import exact
from recommender.index.exact import Index, VectorLayer
from recommender.index.layers import Layers
from recommender.vectors import unit

RANDOM = np.random.default_rng(0)
VECTORS = unit(RANDOM.standard_normal((500, 64)))
QUERY = unit(RANDOM.standard_normal(64))


def index(*spans: range) -> Index:
    layers: Layers[VectorLayer] = Layers()
    for at, span in enumerate(spans):
        ids = np.array(span, dtype=np.int64)
        layers = layers.with_layer(VectorLayer.of(ids, np.full(len(ids), at), VECTORS[ids])).settled()
    return Index(layers)


def nearest(k: int, allowed: np.ndarray | None = None) -> list[int]:
    products = VECTORS @ QUERY
    return np.argsort(-np.where(True if allowed is None else allowed, products, -9))[:k].tolist()


def test_products_of_bytes_are_those_of_the_vectors_within_thousandths() -> None:
    [found] = index(range(500)).similarities(QUERY)
    assert found == pytest.approx(VECTORS @ QUERY, abs=0.006)


def test_the_nearest_are_among_those_found() -> None:
    assert set(nearest(10)) <= set(index(range(400), range(400, 460), range(460, 500)).near(QUERY, 30).ids.tolist())


def test_the_nearest_are_found_among_those_allowed() -> None:
    allowed = np.arange(500) % 7 == 0
    found = index(range(500)).near(QUERY, 20, allowed[:450]).ids
    assert set(nearest(5, allowed & (np.arange(500) < 450))) <= set(found.tolist())
    assert not (found % 7).any()
    assert found.max() < 450


def test_the_scale_is_that_of_all_papers() -> None:
    whole, products = index(range(400), range(400, 500)), VECTORS @ QUERY
    found = whole.near(QUERY, 1, np.zeros(500, dtype=bool)).scale
    assert (found.mean, found.deviation) == pytest.approx((products.mean(), products.std()), abs=1e-3)


def test_papers_that_went_are_not_found_and_do_not_count() -> None:
    gone = np.array(nearest(3))
    smaller = Index(index(range(500)).layers.without(gone))
    found = smaller.near(QUERY, 10)
    assert not np.isin(gone, found.ids).any()
    assert found.scale.mean == pytest.approx(np.delete(VECTORS @ QUERY, gone).mean(), abs=1e-3)


def test_an_empty_index_finds_nothing() -> None:
    assert index().near(QUERY, 5).ids.tolist() == []


def test_any_papers_similarity_is_told_within_some_thousandths() -> None:
    told = index(range(400), range(400, 460), range(450, 500)).near(QUERY, 5).roughly
    assert told is not None
    asked = np.array([499, 0, 455, 7_000, 200], dtype=np.int64)
    similarities = told(asked)
    assert np.isnan(similarities[3])
    known = np.delete(np.arange(5), 3)
    assert np.abs(similarities[known] - VECTORS[asked[known]] @ QUERY).max() < 0.01


@example([0, 0, -7.75e-43])
@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3))
def test_numbers_in_bytes_are_off_by_half_a_unit_at_most(numbers: list[float]) -> None:
    row = np.array([numbers], dtype=np.float32)
    found, units = exact.in_bytes(row)
    assert np.abs(found * units[:, None] - row).max() <= 0.51 * units[0]


def test_top_gives_the_largest_first() -> None:
    values = np.array([0.1, 0.9, 0.5, 0.7], dtype=np.float32)
    assert exact.top(values, 2).tolist() == [1, 3]
    assert exact.top(values, 9).tolist() == [1, 3, 2, 0]
    assert exact.top(values, 0).tolist() == []
