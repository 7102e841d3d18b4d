"""Mandrill: a list of up to 1,000 events; those of its lists of addresses are about no mail."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import Heard, each, joined, said

BOUNCES = {
    "mailbox_full": Meaning.SOFT,
    **dict.fromkeys(["blocked", "spam", "policy", "relaying_denied", "message_too_large"], Meaning.BLOCKED),
}
REJECTS = {
    **dict.fromkeys(["hard-bounce", "spam", "custom", "invalid"], Meaning.REFUSED),
    "unsub": Meaning.UNSUBSCRIBED,
    "soft-bounce": Meaning.SOFT,
}


def _word(report: Any) -> str:
    kind = said(report, "event") or said(report, "type")
    if kind in ("hard_bounce", "soft_bounce"):
        why = said(report, "msg", "bounce_description")
        return joined(kind, why if why in BOUNCES else "")
    if kind == "reject":
        why = said(report, "msg", "reject", "reason") or said(report, "reject", "reason")
        return joined(kind, why if why in REJECTS else "")
    return kind


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "send", "deferral"),
        **each(Meaning.DELIVERED, "delivered"),
        **each(Meaning.HARD, "hard_bounce"),
        **each(Meaning.SOFT, "soft_bounce"),
        **{joined("hard_bounce", why): meaning for why, meaning in BOUNCES.items()},
        **{joined("soft_bounce", why): meaning for why, meaning in BOUNCES.items()},
        **each(Meaning.NOTHING, "reject", "whitelist", "blacklist", "allowlist", "denylist"),
        **{joined("reject", why): meaning for why, meaning in REJECTS.items()},
        **each(Meaning.COMPLAINT, "spam"),
        **each(Meaning.UNSUBSCRIBED, "unsub"),
    },
    frozenset({"open", "click"}),
)
