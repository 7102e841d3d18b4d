"""A mail as it arrived, with all its headers: whether its signature makes its one-click unsubscribe credible."""

from collections.abc import Iterator
from email.parser import BytesHeaderParser

import dkim
from dns.exception import DNSException

from subscriptions.doctor.findings import REFUSED, Finding, Level, error, fine, warning
from subscriptions.doctor.senders import dmarc
from subscriptions.doctor.senders.dns_records import texts
from subscriptions.doctor.senders.domains import address, domain_of

# RFC 8058 asks for the last two under the signature; the others are what the reader sees and threads by.
SIGNED = ("From", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")


class NoKey(LookupError):
    """The DNS has no key by which to verify a signature."""


def examine(raw: bytes) -> Iterator[Finding]:
    """Yield findings on a raw message, digest or other; line ends may be of either kind."""
    headers = BytesHeaderParser().parsebytes(raw)
    missing = [name for name in SIGNED if name not in headers]
    if missing:
        why, remedy = "Mail programs show no unsubscribe button.", "Paste a digest as it arrived, with all its headers."
        yield error("headers", f"There is no {', '.join(missing)}.", why=why, remedy=remedy)
    signatures = headers.get_all("DKIM-Signature", [])
    if not signatures:
        why, remedy = REFUSED, "Switch DKIM on at the mail provider, or sign with OpenDKIM on your own server."
        yield error("DKIM", "The mail is not signed.", why=why, remedy=remedy)
    sender = domain_of(address(str(headers.get("From", ""))))
    findings = [_finding_on(raw, number, sender) for number in range(len(signatures))]
    yield from _mildest(findings)


def _mildest(found: list[Finding]) -> list[Finding]:
    """Keep the mildest findings: one good signature is enough, and a second one, often the provider's, harms nobody."""
    return next((some for level in Level if (some := [finding for finding in found if finding.level == level])), [])


def _finding_on(raw: bytes, number: int, sender: str) -> Finding:
    """Judge one of the mail's signatures."""
    try:
        signed = dkim.DKIM(raw)
        is_valid = signed.verify(number, dnsfunc=_key_record)
    except (NoKey, dkim.DKIMException, DNSException, ValueError) as problem:
        return invalid(str(problem) or type(problem).__name__)
    if not is_valid:
        return invalid("the mail was changed since, or the key is another one")
    covered = {name.strip().lower() for name in signed.signature_fields[b"h"].decode().split(":")}
    return _of_signature(signed.domain.decode(), sender, [name for name in SIGNED if name.lower() not in covered])


def invalid(problem: str) -> Finding:
    remedy = "Paste the mail as raw bytes, not from a mail program's window; then see the key (manage.py doctor)."
    return error("DKIM", f"The signature is not valid: {problem}.", why=REFUSED, remedy=remedy)


def _of_signature(signer: str, sender: str, left_out: list[str]) -> Finding:
    if not dmarc.is_aligned(signer, sender):
        remedy = f"Set up {sender} for DKIM at the mail provider."
        return error("DKIM", f"It is signed by {signer}, not by {sender}.", why=REFUSED, remedy=remedy)
    if left_out:
        why = "Gmail and Yahoo ignore headers for unsubscribing that are not signed, and others can be forged."
        remedy = "Tell the signer to include them (OpenDKIM: SignHeaders), or ask your provider."
        grade = error if {"List-Unsubscribe", "List-Unsubscribe-Post"} & set(left_out) else warning
        return grade("DKIM", f"The signature does not cover {', '.join(left_out)}.", why=why, remedy=remedy)
    return fine("DKIM", f"It is signed by {signer}, and the signature covers every header that counts.")


def _key_record(name: bytes, timeout: float = 5) -> bytes:
    """Return the record as dkimpy asks for it; raise NoKey where there is none, which dkimpy would only log."""
    where = name.decode().rstrip(".")
    for text in texts(where):
        return text.encode()
    raise NoKey(f"there is no key at {where}")
