"""Brevo: transactional webhooks, one event or a list of up to 500."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, said


def _word(report: Any) -> str:
    return said(report, "event")


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "request", "sent", "deferred"),
        **each(Meaning.DELIVERED, "delivered"),
        **each(Meaning.HARD, "hard_bounce", "invalid_email"),
        **each(Meaning.SOFT, "soft_bounce"),
        **each(Meaning.BLOCKED, "blocked"),  # by its own list or by its own rules: it does not say which
        **each(Meaning.COMPLAINT, "spam", "complaint"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribe", "unsubscribed"),
        **each(ByCode(Meaning.NOTHING), "error"),
        **each(Meaning.NOTHING, "list_addition"),
    },
    frozenset({"opened", "unique_opened", "proxy_open", "unique_proxy_open", "click", "clicked"}),
)
