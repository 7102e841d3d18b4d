"""The query encoder, as this machine asks it: by a socket, or another machine by an address."""

from collections.abc import Iterator
from datetime import datetime

from recommender.encoding import query_encoder
from recommender.encoding.query_encoder import EncoderAway
from recommender.models import EmbeddingModel
from subscriptions.digests import zone_changes
from subscriptions.doctor.findings import Finding, fine, warning

SUBJECT = "query encoder"


def check(now: datetime) -> Iterator[Finding]:
    serving = EmbeddingModel.objects.serving()
    if serving is None:
        return  # there is nothing that a query could be compared with
    try:
        query_encoder.encode_for(["Is anybody there?"], serving)
    except EncoderAway as away:
        yield _away(away) if _has_web_server(now) else fine(SUBJECT, "None answers here, where no web server asks one.")
        return
    yield fine(SUBJECT, f"It answers at {query_encoder.place()}.")


def _has_web_server(now: datetime) -> bool:
    return any((host.host, host.kind) == (zone_changes.this_host(), "web") for host in zone_changes.noted(now))


def _away(away: EncoderAway) -> Finding:
    return warning(
        SUBJECT,
        f"Asked at {query_encoder.place()}: {away}.",
        why="Searches from this machine go by words alone then, and previews leave free texts out.",
        remedy="Start manage.py serve_query_encoder here, or set QUERY_ENCODER_URL and QUERY_ENCODER_KEY to one"
        " elsewhere; one that just began makes its export first.",
    )
