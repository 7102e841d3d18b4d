"""Amazon SES: events of a configuration set, or notifications of an identity, by way of SNS."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said


def _word(report: Any) -> str:
    kind = said(report, "eventType") or said(report, "notificationType")
    if kind == "bounce":
        return joined(kind, said(report, kind, "bounceType"), said(report, kind, "bounceSubType"))
    if kind == "complaint":
        subtype = said(report, kind, "complaintSubType")
        return joined(kind, subtype or said(report, kind, "complaintFeedbackType"))
    if kind == "subscription" and _leaves_all(report):
        return joined(kind, "unsubscribeall")
    return kind


def _leaves_all(report: Any) -> bool:
    try:
        return report["subscription"]["newTopicPreferences"]["unsubscribeAll"] is True
    except (KeyError, TypeError):
        return False


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "send", "deliverydelay"),
        **each(Meaning.DELIVERED, "delivery"),
        **each(Meaning.HARD, "general", "noemail", of="bounce permanent"),
        **each(Meaning.REFUSED, "suppressed", "onaccountsuppressionlist", of="bounce permanent"),
        **each(Meaning.UNSUBSCRIBED, "bounce permanent unsubscribedrecipient"),
        **each(ByCode(Meaning.SOFT), "", "undetermined", of="bounce permanent"),
        **each(Meaning.SOFT, "", "general", "mailboxfull", "customtimeoutexceeded", of="bounce transient"),
        **each(Meaning.BLOCKED, "messagetoolarge", "contentrejected", "attachmentrejected", of="bounce transient"),
        **each(Meaning.SOFT, "", "undetermined", "undetermined undetermined", of="bounce"),
        **each(Meaning.BLOCKED, "reject"),  # a virus was found in it
        # Of RFC 5965; without a type it is the button that readers press.
        **each(Meaning.COMPLAINT, "", "abuse", "fraud", "other", of="complaint"),
        **each(Meaning.REFUSED, "complaint onaccountsuppressionlist"),
        **each(Meaning.BLOCKED, "virus", "auth-failure", of="complaint"),
        **each(Meaning.ACCEPTED, "complaint not-spam"),
        **each(Meaning.UNSUBSCRIBED, "complaint opt-out", "complaint opt-out-list", "subscription unsubscribeall"),
        **each(Meaning.NOTHING, "rendering failure", "subscription"),
    },
    frozenset({"open", "click"}),
)
