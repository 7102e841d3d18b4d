"""E-mail addresses: checking, one canonical form, and the keyed hash that outlives an erased person."""

import re

import idna
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from email_validator import EmailNotValidError, validate_email

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def is_plain(address: str) -> bool:
    """Tell whether an address stands in a mail as it is: nothing in it to quote, and nothing beyond ASCII."""
    return _PLAIN.fullmatch(address) is not None


def canonical(address: str) -> str:
    """Return the address in its stored form: trimmed, normalised, lower case; raise ValidationError if it is none."""
    try:
        checked = validate_email(
            address.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ValidationError(str(error)) from error
    return checked.normalized.lower()


def mailbox(address: str) -> str:
    """Return the address without what providers ignore (dots and +tags of the local part): the same for one mailbox."""
    local, _, domain = canonical(address).rpartition("@")
    return f"{local.split('+')[0].replace('.', '')}@{domain}"


def ascii_domain(domain: str) -> str:
    """Write a domain as the DNS knows it; UnicodeError if it is none.

    As email-validator and Anymail do. Django's punycode is of an older standard and makes fass of faß, another domain.
    """
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def address_hash(address: str) -> bytes:
    """Return 16 bytes, keyed with ADDRESS_KEY: nobody can read the address back, and it has the same ones again."""
    from django.conf import settings

    return salted_hmac("address", canonical(address), secret=settings.ADDRESS_KEY, algorithm="sha256").digest()[:16]


def masked(address: str) -> str:
    """Return enough to recognise one's own address by, and too little to write to it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
