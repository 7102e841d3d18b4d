from subscriptions.models.control import Breaker, Control, HostRules, RateBucket, Run, SendTime, StopReason
from subscriptions.models.day_counts import DayCount, Departure, Fact, LeftBecause
from subscriptions.models.digests import (
    GIVEN_BACK,
    SHOWN,
    Digest,
    DigestItem,
    Handed,
    NewDigest,
    Role,
    SkipReason,
)
from subscriptions.models.events import HAND_OVER, DeliveryEvent, EventStatus, Meaning
from subscriptions.models.experiments import Comparison, Experiment, Preference
from subscriptions.models.feedback import Feedback, FeedbackKind
from subscriptions.models.frozen import FrozenMail
from subscriptions.models.interests import OF_NAMES, OF_PAPERS, Interest, InterestKind
from subscriptions.models.libraries import AwaitedEntry, LibraryPiece, LibraryUpload, UploadState
from subscriptions.models.outbox import AccountMail, AccountMailKind
from subscriptions.models.outgoing import LEFT, DeliveryStatus
from subscriptions.models.past_picks import PastPicks, digests_stay
from subscriptions.models.people import (
    AddressChange,
    BounceScore,
    Consent,
    DueReader,
    Frequency,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.models.private_feeds import PrivateFeed
from subscriptions.models.reach import Reach
from subscriptions.models.signups import SignUp
from subscriptions.models.vectors import InterestVector, StoredSubject, TasteVector

__all__ = [
    "GIVEN_BACK",
    "HAND_OVER",
    "LEFT",
    "OF_NAMES",
    "OF_PAPERS",
    "SHOWN",
    "AccountMail",
    "AccountMailKind",
    "AddressChange",
    "AwaitedEntry",
    "BounceScore",
    "Breaker",
    "Comparison",
    "Consent",
    "Control",
    "DayCount",
    "DeliveryEvent",
    "DeliveryStatus",
    "Departure",
    "Digest",
    "DigestItem",
    "DueReader",
    "EventStatus",
    "Experiment",
    "Fact",
    "Feedback",
    "FeedbackKind",
    "Frequency",
    "FrozenMail",
    "Handed",
    "HostRules",
    "Interest",
    "InterestKind",
    "InterestVector",
    "LeftBecause",
    "LibraryPiece",
    "LibraryUpload",
    "Meaning",
    "NewDigest",
    "PastPicks",
    "PauseReason",
    "Preference",
    "PrivateFeed",
    "RateBucket",
    "Reach",
    "Role",
    "Run",
    "SendTime",
    "SignUp",
    "SkipReason",
    "StopReason",
    "StoredSubject",
    "Subscriber",
    "SubscriberStatus",
    "Suppression",
    "TasteVector",
    "UploadState",
    "digests_stay",
]
