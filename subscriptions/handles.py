"""Public handles of rows: 128 random bits, so that a primary key never leaves the house."""

import secrets

HANDLE_BYTES = 16


def new_handle() -> bytes:
    return secrets.token_bytes(HANDLE_BYTES)
