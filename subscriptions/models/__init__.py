from subscriptions.models.digests import (
    SHOWN,
    DeliveryEvent,
    Digest,
    DigestItem,
    Role,
    SkipReason,
)
from subscriptions.models.feedback import Feedback, FeedbackKind
from subscriptions.models.interests import OF_NAMES, OF_PAPERS, Interest, InterestKind
from subscriptions.models.outbox import AccountMail, AccountMailKind
from subscriptions.models.outgoing import DeliveryStatus
from subscriptions.models.people import Consent, Frequency, Subscriber, SubscriberStatus, Suppression
from subscriptions.models.vectors import InterestVector, StoredSubject, TasteVector

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
    "StoredSubject",
    "Subscriber",
    "SubscriberStatus",
    "Suppression",
    "TasteVector",
]
