"""Postal: one event a post."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said


def _word(report: Any) -> str:
    kind, status = said(report, "event"), said(report, "payload", "status")
    if isinstance(report, dict) and isinstance(report.get("payload"), dict) and "bounce" in report["payload"]:
        return "messagebounced"
    if status == "held" and "suppression list" in said(report, "payload", "details"):
        return joined(kind, "suppressed")
    return kind


HEARD = Heard(
    _word,
    {
        **each(Meaning.DELIVERED, "messagesent"),
        **each(Meaning.ACCEPTED, "messagedelayed", "messageheld"),
        **each(Meaning.REFUSED, "messageheld suppressed"),
        **each(ByCode(Meaning.SOFT), "messagedeliveryfailed"),
        **each(ByCode(Meaning.SOFT), "messagebounced"),
        **each(Meaning.NOTHING, "domaindnserror", "sendlimitapproaching", "sendlimitexceeded"),
    },
    frozenset({"messageloaded", "messagelinkclicked"}),
)
