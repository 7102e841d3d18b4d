"""DKIM of a domain: the keys by which its signatures are verified, and whether they are its own."""

from base64 import b64decode
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings

from subscriptions.doctor.findings import REFUSED, Finding, error, fine, warning
from subscriptions.doctor.senders import dmarc, dns_records

SHORTEST_KEY, GOOD_KEY = 1024, 2048
UNREADABLE = -1


def examine(domain: str) -> Iterator[Finding]:
    if not settings.DKIM_SELECTORS:
        yield warning(
            f"DKIM of {domain}",
            "The keys were not looked for, since no selector is known.",
            why="A missing key makes receivers refuse mail, and would go unnoticed here.",
            remedy="Set DKIM_SELECTORS to what stands after s= in the DKIM-Signature of a mail you got.",
        )
        return
    keys = [_key_of(selector, domain) for selector in settings.DKIM_SELECTORS]
    if not any(dmarc.is_aligned(signer, domain) for _, signer in keys):
        yield error(
            f"DKIM of {domain}",
            f"Mail is signed by {', '.join(sorted({signer for _, signer in keys}))}, not by {domain}.",
            why=f"A stranger's signature does not count for DMARC. {REFUSED}",
            remedy="Set up your own domain for DKIM at the mail provider, and put its selector into DKIM_SELECTORS.",
        )
    for name, signer in keys:
        yield from _of_key(name, signer)


def _key_of(selector: str, domain: str) -> tuple[str, str]:
    """Return (the name where a key stands in the DNS, the domain that signs) of a selector or of such a name."""
    key, separator, signer = selector.partition("._domainkey.")
    return (selector, signer) if separator else (f"{key}._domainkey.{domain}", domain)


def _of_key(name: str, signer: str) -> Iterator[Finding]:
    subject, records = f"DKIM of {signer}", dns_records.texts(name)
    bits = _key_bits(dmarc.tags(records[0])) if records else None
    if bits is None:
        why, remedy = REFUSED, f"Publish the TXT record {name} with the key that your mail provider shows."
        yield error(subject, f"There is no key at {name}.", why=why, remedy=remedy)
    elif bits == 0:
        remedy = "Publish a new key, or take this selector out of DKIM_SELECTORS."
        yield error(subject, f"The key at {name} is revoked (p= is empty).", why=REFUSED, remedy=remedy)
    elif bits < SHORTEST_KEY:
        problem = "cannot be read" if bits == UNREADABLE else f"has {bits} bits only"
        yield error(subject, f"The key at {name} {problem}.", why=REFUSED, remedy="Publish it anew, with 2048 bits.")
    elif bits < GOOD_KEY:
        why, remedy = "It will not do for long.", "Let your mail provider make one of 2048 bits."
        yield warning(subject, f"The key at {name} has {bits} bits.", why=why, remedy=remedy)
    else:
        yield fine(subject, f"There is a key at {name}.")


def _key_bits(record: dict[str, str]) -> int | None:
    """Return the length of a key; None if the record holds none, 0 for a revoked key, UNREADABLE for a broken one."""
    if "p" not in record:
        return None
    if record["p"] == "" or record.get("k", "rsa").lower() == "ed25519":
        return GOOD_KEY if record["p"] else 0
    try:
        key = load_der_public_key(b64decode("".join(record["p"].split())))
    except ValueError:
        return UNREADABLE
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else UNREADABLE
