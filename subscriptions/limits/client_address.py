"""The address of the client of a request, as far as the proxies that we trust can tell."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"  # one network for all whose address cannot be told


def address(request: HttpRequest) -> str | None:
    """Return the client's IP address; None where there is none, as behind a Unix socket.

    Each of TRUSTED_PROXIES has put the address that it saw at the right end of X-Forwarded-For. What stands further
    left was written by the client, who can write anything.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    hops = [*(forwarded.split(",") if forwarded else []), request.META.get("REMOTE_ADDR", "")]
    parsed = _parse(hops[max(0, len(hops) - 1 - settings.TRUSTED_PROXIES)].strip())
    return str(parsed) if parsed else None


def network(request: HttpRequest) -> str:
    """Return the network that one household or machine has: an IPv4 address, or the /64 of an IPv6 address."""
    client = address(request)
    if client is None:
        return UNKNOWN
    return str(ip_network(f"{client}/64", strict=False)) if ":" in client else client


def home(request: HttpRequest) -> str:
    """Return the network that one household may have all of: an IPv4 address, or the /56 of an IPv6 address.

    Providers give a home 256 networks of /64, or one; counting by /64 would give the former 256 allowances. Where each
    has one, as phones do, strangers share what is counted so: only what may be waited for is.
    """
    narrow = network(request)
    return str(ip_network(narrow).supernet(new_prefix=56)) if ":" in narrow else narrow


def wider(network: str) -> str:
    """Return the network around one: the /48 of a /64 or /56, the /24 of an IPv4 address; UNKNOWN stays.

    A /48 is what a site or a small provider has, with 65,536 networks in it that all belong to one visitor.
    """
    if network == UNKNOWN:
        return network
    narrow = ip_network(network)
    return str(narrow.supernet(new_prefix=48 if narrow.version == 6 else 24))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    for candidate in (text, _without_port(text)):
        try:
            parsed = ip_address(candidate.partition("%")[0])  # a scope behind it means nothing to others
        except ValueError:
            continue
        return getattr(parsed, "ipv4_mapped", None) or parsed
    return None


def _without_port(text: str) -> str:
    """Remove a port: some proxies write 192.0.2.7:4711 or [2001:db8::1]:4711."""
    return text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
