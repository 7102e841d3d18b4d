"""What pages say of how often digests come, where a reader's rhythm is in question."""

from datetime import datetime

from subscriptions.mails.top_lines import RhythmLine, rhythm_line
from subscriptions.models import Frequency, Subscriber, SubscriberStatus
from subscriptions.people.calendar import local_date

KEPT = {
    Frequency.DAILY: "Thank you. Your digests come every day.",
    Frequency.WEEKDAYS: "Thank you. Your digests come from Monday to Friday.",
    Frequency.WEEKLY: "Thank you. Your digests come once a week, as you chose.",
}


def rhythm_today(subscriber: Subscriber, now: datetime) -> RhythmLine | None:
    """Return what is said today to a reader who is asked for a sign, or whose digests slowed down; else None."""
    if subscriber.status != SubscriberStatus.ACTIVE:
        return None
    return rhythm_line(subscriber, local_date(now, subscriber.timezone))


def rhythm_kept(subscriber: Subscriber) -> str:
    """Return the answer to the button that brings back the rhythm that was chosen."""
    return KEPT[Frequency(subscriber.frequency)]
