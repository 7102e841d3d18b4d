"""SparkPost: a list of events, each wrapped in its class."""

from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.heard import ByCode, Heard, each, joined, said

CLASSES: dict[str, Meaning | ByCode] = {
    **each(Meaning.HARD, "10", "30"),
    **each(Meaning.SOFT, "", "1", "20", "22", "24", "40", "70"),
    **each(Meaning.BLOCKED, "21", "23", "25", "26", "50", "51", "52", "53", "54"),
    **each(Meaning.DELIVERED, "60", "100"),  # an answer of a machine
    **each(Meaning.NOTHING, "80"),
    **each(Meaning.UNSUBSCRIBED, "90"),
}
BOUNCES = ("bounce", "out_of_band", "policy_rejection")
# Of RFC 5965, as in a loop's own report.
COMPLAINTS: dict[str, Meaning | ByCode] = {
    **each(Meaning.COMPLAINT, "", "abuse", "fraud", "other"),
    **each(Meaning.BLOCKED, "virus", "auth-failure"),
    **each(Meaning.ACCEPTED, "not-spam"),
    **each(Meaning.UNSUBSCRIBED, "opt-out", "opt-out-list"),
}


def _word(report: Any) -> str:
    kind = said(report, "msys", "*", "type")
    if kind in BOUNCES:
        suppressed = "suppressed due to" in said(report, "msys", "*", "raw_reason") + said(
            report, "msys", "*", "reason"
        )
        return joined(kind, "suppressed" if suppressed else said(report, "msys", "*", "bounce_class"))
    return joined(kind, said(report, "msys", "*", "fbtype") if kind == "spam_complaint" else "")


HEARD = Heard(
    _word,
    {
        **each(Meaning.ACCEPTED, "injection", "delay"),
        **each(Meaning.DELIVERED, "delivery"),
        **{joined("bounce", number): meaning for number, meaning in CLASSES.items()},
        **{joined("out_of_band", number): meaning for number, meaning in CLASSES.items()},
        # By its own list of addresses; every other of its rules is about what we send.
        **{joined(kind, "suppressed"): Meaning.REFUSED for kind in BOUNCES},
        **{joined("policy_rejection", number): Meaning.BLOCKED for number in CLASSES},
        **{joined("spam_complaint", kind): meaning for kind, meaning in COMPLAINTS.items()},
        **each(Meaning.UNSUBSCRIBED, "list_unsubscribe", "link_unsubscribe"),
        **each(Meaning.NOTHING, "generation_failure", "generation_rejection", "sms_status"),
        **each(Meaning.NOTHING, "ab_test_completed", "ab_test_cancelled", "success", "error"),
    },
    frozenset({"open", "initial_open", "click", "amp_open", "amp_initial_open", "amp_click"}),
)
