"""A reader's links: sent to their own address when asked for, and disabled all at once."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from subscriptions.enqueue import enqueue
from subscriptions.limits import rate_buckets
from subscriptions.models import AccountMail, AccountMailKind, DeliveryStatus, Subscriber, SubscriberStatus

BY_ANYBODY_A_DAY = 3  # by whoever holds a digest, which may have been forwarded
WHERE_NOTHING_IS_WANTED = 1  # of that, for somebody who has unsubscribed
BY_THE_READER_A_DAY = 10  # by whoever holds a link to the preferences


def may_ask_for_link(subscriber: Subscriber) -> bool:
    """Tell whether the address was proved and can be mailed; the unsubscribed may ask too, to download or erase."""
    return subscriber.confirmed_at is not None and subscriber.status != SubscriberStatus.SUPPRESSED


def send_link(subscriber: Subscriber, now: datetime, *, by_the_reader: bool = False) -> bool:
    """Have a link mailed to the subscriber's own address; return False if that was asked for too often today."""
    if not may_ask_for_link(subscriber) or _is_under_way(subscriber):
        return True
    limit = BY_THE_READER_A_DAY if by_the_reader else _for_anybody(subscriber)
    key = rate_buckets.secret_key("own link" if by_the_reader else "link", str(subscriber.pk))
    if not rate_buckets.take(key, 1, limit=limit, period=rate_buckets.DAY, now=now):
        return False
    AccountMail.objects.create(subscriber=subscriber, kind=AccountMailKind.LINK, next_attempt_at=now)
    enqueue("send_account_mails")
    return True


def _for_anybody(subscriber: Subscriber) -> int:
    return WHERE_NOTHING_IS_WANTED if subscriber.status == SubscriberStatus.UNSUBSCRIBED else BY_ANYBODY_A_DAY


def _is_under_way(subscriber: Subscriber) -> bool:
    return subscriber.account_mails.filter(kind=AccountMailKind.LINK, status=DeliveryStatus.PLANNED).exists()


def renew_links(subscriber: Subscriber) -> Subscriber:
    """Disable every link that went out before, except those that unsubscribe; return the subscriber as stored since."""
    with transaction.atomic():
        Subscriber.objects.filter(pk=subscriber.pk).update(link_epoch=F("link_epoch") + 1)
        subscriber.address_changes.filter(confirmed_at__isnull=True).delete()
    return Subscriber.objects.get(pk=subscriber.pk)
