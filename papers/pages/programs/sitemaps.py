"""The pages of the site for search engines, as sitemaps: an index, the lists, and the papers by ranges of their keys.

Django's own sitemaps page by counting rows from the first one on and write each address by a template: a file of a
million papers' last thousands would take seconds. A range of keys takes as long wherever it stands.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max
from django.urls import reverse

from papers.models import Paper, Topic
from papers.text.words import FIELD_LABELS

SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
KEYS = 5_000  # to a file: of the 50,000 addresses that are allowed, as many as a worker lists between two readers
Address = tuple[str, datetime | None]  # a path, and when the page last changed


def index() -> bytes:
    """Return the index of all sitemaps."""
    newest = Paper.objects.aggregate(newest=Max("pk"))["newest"] or 0
    papers = [reverse("sitemap_papers", args=[number]) for number in range(newest // KEYS + 1)]
    return _document("sitemapindex", "sitemap", [(path, None) for path in (reverse("sitemap_lists"), *papers)])


def lists() -> bytes:
    """Return the pages that are not a paper's."""
    named = [reverse(name) for name in ("home", "topics", "about", "about_trending", "subscribe")]
    fields = [reverse("field", args=[field]) for field in FIELD_LABELS]
    topics = [topic.get_absolute_url() for topic in Topic.objects.offered()]
    return _document("urlset", "url", [(path, None) for path in (*named, *fields, *topics)])


def papers(number: int) -> tuple[bytes, datetime] | None:
    """Return the papers of the range of keys with this number, and when one last changed; None where there is none."""
    kept = Paper.objects.filter(pk__gte=number * KEYS, pk__lt=(number + 1) * KEYS, withdrawn_on=None)
    rows = list(kept.order_by("pk").values_list("identifier", "updated_at"))
    if not rows:
        return None
    addresses = [(reverse("paper", args=[identifier]), changed_at) for identifier, changed_at in rows]
    return _document("urlset", "url", addresses), max(changed_at for _, changed_at in rows)


def _document(root: str, element: str, addresses: Sequence[Address]) -> bytes:
    body = "".join(_lines(element, addresses))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SCHEMA}">\n{body}</{root}>\n'.encode()


def _lines(element: str, addresses: Sequence[Address]) -> Iterable[str]:
    for path, changed_at in addresses:
        changed = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
        yield f"<{element}><loc>{escape(settings.SITE_URL + path)}</loc>{changed}</{element}>\n"
