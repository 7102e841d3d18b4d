"""Public handles of rows: 128 random bits, so that primary keys stay private."""

import secrets

from django.utils.crypto import salted_hmac

HANDLE_BYTES = 16


def new_handle() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(HANDLE_BYTES)


def account_mail_handle(pk: int) -> str:
    """Return 32 hexadecimal digits that name an account mail, and do not tell how many there are."""
    return salted_hmac("account mail", str(pk), algorithm="sha256").hexdigest()[: 2 * HANDLE_BYTES]
