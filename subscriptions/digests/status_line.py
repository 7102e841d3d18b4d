"""Sentences on the preferences page: why there was a mail today, or none, when the next one comes, and what chooses."""

from collections.abc import Iterable
from datetime import date, datetime

from subscriptions.models import DeliveryStatus, Digest, Interest, Subscriber, SubscriberStatus
from subscriptions.people import calendar
from subscriptions.people.zones import shown_zone, zone_of

INACTIVE = {
    SubscriberStatus.PENDING: "Your address is not confirmed yet, so no digests are sent.",
    SubscriberStatus.UNSUBSCRIBED: "You are unsubscribed, so no digests are sent.",
    SubscriberStatus.SUPPRESSED: "Mail to your address came back or was reported, so no digests are sent.",
}
TODAY = {
    DeliveryStatus.PLANNED: "Today's digest is being prepared.",
    DeliveryStatus.SENDING: "Today's digest is on its way.",
    DeliveryStatus.SENT: "Today's digest left at {time}.",
    DeliveryStatus.SKIPPED: "No mail today: {reason}.",
    DeliveryStatus.FAILED: "No mail today: it could not be sent. Its papers can come with the next one.",
    DeliveryStatus.UNCERTAIN: "Today's digest may or may not have reached you; its web copy is below.",
}
NOTHING_CHOOSES = (
    "{} So every digest brings the papers that are most noticed these days, whatever they are on. To get papers chosen"
    " for you, write what you work on, tick a topic, or name a paper, a person or a lab."
)


def status_line(subscriber: Subscriber, now: datetime) -> str:
    status = SubscriberStatus(subscriber.status)
    if status in INACTIVE:
        return INACTIVE[status]
    if status == SubscriberStatus.PAUSED:
        until = f"until {_day(subscriber.paused_until)}" if subscriber.paused_until else "until you resume them"
        return f"Your digests are paused {until}."
    return f"{_today(subscriber, now)} {_next(subscriber)}"


def _today(subscriber: Subscriber, now: datetime) -> str:
    day = calendar.local_date(now, subscriber.timezone)
    digest = subscriber.digests.filter(local_date=day).first()
    if digest:
        return _of_digest(digest, subscriber)
    if not calendar.is_mail_day(subscriber, day):
        return f"No mail today: {day:%A} is not one of your days."
    return "No mail yet today."


def _of_digest(digest: Digest, subscriber: Subscriber) -> str:
    left_at = (digest.finished_at or digest.due_at).astimezone(zone_of(subscriber.timezone))
    return TODAY[DeliveryStatus(digest.status)].format(time=f"{left_at:%H:%M}", reason=digest.reason_label)


def _next(subscriber: Subscriber) -> str:
    if subscriber.next_digest_at is None:
        return ""
    comes_at = subscriber.next_digest_at.astimezone(zone_of(subscriber.timezone))
    return f"The next one comes on {_day(comes_at)} at {comes_at:%H:%M} ({shown_zone(subscriber)})."


def _day(moment: date) -> str:
    return f"{moment:%A} {moment.day} {moment:%B}"


def cold_line(subscriber: Subscriber, interests: Iterable[Interest]) -> str:
    """Say what a reader gets while no interest and no rating chooses for them; '' where one does."""
    muted = [interest.muted for interest in interests]
    if not all(muted) or subscriber.taste.filter(liked=True).exists():
        return ""
    return NOTHING_CHOOSES.format("All your interests are muted." if muted else "You have named no interest.")
