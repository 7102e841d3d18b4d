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

from papers.arxiv import arxiv_ids
from papers.fetching import http
from papers.fetching.errors import SourceError, blamed_on
from papers.records import Announced, PaperRecord, checked_day
from papers.sources import reading, xml
from papers.sources.optional_values import OptionalValues
from papers.sources.withdrawals import is_notice
from papers.text import author_lists

NAME = "arxiv"
LIMIT = 2_000  # a feed with as many items was cut there
ANNOUNCE_TYPE = "{http://arxiv.org/schemas/atom}announce_type"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
DESCRIPTION = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s+Abstract:\s*", re.IGNORECASE)
CHANGED = reading.format_changed(__name__)

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
    """Return the newest announcement in these categories or archives, None if it is unchanged; raise SourceError."""
    return http.get_if_changed(NAME, f"{settings.ARXIV_RSS_URL}/{'+'.join(categories)}", host=http.ARXIV)


def answers(categories: Sequence[str], split: Split) -> Iterator[Answer]:
    """Yield all that has changed, one answer after the other, those of its halves after a cut one; raise SourceError.

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
    """Return the papers of one feed, none on a day without an announcement; raise SourceError."""
    return read(data).papers


def read(data: bytes) -> Feed:
    """Read a whole feed; raise SourceError."""
    channel = _read_channel(data)
    served, feed_date = channel.findall("item"), channel.findtext("pubDate", "")
    papers = list(readable(served, feed_date))
    if served and not papers:
        raise SourceError(NAME, f"not one of {len(served)} items could be read", CHANGED)
    return Feed(_date_of_feed(feed_date, papers), len(served), papers)


def _date_of_feed(text: str, papers: Sequence[PaperRecord]) -> date | None:
    """Return the newest date in it: a feed's own is at times that of an earlier day, or impossible."""
    dates = [paper.announced_on for paper in papers if paper.announced_on]
    with suppress(ValueError):
        dates.append(checked_day(eastern_date(text), "pubDate"))
    return max(dates, default=None)


def _read_channel(data: bytes) -> Element:
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
    """Read one item; raise ValueError."""
    description = xml.text_at(item, "description")
    prefix = DESCRIPTION.match(description)
    identifier = xml.text_at(item, "guid") or (prefix["id"] if prefix else "")
    arxiv_id, version = arxiv_ids.split(identifier)
    announced_as = xml.text_at(item, ANNOUNCE_TYPE) or (prefix["type"] if prefix else "")
    optional = OptionalValues(lambda problem: log.warning("%s: %s comes without a value: %s", NAME, arxiv_id, problem))
    abstract = reading.needed(description[prefix.end() if prefix else 0 :], "description")
    return PaperRecord(
        identifier=arxiv_id,
        version=version,
        title=reading.needed(xml.text_at(item, "title"), "title", reading.TITLE_CHARACTERS),
        abstract=abstract,
        authors=optional.read(split_authors, xml.text_at(item, CREATOR), "creator", ()),
        categories=reading.categories(tuple(xml.text_of(one).strip() for one in item.findall("category"))),
        announced_on=optional.read(_own_day, xml.text_at(item, "pubDate"), "pubDate", None) or eastern_date(feed_date),
        announced_as=Announced(announced_as.strip().lower()),
        withdrawn=is_notice(abstract) or None,  # what most withdrawn papers say stands in a comment, which is not here
    )


def _own_day(text: object, name: str) -> date | None:
    """Return the day that an item bears, None where it has none and its feed's counts; raise ValueError."""
    return checked_day(eastern_date(text), name) if isinstance(text, str) and text.strip() else None


def eastern_date(text: str) -> date:
    """Return the date as written: the feed's times are Eastern ones, and arXiv's days are Eastern days."""
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"pubDate is not a date: {text[:40]!r}") from error


def split_authors(creator: object, name: str) -> tuple[str, ...]:
    """Return the authors of a line one each; commas within brackets or braces do not part; raise ValueError."""
    people = author_lists.split(reading.line(creator, name, 200_000))
    return tuple(author_lists.one_each([one for one in people if len(one) <= reading.NAME_CHARACTERS]))
