"""Attempts at a mail that may have left before: under the same key, with the same bytes, while the key lives.

A provider that knows keys takes a mail once, however often it is handed over, for as long as it remembers the key. So
an attempt again is the mail as it was written first, and none is made when the key may have been forgotten.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.crypto import salted_hmac

from subscriptions.mails import as_stored
from subscriptions.mails.mime import DirectMessage
from subscriptions.models import AccountMail, Digest, FrozenMail
from subscriptions.people.addresses import ascii_domain
from subscriptions.providers.results import SendResult
from subscriptions.transport import backends, rate_limits
from subscriptions.transport.outcomes import Outcome

MARGIN = timedelta(minutes=1)  # before the end of a key's life: an attempt takes its time to get there
SHARES = 6  # of a key's life: an attempt again does not wait for longer than one of them
Mail = Digest | AccountMail


def key_of(mail: Mail) -> str:
    """Return the key of all attempts at a mail: a UUID of version 4 as text, which tells nothing of the mail."""
    if isinstance(mail, Digest):
        return str(UUID(bytes=bytes(mail.handle), version=4))
    named = f"{mail.pk} {mail.created_at.isoformat()}"
    return str(UUID(bytes=salted_hmac("key of an account mail", named, algorithm="sha256").digest()[:16], version=4))


def may_go(mail: Mail, now: datetime) -> bool:
    """Tell whether an attempt cannot bring a second copy, or an operator wants it all the same."""
    if mail.unclear_since is None or settings.ON_UNCERTAIN == "resend":
        return True
    key = backends.key()
    if key is None or now >= mail.unclear_since + key.life - MARGIN:
        return False
    return not FrozenMail.objects.filter(**_is_of(mail)).exclude(provider=backends.name()).exists()


def wait(mail: Mail, outcome: Outcome) -> timedelta:
    """Return how long a mail waits for its next attempt: not for long if its key must still be known then."""
    if outcome.result == SendResult.RUNNING:
        return rate_limits.back_off(0, outcome.wait)
    pause, key = rate_limits.back_off(mail.attempts, outcome.wait), backends.key()
    is_unclear = outcome.may_have_left or mail.unclear_since is not None
    return max(min(pause, key.life / SHARES), outcome.wait or timedelta()) if key and is_unclear else pause


def freeze(mail: Mail, message: EmailMultiAlternatives, now: datetime) -> None:
    """Keep a message for the next attempt, in the place of one that was kept before; none of who is erased by now."""
    if backends.key() is None or not isinstance(message, DirectMessage):
        return
    frozen = FrozenMail(**_is_of(mail), provider=backends.name(), frozen_at=mail.unclear_since or now)
    frozen.content = _box().encrypt(as_stored.packed(message))
    with transaction.atomic():
        if type(mail)._default_manager.select_for_update().filter(pk=mail.pk).first():
            FrozenMail.objects.filter(**_is_of(mail)).delete()
            frozen.save(force_insert=True)


def thawed(mail: Mail, address: str) -> DirectMessage | None:
    """Return the message as it was handed over before, None if there is none to this address."""
    frozen = FrozenMail.objects.filter(**_is_of(mail)).first() if mail.unclear_since else None
    if frozen is None:
        return None
    try:
        message = as_stored.unpacked(_box().decrypt(bytes(frozen.content)))
    except InvalidToken:  # another SECRET_KEY by now
        return None
    local, at, domain = address.rpartition("@")
    return message if message.to == [f"{local}{at}{ascii_domain(domain)}"] else None


def melt(mail: Mail) -> None:
    """Forget what was kept of a mail that has ended."""
    if mail.unclear_since:
        FrozenMail.objects.filter(**_is_of(mail)).delete()


def sweep(now: datetime) -> int:
    """Forget what is kept of mails that have ended, or whose key is not known any more; return how many."""
    key = backends.key()
    return FrozenMail.objects.needless(now - key.life if key else now).delete()[0]


def _is_of(mail: Mail) -> dict[str, int]:
    return {"digest_id" if isinstance(mail, Digest) else "account_mail_id": mail.pk}


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(salted_hmac("frozen mail", "", algorithm="sha256").digest()))
