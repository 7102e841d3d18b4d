"""Tell whether a source is in order; judged when somebody looks, since time passes without anything being stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from papers.arxiv import announcements
from papers.feeds import feed_states
from papers.models import FeedState
from papers.periods import utc_date

GRACE = timedelta(hours=2)  # after the midnight at which a batch is due
SMALL = 5.0  # papers in a usual announcement; below, one without any is nothing unusual
MISSED_PERIODS = 3
# How often a source answers while all is well.
PERIODS = dict.fromkeys(("arxiv", "arxiv-api", "github", "huggingface"), timedelta(hours=1))
OTHER_PERIOD = timedelta(days=1)
DAY = timedelta(days=1)


class State(StrEnum):
    """From good to bad.

    OK: what is due is there. QUIET: nothing is due, or a small category has nothing today. LATE: what is due has not
    come yet. STALE: two batches are missing, an old one came under a new date, or the source has been silent for long.
    FAILING: the last attempt failed.
    """

    OK = "ok"
    QUIET = "quiet"
    LATE = "late"
    STALE = "stale"
    FAILING = "failing"


BEHIND = frozenset({State.LATE, State.STALE, State.FAILING})


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a source has something new: the newest batch that is due, the one before, and whether a day has one."""

    today: Callable[[datetime], date]
    due: Callable[[datetime], date]
    before: Callable[[date], date]
    is_expected: Callable[[date], bool]


def _is_weekday(day: date) -> bool:
    return day.weekday() < announcements.SATURDAY


def _weekday_before(day: date) -> date:
    day -= DAY
    while not _is_weekday(day):
        day -= DAY
    return day


CALENDARS = {
    feed_states.ARXIV: Calendar(
        today=announcements.eastern_date,
        due=lambda now: announcements.batch_due(now - GRACE),
        before=announcements.batch_before,
        is_expected=announcements.is_expected,
    ),
    # A day's list fills while the day lasts: only yesterday's is surely there.
    "huggingface": Calendar(
        today=utc_date,
        due=lambda now: _weekday_before(utc_date(now)),
        before=_weekday_before,
        is_expected=_is_weekday,
    ),
}


def judge(state: FeedState, now: datetime) -> State:
    """Return what the row means now; asks nothing of the database."""
    state = feed_states.believable(state, now)
    if state.error:
        return State.FAILING
    if state.source == feed_states.SAMPLE or state.category in (feed_states.FROM_FILE, feed_states.BACK_FILL):
        return State.OK
    if state.source in CALENDARS and (state.last_batch_on or state.dated_on):
        return by_calendar(state, now, CALENDARS[state.source])
    return _by_period(state, now)


def state_words(row: FeedState, state: State) -> str:
    """Say 'late', or 'failing since 20 Aug 2026, 08:20 UTC', which is when it worked last."""
    if state != State.FAILING:
        return str(state)
    return (
        f"failing since {row.last_success_at:%d %b %Y, %H:%M} UTC" if row.last_success_at else "failing from the start"
    )


def _by_period(state: FeedState, now: datetime) -> State:
    period = PERIODS.get(state.source, OTHER_PERIOD)
    if state.last_success_at is None or now - state.last_success_at > MISSED_PERIODS * period:
        return State.STALE
    return State.OK


def by_calendar(state: FeedState, now: datetime, calendar: Calendar) -> State:
    newest, due = _newest_batch(state), calendar.due(now)
    if _came_under_a_new_date(state, calendar) and state.items:
        return State.STALE
    if newest is None:
        return State.LATE if calendar.is_expected(calendar.today(now)) else State.QUIET
    if newest < due:
        return State.STALE if newest < calendar.before(due) else State.LATE
    if _came_under_a_new_date(state, calendar) and not _is_small(state):
        return State.LATE
    return State.OK if state.items and calendar.is_expected(calendar.today(now)) else State.QUIET


def _newest_batch(state: FeedState) -> date | None:
    """Return the date up to which all has come: a small category without a paper is as complete as its feed."""
    if _is_small(state) and not state.items:
        return state.dated_on or state.last_batch_on
    return state.last_batch_on


def _came_under_a_new_date(state: FeedState, calendar: Calendar) -> bool:
    """Tell whether the source served a batch that was expected, and nothing in it was new."""
    dated_on, came_on = state.dated_on, state.last_batch_on
    return dated_on is not None and calendar.is_expected(dated_on) and (came_on is None or came_on < dated_on)


def _is_small(state: FeedState) -> bool:
    return state.usual_items is not None and state.usual_items < SMALL
