"""MailerSend: activities of a mail, and news of the account, which are about nobody."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import Heard, each, said


def _word(report: Any) -> str:
    return said(report, "data", "type") or said(report, "type").removeprefix("activity.")


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "sent", "deferred"),
        **each(Meaning.DELIVERED, "delivered"),
        **each(Meaning.HARD, "hard_bounced"),
        **each(Meaning.SOFT, "soft_bounced"),
        **each(Meaning.COMPLAINT, "spam_complaint"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribed"),
        **each(Meaning.NOTHING, "webhook.test", "maintenance.start", "maintenance.end", "bulk_email.completed"),
        **each(Meaning.NOTHING, "inbound_forward.failed", "inbound_message.rejected"),
        **each(Meaning.NOTHING, "sender_identity.verified", "email_single.verified", "email_list.verified"),
        **each(Meaning.NOTHING, "recipient.on_hold_added", "recipient.on_hold_removed"),
    },
    frozenset({"opened", "opened_unique", "clicked", "clicked_unique", "survey_opened", "survey_submitted"}),
)
