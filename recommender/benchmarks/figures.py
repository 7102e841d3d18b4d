"""A result of a benchmark: a value beside a limit that was measured in the same run, for people and for programs."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

Detail = float | int | str


@dataclass(frozen=True, slots=True)
class Figure:
    bench: str
    value: float
    unit: str
    limit: float  # in the same unit: what the machine can do at best, or a bare way of doing it
    ratio: float  # of value to limit
    details: dict[str, Detail] = field(default_factory=dict)  # how much of what, and what else was measured


def as_json(figure: Figure) -> str:
    """Return one line; the details stand beside the rest."""
    fields = asdict(figure)
    return json.dumps({**fields.pop("details"), **fields})


def lines(figures: Iterable[Figure]) -> list[str]:
    return [_line(figure) for figure in figures]


def _line(figure: Figure) -> str:
    details = ", ".join(f"{name} {_shown(value)}" for name, value in figure.details.items())
    text = (
        f"{figure.bench}: {_shown(figure.value)} {figure.unit}, limit {_shown(figure.limit)}, ratio {figure.ratio:.2f}"
    )
    return f"{text} ({details})" if details else text


def _shown(value: Detail) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
