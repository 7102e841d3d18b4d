"""Mailgun: the present form (JSON, one event a post) and the one of before 2018 (a form)."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said

# Its list of reasons is nowhere complete: one that does not stand here counts as none.
REASONS = {
    "bounce": Meaning.HARD,
    "old": Meaning.SOFT,
    "greylisted": Meaning.SOFT,
    "espblock": Meaning.BLOCKED,
    "suppress-bounce": Meaning.REFUSED,
    "suppress-complaint": Meaning.REFUSED,
    "suppress-unsubscribe": Meaning.UNSUBSCRIBED,
}
LEGACY_CODES = {"605": Meaning.REFUSED, "606": Meaning.UNSUBSCRIBED, "607": Meaning.REFUSED}


def _word(report: Any) -> str:
    event = report.get("event-data") if isinstance(report, dict) else None
    if event is None:
        return _legacy_word(report)
    kind, reason = said(event, "event"), said(event, "reason")
    if kind != "failed":
        return kind
    severity = said(event, "severity")
    return joined(kind, severity, reason if severity == "permanent" and reason in REASONS else "")


def _legacy_word(report: Any) -> str:
    kind, code = said(report, "event"), said(report, "code")
    return joined(kind, code if kind == "dropped" and code in LEGACY_CODES else "")


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "accepted", "stored", "failed temporary"),
        **each(Meaning.DELIVERED, "delivered"),
        **{joined("failed permanent", reason): meaning for reason, meaning in REASONS.items()},
        # "generic" and whatever else is final: a policy as likely as a mailbox that is not there.
        **each(ByCode(Meaning.BLOCKED), "failed", "failed permanent"),
        **each(Meaning.COMPLAINT, "complained"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribed"),
        **each(Meaning.NOTHING, "rejected", "list_member_uploaded", "list_member_upload_error", "list_uploaded"),
        **each(Meaning.HARD, "bounced"),
        **{joined("dropped", code): meaning for code, meaning in LEGACY_CODES.items()},
        **each(ByCode(Meaning.BLOCKED), "dropped"),
    },
    frozenset({"opened", "clicked"}),
)
