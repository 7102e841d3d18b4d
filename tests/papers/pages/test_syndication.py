"""Feeds as others read them: feedparser reads Atom strictly, jsonfeed-util JSON Feed 1.1."""

import json
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import jsonfeed
import pytest
from django.test import RequestFactory

from papers.pages.syndication import ATOM, JSON, Entry, Feed, answer, atom, json_feed

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
ENTRY = Entry(
    id="https://papers.example.org/papers/2606.00001/",
    url="https://papers.example.org/papers/2606.00001/",
    title="When p<q & <b>bold</b> claims “fail”",
    updated=NOON,
    published=NOON - timedelta(days=2),
    authors=("Ann Lee", "علي بن محمد", "Zoë Šimůnek"),
    summary="If p<q then &amp; stays as it is; <script>alert(1)</script> is text.",
    tags=("cs.LG", "stat.ML"),
    external_url="https://arxiv.org/abs/2606.00001",
)
FEED = Feed(
    id="https://papers.example.org/feed.atom",
    title="Trending today",
    url="https://papers.example.org/",
    feed_url="https://papers.example.org/feed.atom",
    updated=NOON,
    author="Paper Round",
    entries=(ENTRY, replace(ENTRY, id="tag:papers.example.org,2026:2", authors=(), published=None, summary="")),
    subtitle="What gains attention",
)


def test_a_strict_reader_takes_the_atom_feed_and_finds_everything_that_the_standard_asks_for() -> None:
    read = feedparser.parse(atom(FEED), sanitize_html=False)
    assert (read.bozo, read.version, read.feed.language) == (False, "atom10", "en")
    assert (read.feed.id, read.feed.title, read.feed.subtitle) == (FEED.id, FEED.title, FEED.subtitle)
    assert read.feed.author == "Paper Round", "an entry without authors has the feed's"
    assert {link.rel: link.href for link in read.feed.links} == {"alternate": FEED.url, "self": FEED.feed_url}
    first, second = read.entries
    assert (first.id, first.link, first.title) == (ENTRY.id, ENTRY.url, ENTRY.title)
    assert [author.name for author in first.authors] == list(ENTRY.authors)
    assert [tag.term for tag in first.tags] == list(ENTRY.tags)
    assert (first.summary, first.summary_detail.type) == (ENTRY.summary, "text/plain")
    assert (timegm(first.updated_parsed), timegm(first.published_parsed)) == (
        NOON.timestamp(),
        NOON.timestamp() - 172800,
    )
    assert "published" not in second


def test_a_reader_of_json_feeds_takes_the_other_format() -> None:
    read = jsonfeed.Feed.parse(json.loads(json_feed(FEED)))
    assert (read.title, read.feed_url, read.home_page_url, read.language) == (FEED.title, FEED.feed_url, FEED.url, "en")
    assert json.loads(json_feed(FEED))["version"] == "https://jsonfeed.org/version/1.1"
    first, second = read.items
    assert (first.id, first.url, first.external_url, first.title) == (
        ENTRY.id,
        ENTRY.url,
        ENTRY.external_url,
        ENTRY.title,
    )
    assert [author.name for author in first.authors] == list(ENTRY.authors)
    assert (first.content_text, first.tags) == (ENTRY.summary, list(ENTRY.tags))
    assert datetime.fromisoformat(first.date_modified) == NOON
    assert second.content_text == "", "an item has one, even if there is nothing to say"


def test_a_feed_without_entries_is_a_feed() -> None:
    empty = replace(FEED, entries=())
    read = feedparser.parse(atom(empty))
    assert (read.bozo, read.entries, timegm(read.feed.updated_parsed)) == (False, [], NOON.timestamp())
    assert jsonfeed.Feed.parse(json.loads(json_feed(empty))).items == []


@pytest.mark.parametrize("odd", ["\x00", "\x0b", "\x1b[31m", "\ufffe", "\ud800", "\u202e", "]]>", "\x85", "𝔸", "\r\n"])
def test_no_character_of_a_paper_makes_a_feed_that_cannot_be_read(odd: str) -> None:
    entry = replace(ENTRY, title=f"a{odd}b", authors=(f"A{odd}B", odd), summary=f"c{odd}d", tags=(odd, f"e{odd}f"))
    feed = replace(FEED, title=f"t{odd}t", entries=(entry,))
    read = feedparser.parse(atom(feed))
    assert not read.bozo
    assert read.entries[0].title[0] + read.entries[0].title[-1] == "ab"
    assert json.loads(json_feed(feed).decode())["items"][0]["title"] == read.entries[0].title


def test_times_are_in_utc_whatever_zone_they_came_in() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert atom(replace(FEED, entries=(replace(ENTRY, updated=tokyo, published=tokyo),))).count(b"12:00:00+00:00") == 3


@pytest.mark.parametrize("kind", [ATOM, JSON])
def test_who_has_a_feed_already_is_told_so_without_it(kind: str, rf: RequestFactory) -> None:
    fresh = answer(rf.get("/"), FEED, kind)
    assert (fresh.status_code, fresh.headers["Content-Type"]) == (200, kind)
    again = answer(rf.get("/", headers={"If-None-Match": fresh.headers["ETag"]}), FEED, kind)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == fresh.headers["ETag"]
    since = answer(rf.get("/", headers={"If-Modified-Since": fresh.headers["Last-Modified"]}), FEED, kind)
    assert since.status_code == 304


@pytest.mark.parametrize("kind", [ATOM, JSON])
def test_a_feed_that_changed_is_sent_whole(kind: str, rf: RequestFactory) -> None:
    fresh = answer(rf.get("/"), FEED, kind)
    changed = replace(FEED, updated=NOON + timedelta(minutes=1), entries=FEED.entries[:1])
    for name, value in (
        ("If-None-Match", fresh.headers["ETag"]),
        ("If-Modified-Since", fresh.headers["Last-Modified"]),
    ):
        assert answer(rf.get("/", headers={name: value}), changed, kind).status_code == 200


def test_what_is_private_is_kept_by_no_shared_cache(rf: RequestFactory) -> None:
    assert answer(rf.get("/"), FEED, ATOM, cached="private").headers["Cache-Control"].startswith("private,")
