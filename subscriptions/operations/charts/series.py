"""What the charts show: which numbers, under which names, in a sentence each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min

from papers.periods import utc_date
from subscriptions.models import DayCount, Fact, LeftBecause, Meaning
from subscriptions.operations.charts.facts import (
    ELSEWHERE,
    FETCHED,
    LIVE,
    NO_INTEREST,
    ON_A_LIST,
    ON_ARXIV,
    OUTSIDE,
    counted,
)
from subscriptions.operations.charts.numbers import BY_DAY, BY_MONTH, BY_WEEK, Numbers, Step, Values

MINUTES = 60  # of an hour
MANY = timedelta(days=730)  # from here on months
RANGES = {"30": "30 days", "183": "6 months", "all": "All"}


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    values: Values


@dataclass(frozen=True, slots=True)
class Chart:
    key: str
    heading: str
    says: str  # what the numbers are, in a sentence
    step: str  # day, week or month
    points: Sequence[date]  # first days of the steps
    lines: Sequence[Line]
    stacked: bool = False  # bars on each other, where the sum means something; else lines
    unit: str = ""


def first_day(key: str, now: datetime) -> date:
    """Return the first day of a range, by its key in RANGES; of all, the first that was counted."""
    today = utc_date(now)
    if key != "all":
        return today - timedelta(days=int(key) - 1)
    first: date | None = DayCount.objects.order_by().aggregate(first=Min("day"))["first"]
    return first or today


def charts(key: str, now: datetime, only: Iterable[str] = ()) -> list[Chart]:
    """Return the charts of a range, or those of them that are named."""
    wanted = set(only) or set(CHARTS)
    first = first_day(key, now)
    today = utc_date(now)
    live = counted(today, LIVE)
    steps = {name: _step(name, key, today - first) for name in CHARTS if name in wanted}
    numbers = {step: Numbers(first, today, step, live) for step in set(steps.values())}
    return [CHARTS[name](name, numbers[step]) for name, step in steps.items()]


def _step(name: str, key: str, reach: timedelta) -> Step:
    if reach > MANY:
        return BY_MONTH
    return BY_WEEK if name in BY_WEEK_AT_LEAST or key != "30" else BY_DAY


def _readers(key: str, numbers: Numbers) -> Chart:
    lines = [Line("active", numbers.of(Fact.READERS, "active")), Line("paused", numbers.of(Fact.READERS, "paused"))]
    return _chart(key, numbers, "Readers", "Confirmed readers, who get digests or have paused them.", lines)


def _confirms(key: str, numbers: Numbers) -> Chart:
    lines = [Line("signed up", numbers.of(Fact.SIGN_UPS)), Line("confirmed", numbers.of(Fact.CONFIRMED))]
    says = "Forms that were sent in, and those whose link was used; not every reader comes on the day of the form."
    return _chart(key, numbers, "Sign-ups", says, lines)


def _left(key: str, numbers: Numbers) -> Chart:
    known = set(numbers.which(Fact.LEFT))
    lines = [
        Line(str(because.label), numbers.of(Fact.LEFT, because)) for because in LeftBecause if because.value in known
    ]
    says = "Confirmed readers who left, once each, by the way they did."
    return _chart(key, numbers, "Who left, and how", says, lines, stacked=True)


def _harm(key: str, numbers: Numbers) -> Chart:
    mails = numbers.of(Fact.MAILS)
    lines = [
        Line(name, _shares(numbers.of(Fact.REPORTS, meaning), mails))
        for name, meaning in (("hard bounces", Meaning.HARD), ("complaints", Meaning.COMPLAINT))
    ]
    says = "Of a hundred digests that were sent, by the day on which the provider told of it."
    return _chart(key, numbers, "Bounces and complaints", says, lines, unit="%")


def _rated(key: str, numbers: Numbers) -> Chart:
    lines = [Line("rated", _shares(numbers.of(Fact.RATED), numbers.of(Fact.MAILS)))]
    says = "Digests in which something was rated in that time, of a hundred that were sent."
    return _chart(key, numbers, "Digests that were rated", says, lines, unit="%")


def _more(key: str, numbers: Numbers) -> Chart:
    """Draw a line for each kind of interest that led to something that was rated."""
    kinds = dict.fromkeys(which.rpartition(" ")[0] for which in numbers.which(Fact.RATINGS))
    lines = [Line(KINDS.get(kind, kind), _approval(kind, numbers)) for kind in sorted(kinds, key=_place)]
    says = "Of a hundred ratings that praise or want less: those that keep a paper or want more like it."
    return _chart(key, numbers, "Praise, by kind of interest", says, lines, unit="%")


def _approval(kind: str, numbers: Numbers) -> list[float | None]:
    more, save, less = (numbers.of(Fact.RATINGS, f"{kind} {word}") for word in ("more", "save", "less"))
    liked = [None if a is None or b is None else a + b for a, b in zip(more, save, strict=True)]
    judged = [None if a is None or b is None else a + b for a, b in zip(liked, less, strict=True)]
    return _shares(liked, judged)


KINDS = {
    "topic": "a topic",
    "text": "their own words",
    "papers": "papers they named",
    "feedback": "what they rated",
    "author": "people they follow",
    "lab": "labs they follow",
    OUTSIDE: "from outside",
    NO_INTEREST: "no interest yet",
}


def _place(kind: str) -> int:
    return list(KINDS).index(kind) if kind in KINDS else len(KINDS)


def _came(key: str, numbers: Numbers) -> Chart:
    lines = [Line(source, numbers.of(Fact.PAPERS, source)) for source in _sources(Fact.PAPERS, numbers)]
    says = "New papers, by what brought them; asked for: named by readers, looked up, or from a back-fill."
    return _chart(key, numbers, "Papers", says, lines, stacked=True)


def _sources(fact: Fact, numbers: Numbers) -> list[str]:
    known = set(numbers.which(fact))
    return [source for source in (ON_ARXIV, ON_A_LIST, ELSEWHERE, FETCHED) if source in known]


def _latency(key: str, numbers: Numbers) -> Chart:
    lines = [
        Line(source, [None if each is None else each / MINUTES for each in numbers.of(Fact.LATENCY, source)])
        for source in _sources(Fact.LATENCY, numbers)
    ]
    says = (
        "Hours until half of a day’s papers were here: from arXiv’s announcement at 20:00 Eastern time, and from the "
        "beginning of the day of a list, which fills all day."
    )
    return _chart(key, numbers, "From announcement to here", says, lines, unit="h")


def _shares(parts: Values, wholes: Values) -> list[float | None]:
    """Return parts in a hundred of wholes; None where there is no whole."""
    return [
        100 * part / whole if part is not None and whole else None for part, whole in zip(parts, wholes, strict=True)
    ]


def _chart(
    key: str, numbers: Numbers, heading: str, says: str, lines: Sequence[Line], *, stacked: bool = False, unit: str = ""
) -> Chart:
    return Chart(key, heading, says, numbers.step.name, numbers.points, lines, stacked, unit)


CHARTS: dict[str, Callable[[str, Numbers], Chart]] = {
    "readers": _readers,
    "confirms": _confirms,
    "left": _left,
    "harm": _harm,
    "rated": _rated,
    "more": _more,
    "papers": _came,
    "latency": _latency,
}
BY_WEEK_AT_LEAST = {"rated", "more"}  # ratings of a single day are few
IN_BRIEF = ("readers", "rated")  # on the first page of the admin
