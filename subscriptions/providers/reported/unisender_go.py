"""Unisender Go: events by user, or one event a post; a block by a mailbox provider is about nobody in particular."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import Heard, at_most_soft, each, joined, said

ERRORS: dict[str, Meaning] = {
    **dict.fromkeys(["err_user_unknown", "err_user_inactive", "err_domain_inactive"], Meaning.HARD),
    "err_mailbox_discarded": Meaning.HARD,
    **dict.fromkeys(["err_mailbox_full", "err_unreachable", "err_delivery_failed"], Meaning.SOFT),
    **dict.fromkeys(["err_spam_rejected", "err_spam_skipped", "err_blacklisted"], Meaning.BLOCKED),
    **dict.fromkeys(["err_too_large", "err_destination_misconfigured"], Meaning.BLOCKED),
    **dict.fromkeys(["err_lost", "err_skip_letter"], Meaning.BLOCKED),
    "err_unsubscribed": Meaning.UNSUBSCRIBED,
    "err_will_retry": Meaning.ACCEPTED,
}


def _word(report: Any) -> str:
    kind = said(report, "status")
    if kind not in ("hard_bounced", "soft_bounced"):
        return kind or said(report, "event_name")
    return joined(kind, said(report, "delivery_info", "delivery_status"))


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "sent"),
        **each(Meaning.DELIVERED, "delivered"),
        **{joined("hard_bounced", error): meaning for error, meaning in ERRORS.items()},
        **{joined("soft_bounced", error): at_most_soft(meaning) for error, meaning in ERRORS.items()},
        **each(Meaning.SOFT, "hard_bounced", "soft_bounced"),
        **each(Meaning.COMPLAINT, "spam"),
        **each(Meaning.UNSUBSCRIBED, "unsubscribed"),
        **each(Meaning.NOTHING, "subscribed", "transactional_spam_block"),
    },
    frozenset({"opened", "clicked"}),
)
