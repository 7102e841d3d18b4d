"""Questions to the DNS, asked of the machine's own resolver or of the one that DOCTOR_NAMESERVER names."""

from collections.abc import Iterator

from django.conf import settings
from dns import rdatatype
from dns.rdata import Rdata
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

PATIENCE = 5.0  # seconds a question
PORT = 53


def texts(name: str) -> list[str]:
    """Return the TXT records of a name, none where it has none; raise DNSException where the DNS does not answer."""
    return [b"".join(record.strings).decode(errors="replace") for record in _ask(name, rdatatype.TXT)]  # type: ignore[attr-defined]


def mail_hosts(name: str) -> list[str]:
    """Return the hosts that take a domain's mail, as its MX records name them; "" is a domain that takes none."""
    return [str(record.exchange).rstrip(".") for record in _ask(name, rdatatype.MX)]  # type: ignore[attr-defined]


def has_address(name: str) -> bool:
    return bool(_ask(name, rdatatype.A) or _ask(name, rdatatype.AAAA))


def domains_above(domain: str) -> Iterator[str]:
    """Return the domain itself and each domain above it, but for the topmost: a.b.org, b.org."""
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(max(1, len(labels) - 1)))


def _ask(name: str, kind: rdatatype.RdataType) -> list[Rdata]:
    try:
        return list(resolver().resolve(name, kind, lifetime=PATIENCE, search=False))
    except (NXDOMAIN, NoAnswer):
        return []


def resolver() -> Resolver:
    if not settings.DOCTOR_NAMESERVER:
        return Resolver()
    host, _, port = settings.DOCTOR_NAMESERVER.partition(":")
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port or PORT)
    return resolver
