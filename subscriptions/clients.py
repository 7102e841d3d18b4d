"""Who is at the other end of a request, as far as the proxies that we trust can tell."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"  # one network for all whose address cannot be told


def address(request: HttpRequest) -> str | None:
    """The client's IP address; None where there is none, as behind a Unix socket.

    Each of TRUSTED_PROXIES has put the address that it saw at the right end of X-Forwarded-For. What stands further
    left was written by the client, who can write anything.
    """
    seen = request.META.get("HTTP_X_FORWARDED_FOR")
    hops = [*(seen.split(",") if seen else []), request.META.get("REMOTE_ADDR", "")]
    found = _parse(hops[max(0, len(hops) - 1 - settings.TRUSTED_PROXIES)].strip())
    return str(found) if found else None


def network(request: HttpRequest) -> str:
    """What one household or machine has: an IPv4 address, or the /64 of an IPv6 address."""
    found = address(request)
    if found is None:
        return UNKNOWN
    return str(ip_network(f"{found}/64", strict=False)) if ":" in found else found


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    for candidate in (text, _without_port(text)):
        try:
            found = ip_address(candidate)
        except ValueError:
            continue
        return getattr(found, "ipv4_mapped", None) or found
    return None


def _without_port(text: str) -> str:
    """Some proxies write 192.0.2.7:4711 or [2001:db8::1]:4711."""
    return text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
