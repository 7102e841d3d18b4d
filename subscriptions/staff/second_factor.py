"""The second factor of people who sign in to the admin: codes of a phone, and ten recovery codes on paper.

The database holds only keyed hashes of recovery codes, so that a copy of it holds none that could be used.
"""

import base64
import logging
import re
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

logger = logging.getLogger(__name__)
RECOVERY_CODES = 10
KEY_BYTES = 20
DIGITS = 6
STORED = 16  # characters of a hash: 80 bits

Device = Any  # of django-otp, which has no types: a phone or the recovery codes


@dataclass(frozen=True, slots=True)
class State:
    """The state of one user's second factor."""

    enrolled_at: datetime | None
    recovery_codes: int
    wrong_codes: int  # in a row
    next_try_at: datetime | None


def is_enrolled(user: AbstractBaseUser) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def new_secret() -> str:
    """Return a new secret in hexadecimal digits."""
    return str(random_hex(KEY_BYTES))


def for_typing(secret: str) -> str:
    """Return the secret as apps take it by hand: base32 in groups of four."""
    text = base64.b32encode(bytes.fromhex(secret)).decode().rstrip("=")
    return " ".join(re.findall(".{1,4}", text))


def for_scanning(user: User, secret: str) -> str:
    """Return the otpauth:// address that a phone reads from the picture."""
    return str(TOTPDevice(user=user, key=secret).config_url)


def enrol(user: User, secret: str, code: str) -> tuple[TOTPDevice, list[str]] | None:
    """Take the phone that shows this code as the second factor; return it and the recovery codes, which are shown once.

    Returns None if the code is wrong, or if another phone was enrolled meanwhile.
    """
    totp = TOTP(bytes.fromhex(secret), digits=DIGITS)
    totp.time = time.time()
    code = _plain(code)
    if not _looks_like_a_phones(code) or not totp.verify(int(code), tolerance=1):
        return None
    with transaction.atomic():
        if User.objects.select_for_update().filter(pk=user.pk).first() is None or is_enrolled(user):
            return None
        _forget(user)
        phone = TOTPDevice.objects.create(user=user, name="phone", key=secret, last_t=totp.t())
        paper = StaticDevice.objects.create(user=user, name="recovery codes")
        codes = [str(StaticToken.random_token()) for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(
            StaticToken(device=paper, token=_hashed(recovery_code)) for recovery_code in codes
        )
    logger.info("User %d has enrolled a second factor.", user.pk)
    return phone, codes


def check(user: User, code: str) -> Device | None:
    """Return the device that the code is of, which takes no code twice; None if it is wrong, or the device waits."""
    typed = _plain(code)
    if _looks_like_a_phones(typed):
        return _verified(TOTPDevice, user, typed)
    known = StaticToken.objects.filter(device__user=user, token__in=_hashes(typed)).first()
    return _verified(StaticDevice, user, known.token if known else _hashed(typed))


def _verified(model: Any, user: User, word: str) -> Device | None:
    device = model.objects.filter(user=user, confirmed=True).first()
    return verify_token(user, device.persistent_id, word) if device else None


def rests_until(user: User, code: str) -> datetime | None:
    """Return when the device takes the next such code; after each wrong one in a row it waits twice as long."""
    model: Any = TOTPDevice if _looks_like_a_phones(_plain(code)) else StaticDevice
    return _next_try(model.objects.filter(user=user, confirmed=True).first())


def state_of(user: User) -> State:
    phone = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    tokens = StaticToken.objects.filter(device__user=user).count()
    failures = phone.throttling_failure_count if phone else 0
    return State(phone.created_at if phone else None, tokens, failures, _next_try(phone))


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def reset(user: User) -> bool:
    """Forget phone and recovery codes, which also signs out everywhere; return False if there were none."""
    with transaction.atomic():
        known = is_enrolled(user)
        _forget(user)
    if known:
        logger.warning("The second factor of user %d was reset.", user.pk)
    return known


def _forget(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _next_try(device: Device | None) -> datetime | None:
    if device is None:
        return None
    allowed, why = device.verify_is_allowed()
    return None if allowed or not why else why["locked_until"]


def _looks_like_a_phones(code: str) -> bool:
    return re.fullmatch(rf"[0-9]{{{DIGITS}}}", code) is not None


def _plain(code: str) -> str:
    """Remove the blanks and dashes that make a code easier to read."""
    return re.sub(r"[\s-]", "", code).lower()


def _hashes(code: str) -> list[str]:
    return [_hashed(code, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _hashed(code: str, key: str | None = None) -> str:
    return salted_hmac("recovery code", code, secret=key, algorithm="sha256").hexdigest()[:STORED]
