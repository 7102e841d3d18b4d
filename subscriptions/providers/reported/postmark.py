"""Postmark: one event a post."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import Heard, each, joined, said


def _word(report: Any) -> str:
    kind = said(report, "RecordType")
    if kind in ("bounce", "spamcomplaint"):
        return joined(kind, said(report, "Type"))
    if kind == "subscriptionchange":
        lifted = isinstance(report, dict) and report.get("SuppressSending") is False
        return joined(kind, "lifted" if lifted else said(report, "SuppressionReason"))
    return kind


HEARD = Heard(
    _word,
    {
        **each(Meaning.DELIVERED, "delivery"),
        **each(Meaning.HARD, "bounce hardbounce"),
        **each(Meaning.SOFT, "bounce softbounce"),
        **each(Meaning.ACCEPTED, "transient", "openrelaytest", "unknown", of="bounce"),
        **each(Meaning.DELIVERED, "autoresponder", "addresschange", "challengeverification", of="bounce"),
        **each(Meaning.BLOCKED, "dnserror", "blocked", "dmarcpolicy", of="bounce"),
        **each(Meaning.BLOCKED, "spamnotification", "virusnotification", of="bounce"),
        **each(Meaning.REFUSED, "bademailaddress", "manuallydeactivated", of="bounce"),
        **each(Meaning.UNSUBSCRIBED, "bounce unsubscribe", "bounce manualsuppression"),
        **each(Meaning.NOTHING, "subscribe", "unconfirmed", "smtpapierror", "inbounderror", of="bounce"),
        **each(Meaning.NOTHING, "bounce templaterenderingfailed", "subscriptionchange lifted"),
        **each(Meaning.COMPLAINT, "bounce spamcomplaint", "spamcomplaint", "spamcomplaint spamcomplaint"),
        **each(Meaning.BLOCKED, "spamcomplaint spamnotification"),
        **each(Meaning.HARD, "subscriptionchange hardbounce"),
        **each(Meaning.COMPLAINT, "subscriptionchange spamcomplaint"),
        **each(Meaning.UNSUBSCRIBED, "subscriptionchange", "subscriptionchange manualsuppression"),
    },
    frozenset({"open", "click"}),
)
