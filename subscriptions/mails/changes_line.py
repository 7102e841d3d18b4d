"""The line on top of a digest that says what is new since the reader's last one."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from subscriptions.mails.sections import FOLLOWED, NEWS, OUTSIDE, TAKING_OFF
from subscriptions.models import Digest, Frequency

SINCE: dict[str, tuple[int, str]] = {Frequency.DAILY: (1, "since yesterday"), Frequency.WEEKLY: (7, "since last week")}
WORDS = {
    TAKING_OFF: "{} taking off",
    FOLLOWED: "{} by people you follow",
    NEWS: "news of {} that you kept",
    OUTSIDE: "{} from outside your interests",
}
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MONDAY, OVER_THE_WEEKEND = 0, (3, "since Friday")


def changes_line(digest: Digest, came: Sequence[date | None], counts: Mapping[str, int]) -> str:
    """Say what changed since the last digest; '' where nothing did.

    came has the day on which each paper came, None where nobody knows; counts tells how many stand in each section.
    """
    days, since = _since(digest)
    last = digest.local_date - timedelta(days=days)
    new = sum([day is not None and day > last for day in came])
    parts = [_new(new, len(came), since)] if new else []
    parts += [words.format(_number(counts[part])) for part, words in WORDS.items() if counts.get(part)]
    return _sentence(parts) if parts else ""


def _since(digest: Digest) -> tuple[int, str]:
    """Return how many days ago the digest before was due, and those in words."""
    frequency = digest.subscriber.frequency  # of whatever an older row holds
    if frequency == Frequency.WEEKDAYS and digest.local_date.weekday() == MONDAY:
        return OVER_THE_WEEKEND
    return SINCE.get(frequency, SINCE[Frequency.DAILY])


def _new(new: int, count: int, since: str) -> str:
    if count == 1:
        return f"it is new {since}"
    return f"{'all' if new == count else _number(new)} {'are' if new > 1 else 'is'} new {since}"


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def _sentence(parts: Sequence[str]) -> str:
    *others, last = parts
    words = f"{', '.join(others)} and {last}" if others else last
    return f"{words[0].upper()}{words[1:]}."
