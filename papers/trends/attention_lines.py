"""What a digest tells of the attention that a paper gets: a line of text, and a sparkline that is text, too."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Max

from papers.models import FieldAttention, SignalKind
from papers.text.words import grouped, signed
from papers.trends.chart import scale
from papers.trends.growth import STILL_NEW, Reading, lately
from papers.trends.readings import SHOWN, by_paper_and_kind, moment

BARS = "▁▂▃▄▅▆▇█"
MOST_BARS = 8
DRAWN = timedelta(days=14)
FEWEST = 3  # readings that differ
A_DAY_AND_A_HALF = 36  # hours
KEPT = 5_000  # lines, about 300 bytes each
NOUNS = {SignalKind.UPVOTES: "vote", SignalKind.STARS: "star"}

Readings = Mapping[str, Sequence[Reading]]  # by kind, in the order of time, at least one of each


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """The main count of a paper as a drawing, '' where that says nothing, and all in words, '' where nobody counted."""

    spark: str
    words: str


@dataclass(slots=True)
class _Kept:
    """The lines of the papers that were asked for since trends were computed last."""

    as_of: datetime | None
    lines: dict[int, AttentionLine]


_kept = _Kept(None, {})


def attention_lines(papers: Iterable[int]) -> dict[int, AttentionLine]:
    """Return the line of each paper, by its key, as of the last time that trends were computed.

    Two queries at most; one where this process knows the lines of all of them, since readers of a morning ask for much
    the same papers.
    """
    wanted = set(papers)
    as_of = FieldAttention.objects.aggregate(newest=Max("computed_at"))["newest"]
    known = _known(as_of)
    found = {key: line for key in wanted if (line := known.get(key))}
    if missing := wanted - found.keys():
        made = _made(missing, as_of)
        _keep(known, made)
        found |= made
    return found


def _known(as_of: datetime | None) -> dict[int, AttentionLine]:
    """Return the lines of that time; while no trend was ever computed nothing is kept."""
    global _kept
    if as_of is None or _kept.as_of != as_of:
        _kept = _Kept(as_of, {})
    return _kept.lines


def _keep(known: dict[int, AttentionLine], made: Mapping[int, AttentionLine]) -> None:
    if len(known) + len(made) > KEPT:
        known.clear()
    known.update(list(made.items())[:KEPT])


def forget() -> None:
    """Keep nothing of what was asked before."""
    _known(None)


def _made(papers: Iterable[int], as_of: datetime | None) -> dict[int, AttentionLine]:
    readings: dict[int, dict[str, list[Reading]]] = defaultdict(dict)
    keys = list(papers)
    for key, kind, rows in by_paper_and_kind(keys):
        readings[key][kind] = [(moment(time), value) for time, value in rows]
    return {key: line(readings.get(key, {}), as_of) for key in keys}


def line(readings: Readings, as_of: datetime | None) -> AttentionLine:
    """Return what these readings say at that time, or as of the newest of them."""
    counted = [kind for kind in SHOWN if kind in readings and readings[kind][-1][1]]
    if not counted:
        return AttentionLine("", "")
    now = as_of or max(readings[kind][-1][0] for kind in counted)
    return AttentionLine(spark(readings[counted[0]]), words({kind: readings[kind] for kind in counted}, now))


def spark(readings: Sequence[Reading]) -> str:
    """Draw how a count went in its last DRAWN, evenly in time: '▁▂▅▇'; '' where fewer than FEWEST readings differ.

    No more bars than readings, so that no bar stands for what nobody counted; between two readings the count is taken
    to have grown evenly. It is drawn from zero, unless growth would be too flat to see.
    """
    drawn = [reading for reading in readings if reading[0] >= readings[-1][0] - DRAWN]
    values = [value for _, value in drawn]
    if len(set(values)) < FEWEST:
        return ""
    seconds = [time.timestamp() for time, _ in drawn]
    evenly = np.linspace(seconds[0], seconds[-1], min(MOST_BARS, len(drawn)))
    low, high = scale(min(values), max(values))
    heights = (np.interp(evenly, seconds, values) - low) / (high - low)
    return "".join(BARS[round(height * (len(BARS) - 1))] for height in heights.tolist())


def words(readings: Readings, now: datetime) -> str:
    """Write '61 votes, +57 since yesterday; 1,900 stars, +300'; the time of a gain is told where it is another one."""
    told: list[str] = []
    spoken = ""
    for kind, of_kind in readings.items():
        gained, since = _gain(of_kind, now)
        told.append(_count(kind, of_kind, now) + gained + (since if since != spoken else ""))
        spoken = since or spoken
    return "; ".join(told)


def _count(kind: str, readings: Sequence[Reading], now: datetime) -> str:
    seen_at, value = readings[-1]
    counted = f"{grouped(value)} {NOUNS[SignalKind(kind)]}{'' if value == 1 else 's'}"
    return counted if seen_at >= now - STILL_NEW else f"{counted} by {seen_at.day} {seen_at:%b}"


def _gain(readings: Sequence[Reading], now: datetime) -> tuple[str, str]:
    """Return (', +57', ' since yesterday'); both '' where there is no gain, or none is known."""
    gained = lately(readings, now)
    if gained is None or not gained[0]:
        return "", ""
    gain, hours = gained
    since = " since yesterday" if hours <= A_DAY_AND_A_HALF else f" in {round(hours / 24)} days"
    return f", {signed(gain)}", since
