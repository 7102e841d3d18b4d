"""Mailjet: events one by one, or grouped as a list."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, at_most_soft, each, joined, said

# Of a mail that came back; where Mailjet did not even try, an address that is no more is one that it refuses.
ERRORS = {
    **dict.fromkeys(["user unknown", "mailbox inactive", "invalid domain", "typofix"], Meaning.HARD),
    **dict.fromkeys(["quota exceeded", "greylisted", "connection issue"], Meaning.SOFT),
    **dict.fromkeys(["spam reporter", "preblocked"], Meaning.REFUSED),
    **dict.fromkeys(["no mail host", "relay/access denied", "blacklisted"], Meaning.BLOCKED),
    **dict.fromkeys(["sender blocked", "content blocked", "policy issue", "spam preblocked"], Meaning.BLOCKED),
    **dict.fromkeys(["system issue", "protocol issue", "duplicate in campaign", "templating error"], Meaning.NOTHING),
}


def _word(report: Any) -> str:
    kind = said(report, "event")
    if kind not in ("bounce", "blocked"):
        return kind
    soft = kind == "bounce" and isinstance(report, dict) and report.get("hard_bounce") is False
    return joined("soft" if soft else "", kind, said(report, "error"))


HEARD = Heard(
    _word,
    {
        **each(Meaning.DELIVERED, "sent"),
        **{joined("bounce", error): meaning for error, meaning in ERRORS.items()},
        **{joined("soft bounce", error): at_most_soft(meaning) for error, meaning in ERRORS.items()},
        **{
            joined("blocked", error): Meaning.REFUSED if meaning == Meaning.HARD else meaning
            for error, meaning in ERRORS.items()
        },
        **each(ByCode(Meaning.SOFT), "bounce", "soft bounce"),
        **each(Meaning.BLOCKED, "blocked"),
        **each(Meaning.COMPLAINT, "spam"),
        **each(Meaning.UNSUBSCRIBED, "unsub"),
    },
    frozenset({"open", "click"}),
)
