import contextlib
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.fetching.errors import blamed_on
from papers.records import Announced
from papers.sources import SourceError, arxiv_rss
from tests.papers.sources.feed_server import Answer, FeedServer
from tests.papers.sources.rss import feed, item


def test_every_recorded_feed_is_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "feeds" / "arxiv_rss").glob("*.xml"))
    assert len(files) == 3
    for file in files:
        papers = arxiv_rss.parse(file.read_bytes())
        assert len(papers) == 3
        for paper in papers:
            assert paper.identifier.startswith("2604.")
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
    assert (paper.identifier, paper.version, paper.announced_as) == ("2604.00001", 2, Announced.CROSS)


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
    damaged = [item(guid="x"), item(title=" "), item(**{"arxiv:announce_type": "odd"})]
    assert [paper.identifier for paper in arxiv_rss.parse(feed(*damaged, item(9)))] == ["2604.00009"]


@pytest.mark.parametrize("odd", ["some day", "Fri, 01 Jan 2999 00:00:00 -0500"])
def test_an_item_whose_own_date_cannot_be_has_that_of_the_feed(odd: str) -> None:
    (paper,) = arxiv_rss.parse(feed(item(pubDate=odd)))
    assert paper.announced_on == date(2026, 4, 27)


def test_elements_and_signs_within_a_text_keep_their_text() -> None:
    title = "On <i>E. coli</i> growth&nbsp;&amp; <![CDATA[$p<q$]]>"
    about = "arXiv:2604.00001v2 Announce Type: new \nAbstract: <p>One&#8212;two</p><p>H<sub>2</sub>O</p>"
    (paper,) = arxiv_rss.parse(
        feed(item(title=title, description=about, **{"dc:creator": "Ann <b>Lee</b>, Jos&eacute; Ek"}))
    )
    assert paper.title == "On E. coli growth & $p<q$"
    assert paper.abstract == "One—two H2O"
    assert paper.authors == ("Ann Lee", "José Ek")


def test_a_day_without_an_announcement_is_no_error() -> None:
    assert arxiv_rss.parse(feed()) == []


BOMB = b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>'
QUADRATIC = b'<!DOCTYPE rss [<!ENTITY a "%s">]><rss>%s</rss>' % (b"ha" * 50_000, b"&a;" * 1_000)
LEAK = b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel>&a;</channel></rss>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "the answer is refused"),
        (QUADRATIC, "the answer is refused"),
        (LEAK, "the answer is refused"),
        (b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd"><rss><channel/></rss>', "the answer is refused"),
        (feed(item())[:-40], "is not XML"),
        (b"", "is not XML"),
        (b"<html><body>Down for maintenance</body></html>", "is not an RSS feed"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "is not XML"),
        (feed("<item><name>other</name></item>"), "not one of 1 items could be read"),
        (b"[]", "is not XML"),
        (feed(item()).replace(b"<title>", b"<title>\xff\xfe", 1), "is not XML"),
    ],
)
def test_anything_but_an_rss_feed_is_an_error_of_this_source(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=f"^arxiv: .*{words}"):
        arxiv_rss.parse(data)


@given(st.dictionaries(st.sampled_from(["title", "description", "guid", "pubDate", "dc:creator"]), st.text()))
def test_no_text_in_an_item_trips_the_parser_over(changes: dict[str, str]) -> None:
    with contextlib.suppress(SourceError, UnicodeEncodeError):
        arxiv_rss.parse(feed(item(**{name: escape(text) for name, text in changes.items()})))


def test_the_date_of_a_feed_is_the_newest_that_it_bears() -> None:
    assert arxiv_rss.read(feed(item(day=date(2026, 4, 24)))).dated_on == date(2026, 4, 27)
    assert arxiv_rss.read(feed(item(day=date(2026, 4, 28)))).dated_on == date(2026, 4, 28)
    assert arxiv_rss.read(feed(day=date(2026, 4, 25))).dated_on == date(2026, 4, 25)
    assert arxiv_rss.read(b"<rss><channel/></rss>").dated_on is None


def test_items_that_cannot_be_read_count_when_it_is_asked_whether_a_feed_was_cut() -> None:
    found = arxiv_rss.read(feed(item(1), item(2, title=" ")))
    assert (found.served, len(found.papers)) == (2, 1)


def test_followed_categories_are_asked_for_in_one_request(db: None, sources: FeedServer) -> None:
    sources.answers["/rss/cs+stat"] = Answer(feed(item()))
    [answer] = arxiv_rss.answers(["cs", "stat"], lambda categories: ())
    assert (len(answer.feed.papers), sources.paths) == (1, ["/rss/cs+stat"])


def test_what_a_parser_does_not_expect_is_its_sources_failure() -> None:
    with pytest.raises(SourceError, match="odd: served something unexpected"), blamed_on("odd"):
        [][0]
