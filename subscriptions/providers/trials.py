"""How a provider takes a mail for trial: it answers as for any other, and no reader gets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Of RFC 2606: nobody has a mailbox there, should a provider take a mail for trial for a real one.
NOBODY = "reader@example.com"


@dataclass(frozen=True, slots=True)
class Trial:
    """A sandbox, or an address at which a mail ends, as the provider documents it."""

    what: str  # in words, behind "it goes to somebody,"
    to: str = NOBODY
    extra: Mapping[str, Any] = field(default_factory=dict)  # beside what DIGEST_ESP_EXTRA holds
    headers: Mapping[str, str] = field(default_factory=dict)  # beside ours
    without_account: Mapping[str, str] = field(default_factory=dict)  # names in ANYMAIL, without the provider's own
