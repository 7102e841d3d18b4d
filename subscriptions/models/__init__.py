from subscriptions.models.digests import (
    DeliveryEvent,
    Digest,
    DigestItem,
    DigestStatus,
    Role,
    SkipReason,
)
from subscriptions.models.interests import Interest, InterestKind, InterestVector
from subscriptions.models.outbox import AccountMail, AccountMailKind
from subscriptions.models.people import Consent, Frequency, Subscriber, SubscriberStatus, Suppression

__all__ = [
    "AccountMail",
    "AccountMailKind",
    "Consent",
    "DeliveryEvent",
    "Digest",
    "DigestItem",
    "DigestStatus",
    "Frequency",
    "Interest",
    "InterestKind",
    "InterestVector",
    "Role",
    "SkipReason",
    "Subscriber",
    "SubscriberStatus",
    "Suppression",
]
