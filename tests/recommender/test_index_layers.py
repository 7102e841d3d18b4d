"""Layers of papers: what is dead below, what is joined, what is read again."""

from collections.abc import Hashable

import numpy as np
import pytest

from recommender.index import mirror
from recommender.index.exact import VectorLayer
from recommender.index.layers import Layers
from recommender.index.mirror import Mirror, Rows


def layer(versions: dict[int, int]) -> VectorLayer:
    ids = np.array(list(versions), dtype=np.int64)
    vectors = np.stack([np.full(4, key + 1, dtype=np.float32) for key in versions])
    return VectorLayer.of(ids, np.array(list(versions.values()), dtype=np.int64), vectors)


def numbered(first: int, last: int, version: int = 1) -> VectorLayer:
    return layer(dict.fromkeys(range(first, last), version))


def test_a_changed_paper_is_alive_once() -> None:
    layers = Layers().with_layer(numbered(0, 20)).with_layer(numbered(3, 5, version=2))
    assert layers.ids.tolist() == list(range(20))
    assert layers.versions_of(np.array([2, 3, 99])).tolist() == [1, 2, -1]


def test_layers_are_joined_when_the_upper_one_is_large() -> None:
    layers = Layers().with_layer(numbered(0, 20)).with_layer(numbered(20, 24))
    assert [len(part) for part in layers.parts] == [20, 4]
    layers = layers.with_layer(numbered(24, 27))
    assert [len(part) for part in layers.parts] == [27]
    assert layers.parts[0].layer.units.tolist() == pytest.approx([(key + 1) / 127 for key in range(27)])


def test_an_older_state_is_untouched_by_a_change() -> None:
    before = Layers().with_layer(numbered(0, 20))
    before.with_layer(numbered(3, 5, version=2)).without(np.array([1]))
    assert len(before) == 20
    assert before.versions_of(np.array([3])).tolist() == [1]


def test_what_is_wholly_gone_leaves_no_layer() -> None:
    assert Layers().with_layer(numbered(0, 3)).without(np.arange(3)).parts == ()


class Kept:
    """A table of numbers, with what was read of it."""

    def __init__(self, rows: dict[int, int]) -> None:
        self.rows = rows
        self.read_keys: list[int] = []

    def stamp(self) -> Hashable:
        return max(self.rows.values(), default=None)

    def since(self, version: int, limit: int | None) -> Rows:
        newer = sorted((item for item in self.rows.items() if item[1] >= version), key=lambda item: item[1])
        return Rows.of(newer[:limit])

    def count(self) -> int:
        return len(self.rows)

    def read(self, ids: list[int]) -> VectorLayer:
        self.read_keys += ids
        return layer({key: self.rows[key] for key in ids})


def test_only_what_changed_is_read_again() -> None:
    table = Kept(dict.fromkeys(range(20), 1))
    mirrored = Mirror(table, lambda layers: layers)
    assert len(mirrored.current()) == 20
    table.read_keys.clear()
    table.rows |= {3: 2, 20: 2}
    assert mirrored.current().versions_of(np.array([3, 20])).tolist() == [2, 2]
    assert table.read_keys == [3, 20]


def test_nothing_is_read_while_nothing_changes() -> None:
    mirrored = Mirror(Kept({1: 1}), lambda layers: layers)
    assert mirrored.current() is mirrored.current()


def test_what_went_is_noticed_with_the_next_change() -> None:
    table = Kept(dict.fromkeys(range(20), 1))
    mirrored = Mirror(table, lambda layers: layers)
    mirrored.current()
    del table.rows[5]
    table.rows[6] = 2
    assert 5 not in mirrored.current().ids


def test_a_change_that_came_late_is_found_by_the_number_of_papers() -> None:
    table = Kept({1: 1, 2: 9})
    mirrored = Mirror(table, lambda layers: layers)
    mirrored.current()
    table.rows |= {3: 4, 2: 10}
    assert mirrored.current().ids.tolist() == [1, 2, 3]


def test_a_failed_reading_is_tried_again() -> None:
    table = Kept({1: 1})
    mirrored = Mirror(table, lambda layers: layers)
    table.rows, rows = None, table.rows  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        mirrored.current()
    table.rows = rows
    assert len(mirrored.current()) == 1


def test_much_is_read_aside_and_a_request_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "SMALL", 5)
    mirrored = Mirror(Kept(dict.fromkeys(range(20), 1)), lambda layers: layers)
    mirrored.current()
    assert len(mirrored.caught_up()) == 20
    assert not mirrored.is_behind
