"""arXiv's RSS 2.0 feed: what was announced, when, and as what."""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from datetime import date
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml import ElementTree
from django.conf import settings

from papers import arxiv_ids
from papers.records import Announced, PaperRecord
from papers.sources import http, reading
from papers.sources.errors import SourceError

NAME = "arxiv"
LIMIT = 2_000  # a feed with as many items was cut there
PAUSE = 3.0  # seconds between two requests, as arXiv's terms ask
ANNOUNCE_TYPE = "{http://arxiv.org/schemas/atom}announce_type"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
DESCRIPTION = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s+Abstract:\s*", re.IGNORECASE)
SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
CHANGED = "The format may have changed: compare it with what papers/sources/arxiv_rss.py reads."

log = logging.getLogger(__name__)


def fetch(categories: Sequence[str]) -> bytes:
    """The newest announcement in these categories or archives, in one request; SourceError."""
    return http.get(NAME, f"{settings.ARXIV_RSS_URL}/{'+'.join(categories)}")


def collect(categories: Sequence[str]) -> list[PaperRecord]:
    """All that was announced; where an answer was cut, its categories are asked for in two halves; SourceError."""
    found = parse(fetch(categories))
    if len(found) < LIMIT or len(categories) == 1:
        return found
    time.sleep(PAUSE)
    first = collect(categories[: len(categories) // 2])
    time.sleep(PAUSE)
    return list({one.arxiv_id: one for one in first + collect(categories[len(categories) // 2 :])}.values())


def parse(data: bytes) -> list[PaperRecord]:
    """The papers of one feed, none on a day without an announcement; SourceError."""
    channel = read_channel(data)
    served = channel.findall("item")
    found = list(readable(served, channel.findtext("pubDate", "")))
    if served and not found:
        raise SourceError(NAME, f"not one of {len(served)} items could be read", CHANGED)
    return found


def read_channel(data: bytes) -> Element:
    try:
        # A DTD is not needed for RSS, and entities in one are a way to exhaust or to read this machine.
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except defusedxml.DefusedXmlException as error:
        raise SourceError(NAME, f"the feed is refused ({type(error).__name__})", "Check its address.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(NAME, f"what was served is not XML ({str(error)[:100]})", CHANGED) from error
    channel = root.find("channel")
    if channel is None:
        raise SourceError(NAME, "what was served is not an RSS feed", CHANGED)
    return channel


def readable(served: list[Element], feed_date: str) -> Iterator[PaperRecord]:
    for number, item in enumerate(served, 1):
        try:
            yield record(item, feed_date)
        except ValueError as error:
            log.warning("%s: item %d of the feed is left out: %s", NAME, number, error)


def record(item: Element, feed_date: str) -> PaperRecord:
    """One item; ValueError."""
    description = item.findtext("description", "")
    prefix = DESCRIPTION.match(description)
    identifier = item.findtext("guid") or (prefix["id"] if prefix else "")
    arxiv_id, version = arxiv_ids.split(identifier)
    announced_as = item.findtext(ANNOUNCE_TYPE) or (prefix["type"] if prefix else "")
    return PaperRecord(
        arxiv_id=arxiv_id,
        version=version,
        title=reading.needed(item.findtext("title"), "title", reading.TITLE_CHARACTERS),
        abstract=reading.needed(description[prefix.end() if prefix else 0 :], "description"),
        authors=split_authors(item.findtext(CREATOR, "")),
        categories=reading.categories(tuple(one.text or "" for one in item.findall("category"))),
        announced_on=eastern_date(item.findtext("pubDate") or feed_date),
        announced_as=Announced(announced_as.strip().lower()),
    )


def eastern_date(text: str) -> date:
    """The date as written: the feed's times are Eastern ones, and arXiv's days are Eastern days."""
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"pubDate is not a date: {text[:40]!r}") from error


def split_authors(creator: str) -> tuple[str, ...]:
    """'Ann Lee, Bo Ek, Jr., Cy Oz' → three names; commas within brackets or braces do not part."""
    found: list[str] = []
    for part in re.split(r",(?![^(]*\))(?![^{]*\})", reading.line(creator, "creator", 200_000)):
        name = part.strip()
        if name.lower() in SUFFIXES and found:
            found[-1] += f", {name}"
        elif name:
            found.append(name)
    return tuple(found)
