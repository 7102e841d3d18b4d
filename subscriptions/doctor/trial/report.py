"""What an operator reads of a trial: how the answer was judged, what it shows, and what only a look at the mail can."""

from collections.abc import Iterator
from typing import Any

from subscriptions.doctor.findings import Finding, error, fine, warning
from subscriptions.doctor.trial.attempt import Attempt
from subscriptions.providers.extras import HEADERS
from subscriptions.providers.results import SendResult

# Each that is not "sent": why it matters to digests, and what to do.
WHAT_THEN: dict[SendResult, tuple[str, str]] = {
    SendResult.REFUSED_ADDRESS: (
        "A digest to it would fail, and the address be suppressed.",
        "Give another with --to, or take this one off the provider's list of suppressed addresses.",
    ),
    SendResult.REFUSED_MESSAGE: (
        "Every digest has this form.",
        "Look up in the provider's log what it dislikes; often it is DIGEST_FROM, SITE_URL or DIGEST_ESP_EXTRA.",
    ),
    SendResult.REFUSED: (
        "The answer does not say whether the address, the mail or the account is at fault.",
        "Look it up in the provider's log; then see DIGEST_FROM and DIGEST_ESP_EXTRA.",
    ),
    SendResult.DEFERRED: ("It was not taken now, because of the address.", "Try again in some minutes."),
    SendResult.NOT_ACCEPTED: (
        "It was certainly not taken: digests would wait, and the breaker open.",
        "See that this machine reaches the provider (its address in ANYMAIL or EMAIL_URL, DNS, the firewall), and that"
        " the provider has no outage.",
    ),
    SendResult.THROTTLED: (
        "Digests would wait until the provider takes more.",
        "Set PROVIDER_RATE_PER_SECOND and PROVIDER_RATE_PER_DAY to what your account allows, and try again later.",
    ),
    SendResult.MISCONFIGURED: (
        "No mail leaves until it is mended: the breaker opens at the first one.",
        "Check the key in ANYMAIL or EMAIL_URL, that the provider has verified the domain of DIGEST_FROM, and the state"
        " of your account there.",
    ),
    SendResult.AMBIGUOUS: (
        "It may have been taken or not: a digest would be uncertain.",
        "Look into the provider's log whether it came; if its answers are slow, raise REQUESTS_TIMEOUT in ANYMAIL.",
    ),
}


def findings(trial: Attempt) -> Iterator[Finding]:
    """Tell how the answer was judged, and which headers it shows."""
    where = f"to {trial.to}" + (f", {trial.through}" if trial.through else "")
    yield fine("mail", f"A digest with example papers goes to {trial.taker}, {where}.")
    if trial.outcome.result != SendResult.SENT:
        why, remedy = WHAT_THEN.get(trial.outcome.result, WHAT_THEN[SendResult.AMBIGUOUS])
        said = f" It said: {trial.said}" if trial.said else ""
        yield error("answer", f"{trial.outcome.reason}{said}", why=why, remedy=remedy)
        return
    known_as = f", and knows it as {trial.outcome.provider_id}" if trial.outcome.provider_id else ""
    yield fine("answer", f"{trial.taker} took it{known_as}.")
    yield from _of_headers(trial)


def _of_headers(trial: Attempt) -> Iterator[Finding]:
    shown = [name for name, value in ours(trial).items() if _is_in(value, trial.answer.body)]
    if shown:
        yield fine("headers", f"The answer shows that these arrived: {', '.join(shown)}.")
    else:
        yield fine("headers", "The answer shows none of them.")
    if trial.row and trial.row.own_headers:
        yield fine("headers", f"{trial.row.title} puts its own {' and '.join(trial.row.own_headers)} into each mail.")
    if trial.row and trial.row.remark:
        yield warning(
            "headers",
            f"{trial.row.title} {trial.row.remark}.",
            why="Gmail and Yahoo ask for them in mail to many.",
            remedy="Look for them in a mail that came.",
        )


def to_compare(trial: Attempt) -> Iterator[str]:
    """Yield lines that tell what to look at by hand; none where the mail was not taken."""
    if trial.outcome.result != SendResult.SENT:
        return
    if trial.through:
        yield "No mail arrives from a trial. To see the headers as readers get them, send one to yourself:"
        yield "    manage.py provider check --to you@example.org"
        yield "and compare in its source (Gmail: Show original) what was handed over this time:"
    else:
        yield f"Compare in the source of the mail that came to {trial.to} (Gmail: Show original):"
    yield from (f"    {name}: {value}" for name, value in ours(trial).items())
    yield "Then save its source to a file, and have the signature examined: manage.py doctor --mail FILE"


def ours(trial: Attempt) -> dict[str, str]:
    """Return the headers as they were handed over, but for those that each provider writes from fields of its own."""
    given = trial.message.extra_headers
    return {name: str(given[name]) for name in HEADERS if name in given}


def _is_in(value: str, body: Any) -> bool:
    """Tell whether an answer repeats a header: in whole, and an id also without its brackets."""
    if isinstance(body, dict):
        return any(_is_in(value, part) for part in body.values())
    if isinstance(body, list):
        return any(_is_in(value, part) for part in body)
    return isinstance(body, str) and body.strip("<> ") == value.strip("<> ")
