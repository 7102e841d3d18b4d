from subscriptions.models.digests import (
    SHOWN,
    DeliveryEvent,
    Digest,
    DigestItem,
    Role,
    SkipReason,
)
from subscriptions.models.feedback import Feedback, FeedbackKind
from subscriptions.models.interests import OF_NAMES, OF_PAPERS, Interest, InterestKind, InterestVector
from subscriptions.models.outbox import AccountMail, AccountMailKind
from subscriptions.models.outgoing import DeliveryStatus
from subscriptions.models.people import Consent, Frequency, Subscriber, SubscriberStatus, Suppression

__all__ = [
    "OF_NAMES",
    "OF_PAPERS",
    "SHOWN",
    "AccountMail",
    "AccountMailKind",
    "Consent",
    "DeliveryEvent",
    "DeliveryStatus",
    "Digest",
    "DigestItem",
    "Feedback",
    "FeedbackKind",
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
