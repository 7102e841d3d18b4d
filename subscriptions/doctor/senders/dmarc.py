"""DMARC of a domain: its record, and which signatures count as the domain's own."""

import re
from collections.abc import Iterator

from checkdmarc import dmarc, utils

from subscriptions.doctor.findings import REFUSED, Finding, error, fine
from subscriptions.doctor.senders.dns_records import PATIENCE, domains_above, resolver, texts

POLICIES = ("none", "quarantine", "reject")
VERSION = re.compile(r"v\s*=\s*DMARC1\s*(?:;|$)")  # in capitals, or receivers pass over it


def examine(domain: str) -> Iterator[Finding]:
    records, subject = _records_for(domain), f"DMARC of {domain}"
    policy = tags(records[0]).get("p", "").lower() if records else ""
    if not records:
        remedy = f'Add the TXT record _dmarc.{domain} with "v=DMARC1; p=none".'
        yield error(subject, "There is no record.", why=REFUSED, remedy=remedy)
    elif len(records) > 1:
        remedy = "Keep one of them."
        yield error(subject, f"There are {len(records)} records.", why="Receivers then use none.", remedy=remedy)
    elif policy not in POLICIES:
        what, remedy = f"It has no policy: {records[0]}", 'Add "p=none", or a stricter one when you trust your set-up.'
        yield error(subject, what, why="Receivers then treat it as missing.", remedy=remedy)
    elif problem := _broken_part(records[0], domain):
        why, remedy = "Receivers pass over that part, or over the whole record.", "Mend it in the TXT record."
        yield error(subject, problem, why=why, remedy=remedy)
    else:
        yield fine(subject, f"The policy is {policy}.")


def _broken_part(record: str, domain: str) -> str:
    """Tell what no receiver understands of a record; '' where there is nothing."""
    utils.DNS_CACHE.clear()
    try:
        dmarc.parse_dmarc_record(record.strip(), domain, resolver=resolver(), timeout=PATIENCE)
    except dmarc.DMARCError as problem:
        return str(problem)
    return ""


def tags(record: str) -> dict[str, str]:
    """Read a record such as "v=DMARC1; p=none"; names are in lower case, values as they stand."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}


def _records_at(domain: str) -> list[str]:
    return [text for text in texts(f"_dmarc.{domain}") if VERSION.match(text)]


def _records_for(domain: str) -> list[str]:
    """Return the records of the domain itself, else of the nearest domain above it that has some."""
    return next((found for name in domains_above(domain) if (found := _records_at(name))), [])


def organization(domain: str) -> str:
    """Return the topmost domain with a record: by it receivers tell what belongs together (DMARC's tree walk)."""
    return next((name for name in reversed(list(domains_above(domain))) if _records_at(name)), domain)


def is_aligned(signer: str, sender: str) -> bool:
    """Tell whether a DKIM signature of the domain signer counts for mail From the domain sender."""
    signer, sender = signer.lower(), sender.lower()
    strict = any(tags(record).get("adkim") == "s" for record in _records_for(sender))
    return signer == sender or (not strict and organization(signer) == organization(sender))
