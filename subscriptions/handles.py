"""Public handles of rows: 128 random bits, so that primary keys stay private."""

import secrets

HANDLE_BYTES = 16


def new_handle() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(HANDLE_BYTES)
