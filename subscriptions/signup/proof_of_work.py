"""Proof of work for the sign-up form: a browser computes for a second, which a person does not mind and a bot pays for.

The challenge is ALTCHA's: signed, so that it need not be stored, valid for a while, and good for one form.
"""

import json
import secrets
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Any

import altcha
from django.utils.crypto import salted_hmac

from subscriptions.limits import rate_buckets

ALGORITHM, ITERATIONS = "PBKDF2/SHA-256", 5000
FEWEST_TRIES, MORE_TRIES = 300, 300
VALID = timedelta(minutes=30)
LONGEST = 4000  # characters; a real one has about 900
HARDEST = 4  # times the usual work: some seconds, which a person still waits for


def challenge(now: datetime, load: float = 0.0) -> dict[str, Any]:
    """Make a new challenge, for the script in the page."""
    made = altcha.create_challenge(
        ALGORITHM,
        ITERATIONS,
        # The client has to try all numbers below this one, so that no person is unlucky and waits for long.
        counter=harder(load) * (FEWEST_TRIES + secrets.randbelow(MORE_TRIES)),
        expires_at=now + VALID,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return made.to_dict()


def harder(load: float) -> int:
    """Return how many times the usual work; load is the used part of the allowance for proven forms.

    From half of it on the work doubles, and again when it is used up.
    """
    return int(min(HARDEST, 2 ** int(min(2 * load, HARDEST))))


def spend(payload: str, now: datetime) -> bool:
    """Tell whether this solves a challenge of ours that has not expired, and use it up: it works once."""
    if not payload or len(payload) > LONGEST:
        return False
    secret, key_secret = _secret("challenge"), _secret("key")
    if not altcha.verify_solution(payload, secret, hmac_key_secret=key_secret).verified:
        return False
    parameters = json.loads(b64decode(payload))["challenge"]["parameters"]
    # Counted in the day of its end, which is the same whenever it comes.
    expires = datetime.fromtimestamp(parameters["expiresAt"], tz=now.tzinfo)
    return rate_buckets.take(f"proof:{parameters['nonce']}", 1, limit=1, period=rate_buckets.DAY, now=expires)


def _secret(kind: str) -> str:
    return salted_hmac("subscriptions.signup.proof_of_work", kind, algorithm="sha256").hexdigest()
