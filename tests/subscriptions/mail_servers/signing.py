"""A mail that leaves with a DKIM signature over all its bytes, as an operator's own signer would make it."""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from subscriptions.transport import smtp

KEY = rsa.generate_private_key(65537, 2048)
# Those that no server on the way may touch; "simple" forgives not even a blank.
HEADERS = [
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
]


@cache
def _private() -> bytes:
    return KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _record(*question: object, **options: object) -> bytes:
    """What the DNS would say of the key."""
    public = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + b64encode(public)


def is_unchanged(arrived: bytes) -> bool:
    """Whether the signature still fits: no line of the signed headers and no byte of the body is another."""
    return bool(dkim.verify(arrived, dnsfunc=_record))


class _Signed:
    def __init__(self, message: Any) -> None:
        self._message = message

    def as_bytes(self, linesep: str) -> bytes:
        raw = self._message.as_bytes(linesep=linesep)
        simple = (b"simple", b"simple")
        return dkim.sign(raw, b"s", b"example.org", _private(), canonicalize=simple, include_headers=HEADERS) + raw


class _Outgoing:
    """A message in all that the backend looks at."""

    def __init__(self, message: Any) -> None:
        self._message = message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)

    def message(self) -> _Signed:
        return _Signed(self._message.message())


class EmailBackend(smtp.EmailBackend):
    """Ours; before each mail it tells how many were begun before, and how many of them were taken."""

    begun = taken = 0
    before: Callable[[int, int], object] = staticmethod(lambda begun, taken: None)

    def _send(self, email_message: Any) -> bool:
        EmailBackend.before(EmailBackend.begun, EmailBackend.taken)
        EmailBackend.begun += 1
        sent = super()._send(_Outgoing(email_message))  # type: ignore[arg-type]
        EmailBackend.taken += sent
        return sent
