"""DMARC of a domain: its record, and which signatures count as the domain's own."""

from collections.abc import Iterator

from subscriptions.doctor.findings import REFUSED, Finding, error, fine
from subscriptions.doctor.names import domains_above, texts

POLICIES = ("none", "quarantine", "reject")


def examine(domain: str) -> Iterator[Finding]:
    records, subject = records_for(domain), f"DMARC of {domain}"
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
    else:
        yield fine(subject, f"The policy is {policy}.")


def tags(record: str) -> dict[str, str]:
    """A record such as "v=DMARC1; p=none" as data; names are in lower case, values as they stand."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}


def records_at(domain: str) -> list[str]:
    return [text for text in texts(f"_dmarc.{domain}") if text.strip().lower().startswith("v=dmarc1")]


def records_for(domain: str) -> list[str]:
    """Those of the domain itself, else of the nearest domain above it that has some."""
    return next((found for name in domains_above(domain) if (found := records_at(name))), [])


def organization(domain: str) -> str:
    """The topmost domain with a record: by it receivers tell what belongs together (the tree walk of DMARC)."""
    return next((name for name in reversed(list(domains_above(domain))) if records_at(name)), domain)


def is_aligned(signer: str, sender: str) -> bool:
    """Whether a DKIM signature of the domain signer counts for mail From the domain sender."""
    signer, sender = signer.lower(), sender.lower()
    strict = any(tags(record).get("adkim") == "s" for record in records_for(sender))
    return signer == sender or (not strict and organization(signer) == organization(sender))
