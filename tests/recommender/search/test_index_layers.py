"""Layers of papers: what is dead below, what is joined, what is read again."""

from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from recommender.index import mirror
from recommender.index.exact import VectorLayer
from recommender.index.files import Files
from recommender.index.layers import Layers
from recommender.index.mirror import Mirror, Rows


def layer(versions: dict[int, int]) -> VectorLayer:
    ids = np.array(list(versions), dtype=np.int64)
    vectors = np.stack([np.full(4, key + 1, dtype=np.float32) for key in versions])
    return VectorLayer.of(ids, np.array(list(versions.values()), dtype=np.int64), vectors)


def seen(layers: Layers[VectorLayer]) -> Layers[VectorLayer]:
    return layers


def numbered(first: int, last: int, version: int = 1) -> VectorLayer:
    return layer(dict.fromkeys(range(first, last), version))


def test_a_changed_paper_is_alive_once() -> None:
    layers = Layers().with_layer(numbered(0, 20)).with_layer(numbered(3, 5, version=2))
    assert layers.ids.tolist() == list(range(20))
    assert layers.versions_of(np.array([2, 3, 99])).tolist() == [1, 2, -1]


def test_layers_are_joined_when_the_upper_one_is_large() -> None:
    layers = Layers().with_layer(numbered(0, 20)).with_layer(numbered(20, 24)).settled()
    assert [len(part) for part in layers.parts] == [20, 4]
    layers = layers.with_layer(numbered(24, 27))
    assert not layers.is_settled
    assert layers.settled(most=10).parts[0] is layers.parts[0]
    layers = layers.settled()
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
    mirrored = mirror_of(table)
    assert len(mirrored.current()) == 20
    table.read_keys.clear()
    table.rows |= {3: 2, 20: 2}
    assert mirrored.current().versions_of(np.array([3, 20])).tolist() == [2, 2]
    assert table.read_keys == [3, 20]


def test_nothing_is_read_while_nothing_changes() -> None:
    mirrored = Mirror(Kept({1: 1}), VectorLayer, seen, Files("numbers"))
    assert mirrored.current() is mirrored.current()


def test_what_went_is_noticed_with_the_next_change() -> None:
    table = Kept(dict.fromkeys(range(20), 1))
    mirrored = mirror_of(table)
    mirrored.current()
    del table.rows[5]
    table.rows[6] = 2
    assert 5 not in mirrored.current().ids


def test_a_change_that_came_late_is_found_by_the_number_of_papers() -> None:
    table = Kept({1: 1, 2: 9})
    mirrored = mirror_of(table)
    mirrored.current()
    table.rows |= {3: 4, 2: 10}
    assert mirrored.current().ids.tolist() == [1, 2, 3]


def test_a_failed_reading_is_tried_again() -> None:
    table = Kept({1: 1})
    mirrored = mirror_of(table)
    table.rows, rows = None, table.rows  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        mirrored.current()
    table.rows = rows
    assert len(mirrored.current()) == 1


def test_much_is_read_aside_and_a_request_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "SMALL", 5)
    mirrored = Mirror(Kept(dict.fromkeys(range(20), 1)), VectorLayer, seen, Files("numbers"))
    mirrored.current()
    assert len(mirrored.caught_up()) == 20
    assert not mirrored.is_behind


@pytest.fixture
def kept(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A table whose layers are large enough to be kept in files."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(mirror, "LARGE", 10)
    table = Kept(dict.fromkeys(range(20), 1))
    mirror_of(table).caught_up()
    table.read_keys.clear()
    return table


def mirror_of(table: Kept) -> Mirror[VectorLayer, Layers[VectorLayer]]:
    return Mirror(table, VectorLayer, seen, Files("numbers"))


def test_after_a_restart_only_what_changed_is_read(kept: Kept) -> None:
    kept.rows |= {3: 2, 20: 2}
    del kept.rows[7]
    again = mirror_of(kept).caught_up()
    assert kept.read_keys == [3, 20]
    assert again.ids.tolist() == sorted(kept.rows)
    assert again.parts[0].layer.units[5] == pytest.approx(6 / 127)


def test_files_of_another_time_do_not_pass_for_papers(kept: Kept) -> None:
    kept.rows = dict.fromkeys(range(20), 3)
    assert mirror_of(kept).caught_up().versions_of(np.arange(20)).tolist() == [3] * 20


def test_what_was_read_stays_readable_when_newer_files_take_its_place(kept: Kept) -> None:
    before = mirror_of(kept).caught_up()
    kept.rows |= dict.fromkeys(range(20, 60), 2)
    assert len(mirror_of(kept).caught_up()) == 60
    assert before.parts[0].layer.units[5] == pytest.approx(6 / 127)
    assert len([path for path in Files("numbers").folder.iterdir() if path.is_dir()]) == 1


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: (Files("numbers").folder / "current").unlink(),
    "another's": lambda file: file.rename(file.with_name("other.npy")),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-8]),
    "empty": lambda file: file.write_bytes(b""),
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "an archive": lambda file: file.write_bytes(b"PK\x03\x04 and so on"),
    "a name that leads nowhere": lambda file: (Files("numbers").folder / "current").write_bytes(b"\xff\0"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_read_anew(kept: Kept, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    [file] = Files("numbers").folder.rglob("units.npy")
    DAMAGES[damage](file)
    assert len(mirror_of(kept).caught_up()) == 20
    assert len(kept.read_keys) == 20
    assert ("is damaged" in caplog.text) is (damage not in ("gone", "another's"))
    kept.read_keys.clear()
    assert len(mirror_of(kept).caught_up()) == 20
    assert kept.read_keys == [], "and written anew"


def test_where_nothing_can_be_written_all_goes_on_in_memory(
    kept: Kept, tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.VAR_DIR = tmp_path / "a file"
    settings.VAR_DIR.write_text("")
    assert len(mirror_of(kept).caught_up()) == 20
    assert "not kept" in caplog.text
