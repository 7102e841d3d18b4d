"""Write lists of papers as Atom (RFC 4287) and as JSON Feed 1.1, and answer whoever asks for one again.

Django's generator writes the frame of the Atom feed. Its entries are written here: it knows one author for each, and
calls every summary HTML, in which a reader would take the `<q` of p<q for a tag.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.xmlreader import AttributesImpl

from django.http import HttpRequest, HttpResponseBase
from django.utils.feedgenerator import Atom1Feed, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

from papers.pages.programs import revalidation
from papers.text.directions import straight

ATOM, JSON = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
LANGUAGE = "en"
VERSION = "https://jsonfeed.org/version/1.1"
# What XML 1.0 cannot hold even as a reference: one such character and no reader takes the feed.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper in a feed; texts are plain, addresses absolute, times aware."""

    id: str  # stays when the paper changes
    url: str
    title: str
    updated: datetime
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    tags: tuple[str, ...] = ()
    external_url: str = ""  # where the paper itself is read


@dataclass(frozen=True, slots=True)
class Feed:
    """A list as a feed: url is that of its page, feed_url its own in the format asked for."""

    id: str
    title: str
    url: str
    feed_url: str
    updated: datetime  # when anything in it last changed, what came in included
    author: str  # of the feed as a whole, for papers whose authors are unknown
    entries: tuple[Entry, ...] = ()
    subtitle: str = ""
    changed: datetime | None = (
        None  # when also its order last changed, where that is later; not told in the feed itself
    )


Write = Callable[[Feed], bytes]


def atom(feed: Feed) -> bytes:
    """Return the feed as an Atom document in UTF-8."""
    writer = _Atom(
        title=legible(feed.title),
        link=feed.url,
        description="",
        subtitle=legible(feed.subtitle) or None,
        language=LANGUAGE,
        author_name=legible(feed.author),
        feed_url=feed.feed_url,
        feed_guid=feed.id,
        updated=feed.updated,
    )
    for entry in feed.entries:
        writer.add_item(title=legible(entry.title), link=entry.url, description="", entry=entry)
    return writer.writeString("utf-8").encode()


class _Atom(Atom1Feed):
    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        entry = item["entry"]
        assert isinstance(entry, Entry)
        handler.addQuickElement("id", entry.id)
        handler.addQuickElement("title", legible(entry.title))
        handler.addQuickElement("updated", rfc3339_date(entry.updated.astimezone(UTC)))
        if entry.published:
            handler.addQuickElement("published", rfc3339_date(entry.published.astimezone(UTC)))
        for name in _all_legible(entry.authors):
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            handler.endElement("author")
        for tag in _all_legible(entry.tags):
            handler.addQuickElement("category", "", {"term": tag})
        handler.addQuickElement("link", "", {"rel": "alternate", "type": "text/html", "href": entry.url})
        if entry.external_url:
            handler.addQuickElement("link", "", {"rel": "related", "href": entry.external_url})
        handler.addQuickElement("summary", legible(entry.summary), {"type": "text"})


def json_feed(feed: Feed) -> bytes:
    """Return the feed as JSON Feed 1.1 in UTF-8."""
    document: dict[str, object] = {
        "version": VERSION,
        "title": legible(feed.title),
        "home_page_url": feed.url,
        "feed_url": feed.feed_url,
        "description": legible(feed.subtitle),
        "language": LANGUAGE,
        "authors": _people([feed.author]),
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(_without_blanks(document), ensure_ascii=False).encode()


def _item(entry: Entry) -> dict[str, object]:
    published = rfc3339_date(entry.published.astimezone(UTC)) if entry.published else ""
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.url,
        "external_url": entry.external_url,
        "title": legible(entry.title),
        "date_published": published,
        "date_modified": rfc3339_date(entry.updated.astimezone(UTC)),
        "authors": _people(entry.authors),
        "tags": _all_legible(entry.tags),
    }
    return _without_blanks(item) | {
        "content_text": legible(entry.summary)
    }  # one that a reader must find, even if empty


def _people(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in _all_legible(names)]


def _all_legible(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, map(legible, texts))))


def _without_blanks(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value or name == "items"}


def legible(text: str) -> str:
    """Return a text on one line as XML can hold it, without marks that would turn what stands around it."""
    return " ".join(straight(NO_XML.sub(" ", text)).split())


def answer(request: HttpRequest, feed: Feed, content_type: str, *, cached: str = "public") -> HttpResponseBase:
    """Return the feed in the format of a content type, or 304 to whoever has what it says already.

    cached says which caches may keep it: "public", or "private" for what only one person may read.
    """
    return revalidation.answer(
        request,
        WRITERS[content_type](feed),
        content_type,
        changed=feed.changed or feed.updated,
        cache_control=f"{cached}, max-age={KEPT_SECONDS}",
    )


WRITERS: dict[str, Write] = {ATOM: atom, JSON: json_feed}
