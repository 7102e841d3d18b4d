import pytest

from papers.remembered import Remembered


def counting(remembered: Remembered[int], key: object) -> int:
    """How often a value had to be computed so far: each computes the next number."""
    return remembered.get(key, lambda: next(numbers))  # type: ignore[arg-type]


numbers = iter(range(10_000))


def test_a_value_is_computed_once() -> None:
    kept: Remembered[int] = Remembered(10)
    assert counting(kept, ("a", 1)) == counting(kept, ("a", 1)) != counting(kept, ("a", 2))


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept: Remembered[int] = Remembered(2)
    first, _ = counting(kept, "a"), counting(kept, "b")
    assert counting(kept, "a") == first
    counting(kept, "c")
    assert counting(kept, "a") == first
    assert counting(kept, "b") > first + 2


def test_a_failure_is_not_kept() -> None:
    kept: Remembered[int] = Remembered(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 7) == 7


def test_keys_cannot_be_read_in_memory() -> None:
    kept: Remembered[int] = Remembered(2)
    kept.get("my unpublished idea \ud800", lambda: 1)
    assert b"idea" not in b"".join(kept._values)
