"""What becomes of one digest at each provider in each situation; `python -m tests.subscriptions.providers.lives`."""

import sys
from typing import NamedTuple

from tests.fakes.dialects import DIALECTS

SITUATIONS = (
    "taken",
    "answer lost",
    "again in time",
    "again too late",
    "401",
    "403",
    "429",
    "500",
    "503",
    "address refused",
    "account refused",
    "empty answer",
)
KEYED = ("brevo", "sendinblue", "resend")  # these know a second copy


class End(NamedTuple):
    """The digest's state and attempts, whether its reader is suppressed, the breaker open; copies at the provider."""

    state: str
    attempts: int = 1
    is_suppressed: bool = False
    is_open: bool = False
    copies: int = 0


PLANNED, UNCERTAIN = End("planned"), End("uncertain")
USUAL = {
    "taken": End("sent", copies=1),
    "answer lost": End("uncertain", copies=1),
    "again in time": End("uncertain", copies=1),
    "again too late": End("uncertain", copies=1),
    "401": End("planned", is_open=True),
    "403": End("planned", is_open=True),
    "429": End("planned", is_open=True),
    "500": UNCERTAIN,
    "503": UNCERTAIN,
    "address refused": End("failed", is_suppressed=True),
    "account refused": End("planned", is_open=True),
    "empty answer": UNCERTAIN,
}
WITH_A_KEY = {
    "answer lost": End("planned", copies=1),
    "again in time": End("sent", attempts=2, copies=1),
    "500": PLANNED,
    "503": PLANNED,
    "address refused": PLANNED,
    "empty answer": PLANNED,
}
OTHERWISE: dict[str, dict[str, End]] = {
    **dict.fromkeys(KEYED, WITH_A_KEY),
    # They do not tell the reader's address from other reasons: it goes again, and nobody is suppressed.
    **{name: {"address refused": PLANNED} for name in ("amazon_ses", "mailtrap", "postal", "scaleway", "sparkpost")},
    # They promise that nothing was taken.
    **{name: {"503": PLANNED} for name in ("mandrill", "postmark")},
    # It says nothing when it takes a mail.
    "sendgrid": {"empty answer": End("sent")},
}


def end_of(backend: str, situation: str) -> End:
    return OTHERWISE.get(backend, {}).get(situation) or USUAL[situation]


def _cell(end: End) -> str:
    signs = ["suppressed"] * end.is_suppressed + ["breaker"] * end.is_open
    return " ".join([f"{end.state} {end.attempts}/{end.copies}", *signs])


def table() -> str:
    """Markdown: state, attempts/copies at the provider, and what else happens."""
    rows = [("backend", *SITUATIONS), ("---",) * (1 + len(SITUATIONS))]
    rows += [(backend, *(_cell(end_of(backend, situation)) for situation in SITUATIONS)) for backend in DIALECTS]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
