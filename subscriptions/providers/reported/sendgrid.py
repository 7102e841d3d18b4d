"""SendGrid: a list of events."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said

DROPPED = {
    **dict.fromkeys(["bounced address", "spam reporting address", "invalid"], Meaning.REFUSED),
    "unsubscribed address": Meaning.UNSUBSCRIBED,
}
CLASSES = ("content", "reputation", "technical", "frequency or volume too high", "frequency/volume")


def _word(report: Any) -> str:
    kind, about = said(report, "event"), said(report, "type")
    if kind == "bounce":
        classified = said(report, "bounce_classification")
        return joined(kind, about, classified if about == "bounce" and classified in CLASSES else "")
    if kind == "dropped":
        reasons = (about, said(report, "reason"))
        return joined(kind, next((reason for reason in reasons if reason in DROPPED), ""))
    return kind


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "processed", "deferred"),
        **each(Meaning.DELIVERED, "delivered"),
        **each(Meaning.HARD, "bounce bounce"),
        **each(Meaning.BLOCKED, *CLASSES, of="bounce bounce"),
        **each(Meaning.BLOCKED, "bounce blocked"),
        **each(Meaning.SOFT, "bounce expired"),
        **each(ByCode(Meaning.SOFT), "bounce"),
        **{joined("dropped", reason): meaning for reason, meaning in DROPPED.items()},
        **each(Meaning.NOTHING, "dropped"),
        **each(Meaning.COMPLAINT, "spamreport"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribe", "group_unsubscribe"),
        **each(Meaning.NOTHING, "group_resubscribe", "account_status_change"),
    },
    frozenset({"open", "click"}),
)
