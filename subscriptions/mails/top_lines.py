"""The lines on top of a digest: how it was chosen, what is new since the one before, and how often it comes."""

from calendar import day_name
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings

from subscriptions.mails.sections import FOLLOWED, NEWS, OUTSIDE, TAKING_OFF
from subscriptions.models import Digest, DigestItem, Frequency, Subscriber

EMPTY_FOR = {Frequency.WEEKLY: "two weeks"}
A_WEEK = "seven days"
ASKED = (
    "Nothing has come back from you for some weeks: no rating, no change, no look at a web copy. If it stays so,"
    " your digests will come once a week from next week on."
)
SLOWED = "Nothing has come back from you for some weeks, so from now on your digests come once a week, on {day}."
SLOW = "Since {since} your digests come once a week, because nothing came back from you."
KEEP: dict[str, str] = {Frequency.DAILY: "Keep them daily", Frequency.WEEKDAYS: "Keep them Monday to Friday"}
BACK: dict[str, str] = {
    Frequency.DAILY: "Have them daily again",
    Frequency.WEEKDAYS: "Have them Monday to Friday again",
}
SINCE: dict[str, tuple[int, str]] = {Frequency.DAILY: (1, "since yesterday"), Frequency.WEEKLY: (7, "since last week")}
WORDS = {
    TAKING_OFF: "{} taking off",
    FOLLOWED: "{} by people you follow",
    NEWS: "news of {} that you kept",
    OUTSIDE: "{} from outside your interests",
}
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MONDAY, OVER_THE_WEEKEND = 0, (3, "since Friday")


class RhythmLine(NamedTuple):
    """A sentence about how often digests come, and the words of the button that brings back the chosen days."""

    text: str
    button: str


def rhythm_line(subscriber: Subscriber, day: date) -> RhythmLine | None:
    """Say that digests will come weekly, or do, for want of a sign; None for everybody else.

    day: of the digest that says it, or the present one on a page.
    """
    frequency = subscriber.frequency
    if frequency not in KEEP or not subscriber.is_asked or not settings.SLOW_DOWN_AFTER_DAYS:
        return None
    since = subscriber.slowed_on
    if since is None:
        return RhythmLine(ASKED, KEEP[frequency])
    words = SLOWED if since == day else SLOW
    text = words.format(day=day_name[subscriber.weekly_day], since=f"{since.day} {since:%B}")
    return RhythmLine(text, BACK[frequency])


def merged_line(became: Sequence[tuple[str, str]]) -> str:
    """Say which topics that the reader followed became part of which others; '' where none did."""
    return " ".join(f"“{one}”, which you followed, became part of “{other}”." for one, other in became)


def summary_line(digest: Digest, picks: Sequence[DigestItem], near_misses: Sequence[DigestItem], count: int) -> str:
    """Say how many papers of how many, count of them shown; a short digest says that it is short on purpose.

    A catch-up says that it brings what came nearest, after days on which nothing came near enough.
    """
    subscriber, recent = digest.subscriber, f"{digest.considered:,} recent papers"
    reasons = [item.reason for item in picks]
    explored = [reason for reason in reasons if reason.get("explored")]
    if not explored and reasons and not any(reason.get("kind") for reason in reasons):
        return f"The {count} most noticed of {recent}. Tell us what you work on, and they are chosen for you."
    is_full = count >= subscriber.most_papers
    count -= len(explored)
    if any(reason.get("catch_up") for reason in reasons):
        spell = EMPTY_FOR.get(subscriber.present_frequency, A_WEEK)
        nearest = f"These {count} of {recent} came" if count > 1 else f"This one of {recent} came"
        return f"For {spell} no paper came close enough to your interests. {nearest} nearest."
    if not is_full and not (subscriber.reading_minutes and _leaves_out(near_misses)):
        return f"{count} of {recent} came close enough today. Nothing else did."
    within = f", for about {subscriber.reading_minutes} minutes of reading" if subscriber.reading_minutes else ""
    return f"The {count} that fit you best among {recent}{within}."


def _leaves_out(near_misses: Sequence[DigestItem]) -> bool:
    """Tell whether a near miss was close enough: then it was for want of time."""
    return any(item.relevance >= settings.RELEVANCE_FLOOR for item in near_misses)


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
    reader = digest.subscriber
    frequency = Frequency.WEEKLY if reader.is_slowed else reader.frequency  # or whatever an older row holds
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
