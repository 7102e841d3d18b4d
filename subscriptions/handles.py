"""Public handles of rows: random bits, so that primary keys stay private."""

import secrets
from datetime import datetime

from django.utils.crypto import salted_hmac

HANDLE_BYTES = 16


def new_handle() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(HANDLE_BYTES)


def dated_handles(count: int, now: datetime) -> list[bytes]:
    """Return handles of rows that are made together: the second, and 96 random bits.

    An index of millions grows at its end by them; by random ones each row would write a page of its own. Handles leave
    the database as tokens only, which do not show the second.
    """
    second = (int(now.timestamp()) & 0xFFFFFFFF).to_bytes(4, "big")
    drawn = secrets.token_bytes(12 * count)
    return [second + drawn[start : start + 12] for start in range(0, len(drawn), 12)]


def account_mail_handle(pk: int) -> str:
    """Return 32 hexadecimal digits that name an account mail, and do not tell how many there are."""
    return salted_hmac("account mail", str(pk), algorithm="sha256").hexdigest()[: 2 * HANDLE_BYTES]
