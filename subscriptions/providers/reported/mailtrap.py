"""Mailtrap: a list of up to 500 events."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import Heard, each, joined, said

# Reasons and categories are examples in its documentation and no list: one that does not stand here counts as none.
BOUNCES = {
    **dict.fromkeys(["mailbox_full", "quota"], Meaning.SOFT),
    **dict.fromkeys(["spam", "policy", "blocked", "reputation", "content"], Meaning.BLOCKED),
}
REJECTS = {
    **dict.fromkeys(["hard bounce", "hard_bounce", "bounce", "spam", "spam complaint", "suppressed"], Meaning.REFUSED),
    **dict.fromkeys(["unsubscribe", "unsubscribed", "unsubscription"], Meaning.UNSUBSCRIBED),
}


def _word(report: Any) -> str:
    kind, category, reason = said(report, "event"), said(report, "bounce_category"), said(report, "reason")
    if kind == "bounce":
        return joined(kind, category if category in BOUNCES else "")
    return joined(kind, reason if kind == "reject" and reason in REJECTS else "")


HEARD = Heard(
    _word,
    {
        **each(Meaning.DELIVERED, "delivery"),
        **each(Meaning.SOFT, "soft bounce"),
        **each(Meaning.HARD, "bounce"),
        **{joined("bounce", category): meaning for category, meaning in BOUNCES.items()},
        # Our own domain is not verified: the mail waits there, and is rejected in the end.
        **each(Meaning.ACCEPTED, "suspension"),
        **each(Meaning.NOTHING, "reject"),
        **{joined("reject", reason): meaning for reason, meaning in REJECTS.items()},
        **each(Meaning.COMPLAINT, "spam"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribe"),
    },
    frozenset({"open", "click"}),
)
