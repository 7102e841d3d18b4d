"""Settings that only the mail provider's own pages have, and no message."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from subscriptions.doctor.findings import Finding, fine, warning

# Backends of Anymail that cannot say with a message that its opens and clicks are not to be tracked.
TRACKED_BY_ACCOUNT = {
    "amazon_ses": "take open and click events out of the configuration set's event destinations",
    "amazon_sesv1": "take open and click events out of the configuration set's event destinations",
    "brevo": "switch tracking off under Transactional, Settings",
    "mailtrap": "switch open and click tracking off for the sending domain",
    "postal": "switch off Track Opens and Track Clicks of the sending domain's tracking domain",
    "scaleway": "see that no tracking is switched on",
    "sendinblue": "switch tracking off under Transactional, Settings",
}


def check(now: datetime) -> Iterator[Finding]:
    name = provider()
    if name in TRACKED_BY_ACCOUNT:
        yield from _of_tracking(name)
    elif name:
        yield fine("tracking", "Each message asks the provider for none.")
    if name == "postmark":
        yield from _of_streams()


def provider() -> str:
    """Return the name of Anymail's backend, such as "postmark"; '' without one."""
    parts = settings.EMAIL_BACKEND.split(".")
    return parts[2] if parts[:2] == ["anymail", "backends"] else ""


def _of_tracking(name: str) -> Iterator[Finding]:
    yield warning(
        "tracking",
        f"{name} cannot be told by a message to leave opens and links alone.",
        why="A hidden picture and rewritten links would track readers, which we promise not to do.",
        remedy=f"At the provider, {TRACKED_BY_ACCOUNT[name]}; then look at a mail that you got.",
    )


def _of_streams() -> Iterator[Finding]:
    if settings.DIGEST_ESP_EXTRA.get("MessageStream") in {None, "outbound"}:
        yield warning(
            "streams",
            "Digests go out on Postmark's stream for transactional mail.",
            why="Postmark asks for a broadcast stream, and complaints about digests would hurt the confirm mails.",
            remedy='Make a broadcast stream and set DIGEST_ESP_EXTRA={"MessageStream": "broadcast"}.',
        )
