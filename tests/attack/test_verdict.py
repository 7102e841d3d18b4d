"""What an attack is judged by: each rule is told when it is broken, and only then."""

from dataclasses import replace

import pytest

from tests.attack.verdict import Findings, complaints, table

CALM = [("front page", 200, 0.1)] * 99
WELL = Findings(
    at_rest=CALM,
    attacked=[*CALM, ("front page", 200, 0.39)],
    busy_at_rest={"web": 0.2},
    busy={"web": 0.9},
    answers={"oversized": {413: 3}},
    failed=[],
    unanswered=[],
    least_held=200,
    workers_before={"web": [1, 2]},
    workers_after={"web": [1, 2]},
    memory_before={1: 100.0, 2: 100.0},
    memory_after={1: 115.0, 2: 90.0},
    mail_after=8.0,
    left_over=[],
    logged={},
)


def test_nothing_is_wrong_with_a_site_whose_readers_hardly_notice() -> None:
    assert list(complaints(WELL)) == []
    told = "\n".join(table(WELL))
    assert "3 × 413" in told
    assert "web 20 → 90 %" in told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"failed": ["nonsense: 500 to '/'"]}, "500 to"),
        ({"unanswered": ["nonsense: '/' after 30 s"]}, "no answer: nonsense"),
        ({"attacked": [*CALM, ("search", 503, 0.1)]}, "1 of 100 pages were not shown"),
        ({"attacked": [*CALM, *[("search", 200, 0.41)] * 5]}, "more than 4 × 0.10 s"),
        ({"workers_after": {"web": [1, 3]}}, "replaced"),
        ({"memory_after": {1: 121.0, 2: 100.0}}, "web worker 1 has 121 MB after 100"),
        ({"memory_after": {1: 100.0}}, "web worker 2 has 0 MB"),
        ({"mail_after": None}, "no mail"),
        ({"left_over": ["body.tmp"]}, "body.tmp"),
        ({"least_held": 20}, "shows little"),
    ],
)
def test_each_broken_rule_is_told_in_a_line(changed: dict[str, object], words: str) -> None:
    [line] = complaints(replace(WELL, **changed))
    assert words in line
