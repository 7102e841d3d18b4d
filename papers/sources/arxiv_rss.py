"""arXiv's RSS 2.0 feed: what was announced, when, and as what."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from django.conf import settings

from papers import arxiv_ids
from papers.records import Announced, PaperRecord
from papers.sources import http, reading, xml
from papers.sources.errors import SourceError, blamed_on

NAME = "arxiv"
LIMIT = 2_000  # a feed with as many items was cut there
ANNOUNCE_TYPE = "{http://arxiv.org/schemas/atom}announce_type"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
DESCRIPTION = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s+Abstract:\s*", re.IGNORECASE)
SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
CHANGED = "The format may have changed: compare it with what papers/sources/arxiv_rss.py reads."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: the date that it bears, if it says one, how many items it has, and those that could be read."""

    dated_on: date | None
    served: int
    papers: list[PaperRecord]


@dataclass(frozen=True, slots=True)
class Answer:
    """What arXiv said when it was asked for categories; halves are asked for next, because it was cut."""

    categories: Sequence[str]
    page: http.Page
    feed: Feed
    halves: Sequence[Sequence[str]]


Split = Callable[[Sequence[str]], Sequence[Sequence[str]]]


def fetch(categories: Sequence[str]) -> http.Page | None:
    """The newest announcement in these categories or archives, in one request; None if it is unchanged; SourceError."""
    return http.get_if_changed(NAME, f"{settings.ARXIV_RSS_URL}/{'+'.join(categories)}", host=http.ARXIV)


def answers(categories: Sequence[str], split: Split) -> Iterator[Answer]:
    """All that has changed, one answer after the other; a cut one is followed by those of its halves; SourceError.

    split gives the halves of categories, and nothing where they cannot be halved.
    """
    page = fetch(categories)
    if page is None:
        return
    with blamed_on(NAME):
        feed = read(page.body)
    answer = Answer(categories, page, feed, split(categories) if feed.served >= LIMIT else ())
    yield answer
    for half in answer.halves:
        yield from answers(half, split)


def parse(data: bytes) -> list[PaperRecord]:
    """The papers of one feed, none on a day without an announcement; SourceError."""
    return read(data).papers


def read(data: bytes) -> Feed:
    """A whole feed; SourceError."""
    channel = read_channel(data)
    served, feed_date = channel.findall("item"), channel.findtext("pubDate", "")
    found = list(readable(served, feed_date))
    if served and not found:
        raise SourceError(NAME, f"not one of {len(served)} items could be read", CHANGED)
    return Feed(date_of_feed(feed_date, found), len(served), found)


def date_of_feed(text: str, papers: Sequence[PaperRecord]) -> date | None:
    """The newest date in it: a feed's own is at times that of an earlier day."""
    dates = [paper.announced_on for paper in papers if paper.announced_on]
    with suppress(ValueError):
        dates.append(eastern_date(text))
    return max(dates, default=None)


def read_channel(data: bytes) -> Element:
    root = xml.read(NAME, data, CHANGED)
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
        identifier=arxiv_id,
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
