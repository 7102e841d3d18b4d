"""E-mail addresses: checking, one canonical form, and the keyed hash that outlives an erased person."""

from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from email_validator import EmailNotValidError, validate_email


def canonical(address: str) -> str:
    """The address in the one form that is stored: trimmed, normalised, lower case; ValidationError if it is none."""
    try:
        checked = validate_email(
            address.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ValidationError(str(error)) from error
    return checked.normalized.lower()


def mailbox(address: str) -> str:
    """The address without what providers ignore (dots and +tags of the local part): whom a mail really reaches."""
    local, _, domain = canonical(address).rpartition("@")
    return f"{local.split('+')[0].replace('.', '')}@{domain}"


def address_hash(address: str) -> bytes:
    """16 bytes, keyed with ADDRESS_KEY: readable by nobody, yet the same for the same address."""
    from django.conf import settings

    return salted_hmac("address", canonical(address), secret=settings.ADDRESS_KEY, algorithm="sha256").digest()[:16]
