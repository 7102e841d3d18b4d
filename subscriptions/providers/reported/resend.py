"""Resend: one event a post."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said


def _word(report: Any) -> str:
    kind = said(report, "type")
    if kind != "email.bounced":
        return kind
    why = joined(said(report, "data", "bounce", "type"), said(report, "data", "bounce", "subType"))
    return joined(kind, why or _told_in_a_sentence(said(report, "data", "bounce", "message")))


def _told_in_a_sentence(message: str) -> str:
    """Return the kind of bounce that a report without a type words, as all did before 2025."""
    if "suppressed sending" in message:
        return "permanent suppressed"
    return "permanent general" if "hard bounce" in message else ""


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "email.sent", "email.scheduled", "email.delivery_delayed"),
        **each(Meaning.DELIVERED, "email.delivered"),
        **each(Meaning.HARD, "general", "noemail", of="email.bounced permanent"),
        **each(Meaning.REFUSED, "suppressed", "onaccountsuppressionlist", of="email.bounced permanent"),
        **each(ByCode(Meaning.SOFT), "email.bounced", "email.bounced permanent"),
        **each(Meaning.SOFT, "", "general", "mailboxfull", of="email.bounced transient"),
        **each(
            Meaning.BLOCKED, "messagetoolarge", "contentrejected", "attachmentrejected", of="email.bounced transient"
        ),
        **each(Meaning.SOFT, "email.bounced undetermined", "email.bounced undetermined undetermined"),
        **each(Meaning.REFUSED, "email.suppressed"),
        **each(Meaning.COMPLAINT, "email.complained"),
        # A quota, a key, a domain: what Resend gives as reasons is ours to mend.
        **each(Meaning.NOTHING, "email.failed", "email.received"),
        **each(Meaning.NOTHING, "domain.created", "domain.updated", "domain.deleted"),
        **each(Meaning.NOTHING, "contact.created", "contact.updated", "contact.deleted"),
    },
    frozenset({"email.opened", "email.clicked"}),
)
