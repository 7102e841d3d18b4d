"""How often one network may ask for a preview."""

from django.http import HttpRequest
from django.utils.timezone import now

from subscriptions.limits import client_address, rate_buckets

AN_HOUR = 1_500  # previews of one network, in which several people may type
ENOUGH = (
    "The preview was asked for very often from your network. It goes on in an hour; "
    "you can sign up without it, and change everything later."
)


def may_preview(request: HttpRequest) -> bool:
    """Use up one preview of the network's hour; return False where none is left, for which ENOUGH has the words."""
    key = rate_buckets.secret_key("preview", client_address.network(request))
    return rate_buckets.take(key, 1, limit=AN_HOUR, period=rate_buckets.HOUR, now=now())
