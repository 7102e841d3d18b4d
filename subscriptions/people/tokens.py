"""Links in mails: 22 characters that carry 128 bits, say nothing, and open one kind of page only.

A token is a row's random handle (16 bytes, one AES block) encrypted under a key of its purpose, which is derived from
SECRET_KEY. So a dump of the database holds no usable token, a token of one purpose is noise to every other page, and
guessing one means hitting a handle among 2^128. A signature beside an id would need 44 characters: too long for a
List-Unsubscribe header that must stay on one line of 76.

A reader's epoch (how often all earlier links were made useless) and the end of a short-lived link stand behind the 22
characters in clear, and are part of what the key is derived from: with another number the rest is noise.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from subscriptions.handles import HANDLE_BYTES

TOKEN_LENGTH = 22
SHAPE = re.compile(r"([A-Za-z0-9_-]{22})(?:\.([1-9][0-9]{0,8}|0(?=\.))(?:\.([1-9][0-9]{9,11}))?)?")


class Purpose(StrEnum):
    """The use of a link; its value goes into the key, so that changing one disables every link that was sent."""

    CONFIRM = "confirm"
    DIGEST = "digest"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "interests"
    ACCOUNT = "account"
    NEW_ADDRESS = "new_address"
    MOVE_BACK = "move_back"
    DEVICE = "device"
    FEED = "feed"
    # Stands in mails of earlier versions, and opened everything then.
    OLD_PREFERENCES = "preferences"


class Terms(NamedTuple):
    epoch: int = 0
    until: int = 0  # a Unix time; 0 for a link that does not expire


EVER = Terms()


def make(purpose: Purpose, handle: bytes | memoryview, terms: Terms = EVER) -> str:
    """Return the token of a row's handle, 16 bytes: 22 characters of base64url, and the terms where there are any."""
    return maker(purpose, terms)(handle)


def maker(purpose: Purpose, terms: Terms = EVER) -> Callable[[bytes | memoryview], str]:
    """Return a function that makes the tokens of many rows with one key schedule; bad handles are ValueErrors."""
    encryptor = _cipher(settings.SECRET_KEY, purpose, terms).encryptor()
    after = (f".{terms.epoch}" if any(terms) else "") + (f".{terms.until}" if terms.until else "")

    def token(handle: bytes | memoryview) -> str:
        if len(handle) != HANDLE_BYTES:
            raise ValueError(f"A handle has {HANDLE_BYTES} bytes, not {len(handle)}.")
        return base64.urlsafe_b64encode(encryptor.update(bytes(handle))).decode().rstrip("=") + after

    return token


def terms_of(token: str) -> Terms:
    """Return what stands behind the 22 characters; it is true only if they stand for a row."""
    shape = SHAPE.fullmatch(token)
    return Terms(int(shape[2] or 0), int(shape[3] or 0)) if shape else EVER


def read(purpose: Purpose, token: str) -> list[bytes]:
    """Return the handles that a token may stand for, one for each key in use; none for what is no token at all."""
    shape = SHAPE.fullmatch(token)
    if shape is None:
        return []
    block, terms = base64.urlsafe_b64decode(shape[1] + "=="), terms_of(token)
    return [_decrypt(key, purpose, terms, block) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _decrypt(secret: str, purpose: Purpose, terms: Terms, block: bytes) -> bytes:
    decryptor = _cipher(secret, purpose, terms).decryptor()
    return decryptor.update(block) + decryptor.finalize()


@lru_cache(maxsize=64)
def _cipher(secret: str, purpose: Purpose, terms: Terms) -> Cipher[modes.ECB]:
    use = f"paper round link: {purpose}" + (f": {terms.epoch}: {terms.until}" if any(terms) else "")
    key = hmac.new(secret.encode(), use.encode(), hashlib.sha256).digest()
    # Each block a row's own random handle, never two the same: here ECB is the bare permutation that is wanted.
    return Cipher(algorithms.AES(key), modes.ECB())
