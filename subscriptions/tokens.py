"""Links in mails: 22 characters that carry 128 bits, say nothing, and open one kind of page only.

A token is a row's random handle (16 bytes, one AES block) encrypted under a key of its purpose, which is derived from
SECRET_KEY. So a dump of the database holds no usable token, a token of one purpose is noise to every other page, and
guessing one means hitting a handle among 2^128. A signature beside an id would need 44 characters: too long for a
List-Unsubscribe header that must stay on one line of 76.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from subscriptions.handles import HANDLE_BYTES

TOKEN_LENGTH = 22


class Purpose(StrEnum):
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    DIGEST = "digest"
    NEW_ADDRESS = "new_address"


def make(purpose: Purpose, handle: bytes | memoryview) -> str:
    """16 bytes of a row's handle → 22 characters of base64url."""
    return maker(purpose)(handle)


def maker(purpose: Purpose) -> Callable[[bytes | memoryview], str]:
    """Makes the tokens of many rows with one key schedule; ValueError for what is no handle."""
    encryptor = _cipher(settings.SECRET_KEY, purpose).encryptor()

    def token(handle: bytes | memoryview) -> str:
        if len(handle) != HANDLE_BYTES:
            raise ValueError(f"A handle has {HANDLE_BYTES} bytes, not {len(handle)}.")
        return base64.urlsafe_b64encode(encryptor.update(bytes(handle))).decode().rstrip("=")

    return token


def read(purpose: Purpose, token: str) -> list[bytes]:
    """The handles that a token may stand for, one for each key in use; none for what is no token at all."""
    try:
        block = base64.b64decode(token + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return []
    if len(token) != TOKEN_LENGTH or len(block) != HANDLE_BYTES:
        return []
    return [_decrypt(key, purpose, block) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _decrypt(secret: str, purpose: Purpose, block: bytes) -> bytes:
    decryptor = _cipher(secret, purpose).decryptor()
    return decryptor.update(block) + decryptor.finalize()


@lru_cache(maxsize=64)
def _cipher(secret: str, purpose: Purpose) -> Cipher[modes.ECB]:
    key = hmac.new(secret.encode(), f"paper round link: {purpose}".encode(), hashlib.sha256).digest()
    # Each block a row's own random handle, never two the same: here ECB is the bare permutation that is wanted.
    return Cipher(algorithms.AES(key), modes.ECB())
