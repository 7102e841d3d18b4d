import contextlib
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.records import Announced
from papers.sources import SourceError, arxiv_rss
from tests.papers.feed_server import Answer, FeedServer

MONDAY = "Mon, 27 Apr 2026 00:00:00 -0400"


def item(number: int = 1, kind: str = "new", **changes: str) -> str:
    values = {
        "title": "On feeds",
        "description": f"arXiv:2604.{number:05}v2 Announce Type: {kind} \nAbstract: Where $p&lt;q$.",
        "guid": f"oai:arXiv.org:2604.{number:05}v2",
        "category": "cs.LG",
        "pubDate": MONDAY,
        "arxiv:announce_type": kind,
        "dc:creator": "Ann Lee, Bo Ek",
    }
    parts = (f"<{name}>{text}</{name}>" for name, text in (values | changes).items())
    return f"<item>{''.join(parts)}</item>"


def feed(*items: str) -> bytes:
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss {spaces} version="2.0"><channel><pubDate>{MONDAY}</pubDate>{"".join(items)}</channel></rss>'.encode()


def test_every_recorded_feed_is_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "feeds" / "arxiv_rss").glob("*.xml"))
    assert len(files) == 3
    for file in files:
        papers = arxiv_rss.parse(file.read_bytes())
        assert len(papers) == 3
        for paper in papers:
            assert paper.arxiv_id.startswith("2604.")
            assert paper.version == 1
            assert paper.announced_on == date(2026, 4, 27)
            assert paper.announced_as == Announced.NEW
            assert not paper.abstract.startswith(("arXiv:", "Abstract:"))
            assert paper.authors
            assert paper.categories[0] == f"cs.{file.stem[-2:].upper()}"


def test_the_prefix_of_the_description_is_removed_and_the_version_kept() -> None:
    (paper,) = arxiv_rss.parse(feed(item(kind="replace")))
    assert (paper.abstract, paper.version, paper.announced_as) == ("Where $p<q$.", 2, Announced.REPLACE)


def test_without_a_guid_the_description_names_the_paper_and_its_kind() -> None:
    (paper,) = arxiv_rss.parse(feed(item(kind="cross", guid="", **{"arxiv:announce_type": ""})))
    assert (paper.arxiv_id, paper.version, paper.announced_as) == ("2604.00001", 2, Announced.CROSS)


def test_without_its_own_date_an_item_has_that_of_the_feed() -> None:
    (paper,) = arxiv_rss.parse(feed(item(pubDate="")))
    assert paper.announced_on == date(2026, 4, 27)


def test_the_date_is_the_eastern_one_as_written() -> None:
    (paper,) = arxiv_rss.parse(feed(item(pubDate="Mon, 27 Apr 2026 23:30:00 -0400")))
    assert paper.announced_on == date(2026, 4, 27)


@pytest.mark.parametrize(
    ("creator", "authors"),
    [
        ("Anamta Khan,  Deepti, Sheza Munir", ("Anamta Khan", "Deepti", "Sheza Munir")),
        ("John Roe, Jr., Ann Lee", ("John Roe, Jr.", "Ann Lee")),
        ("Andr\\'e Weil", ("Andr\\'e Weil",)),
        ("Ann Lee (1, 2), Bo Ek (for CERN, Geneva)", ("Ann Lee (1, 2)", "Bo Ek (for CERN, Geneva)")),
        ("", ()),
    ],
)
def test_the_list_of_authors_is_split_at_its_commas(creator: str, authors: tuple[str, ...]) -> None:
    (paper,) = arxiv_rss.parse(feed(item(**{"dc:creator": escape(creator)})))
    assert paper.authors == authors


def test_a_damaged_item_is_left_out_and_the_others_stand() -> None:
    damaged = [item(guid="x"), item(title=" "), item(pubDate="some day"), item(**{"arxiv:announce_type": "odd"})]
    assert [paper.arxiv_id for paper in arxiv_rss.parse(feed(*damaged, item(9)))] == ["2604.00009"]


def test_a_day_without_an_announcement_is_no_error() -> None:
    assert arxiv_rss.parse(feed()) == []


BOMB = b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>'
LEAK = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "the feed is refused"),
        (LEAK, "the feed is refused"),
        (b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd"><rss><channel/></rss>', "the feed is refused"),
        (feed(item())[:-40], "is not XML"),
        (b"", "is not XML"),
        (b"<html><body>Down for maintenance</body></html>", "is not an RSS feed"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "is not XML"),
        (feed("<item><name>other</name></item>"), "not one of 1 items could be read"),
        (b"[]", "is not XML"),
    ],
)
def test_anything_but_an_rss_feed_is_an_error_of_this_source(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=f"^arxiv: .*{words}"):
        arxiv_rss.parse(data)


@given(st.dictionaries(st.sampled_from(["title", "description", "guid", "pubDate", "dc:creator"]), st.text()))
def test_no_text_in_an_item_trips_the_parser_over(changes: dict[str, str]) -> None:
    with contextlib.suppress(SourceError, UnicodeEncodeError):
        arxiv_rss.parse(feed(item(**{name: escape(text) for name, text in changes.items()})))


def test_followed_categories_are_asked_for_in_one_request(sources: FeedServer) -> None:
    sources.answers["/rss/cs+stat"] = Answer(feed(item()))
    assert len(arxiv_rss.collect(["cs", "stat"])) == 1
    assert [path for path, _ in sources.requests] == ["/rss/cs+stat"]


def test_categories_whose_answer_was_cut_are_asked_for_in_halves(
    sources: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv_rss, "LIMIT", 3)
    monkeypatch.setattr(arxiv_rss, "PAUSE", 0)
    sources.answers["/rss/cs+stat"] = Answer(feed(item(1), item(2), item(3)))
    sources.answers["/rss/cs"] = Answer(feed(item(1), item(2)))
    sources.answers["/rss/stat"] = Answer(feed(item(2), item(3), item(4)))
    found = arxiv_rss.collect(["cs", "stat"])
    assert [paper.arxiv_id[-1] for paper in found] == ["1", "2", "3", "4"]
