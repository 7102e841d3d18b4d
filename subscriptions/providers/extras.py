"""What a provider is told beside the mail itself, and which of it would take the place of what the mail says.

Anymail puts an extra into the finished request: at some providers whole headers are replaced by it, at others those of
the same name, and nobody would see it but readers whose button to unsubscribe is gone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from subscriptions.providers.row import Provider

# The names that our mails bear at every provider: headers, and those under which metadata name a row.
HEADERS = (
    *("Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "From", "To", "Subject", "Reply-To"),
)
METADATA = ("digest", "account_mail")
OURS = {name.casefold() for name in (*HEADERS, *METADATA)}


def replaced_by(row: Provider, extra: Mapping[str, Any]) -> str:
    """Return the name in an extra, dotted, that would replace what each mail says; '' if there is none.

    A path of the row that ends with a star stands for what is merged with ours, so that only our own names count there.
    No difference is made between capitals and small letters: not every provider makes one.
    """
    found = (name for path in row.ours for name in _at(path, extra))
    return next(found, "")


def _at(path: str, extra: Mapping[str, Any]) -> Iterator[str]:
    """Yield the dotted names by which an extra reaches a path, as they are spelled there."""
    head, _, rest = path.partition(".")
    for name, value in extra.items():
        if head.endswith("*"):
            if _is_ours(name, head.removesuffix("*")):
                yield name
        elif name.casefold() == head.casefold():
            if rest and isinstance(value, Mapping):
                yield from (f"{name}.{inner}" for inner in _at(rest, value))
            else:  # where ours is an object, a list or a text takes the place of all of it
                yield name


def _is_ours(name: str, prefix: str) -> bool:
    """Tell whether a name, behind a prefix such as that of Mailgun's headers, is one that our mails bear."""
    return name.casefold().startswith(prefix) and name.casefold().removeprefix(prefix) in OURS
