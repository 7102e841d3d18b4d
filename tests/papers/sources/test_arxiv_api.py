import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.records import Announced, PaperRecord
from papers.sources import SourceError, arxiv_api
from tests.papers.sources.atom import asked, entry, error, feed
from tests.papers.sources.feed_server import Answer, FeedServer


def recorded(shared_data: Path, name: str) -> list[PaperRecord]:
    return arxiv_api.parse((shared_data / "feeds" / "arxiv_api_atom" / f"{name}.xml").read_bytes())


def test_the_old_dialect_is_read_whole(shared_data: Path) -> None:
    (paper,) = recorded(shared_data, "old_format_2020_single_entry")
    assert (paper.identifier, paper.version, paper.published_on) == ("1601.00001", 1, date(2015, 12, 26))
    assert paper.title.endswith("junctions: The probe technique at high bias")
    assert paper.abstract.startswith('We extend the Landauer-B\\"uttiker probe formalism for conductances to the high')
    assert paper.abstract.endswith("far-from-equilibrium.")
    assert paper.authors == ("Michael Kilgour", "Dvira Segal")
    assert paper.categories == ("cond-mat.mes-hall",)
    assert (paper.doi, paper.journal_ref) == ("10.1063/1.4944470", "J. Chem. Phys. 144, 124107 (2016)")


def test_the_new_dialect_is_read_whole(shared_data: Path) -> None:
    first, second, third = recorded(shared_data, "new_format_2026-09-21_three_entries_abridged")
    assert first.title.endswith("Schema Loading for Eliminating the MCP/Tools Tax in Scalable Agentic Workflows")
    assert (first.comment, first.categories) == ("21 pages", ("cs.AI",))
    assert (second.identifier, second.version, len(second.authors)) == ("1706.03762", 7, 8)
    assert (second.published_on, second.categories) == (date(2017, 6, 12), ("cs.CL", "cs.LG"))
    assert (third.identifier, third.version, third.comment) == ("2104.04692", 3, "")
    agents, planning = recorded(shared_data, "new_format_2026-09-27_two_entries_trimmed")
    assert agents.title == "LLM Agents Can Easily Tamper With Their Own Traces"
    assert planning.authors[-1] == "Tomás Lozano-Pérez"


OLD_DIALECT = """
<entry xmlns:arxiv="http://arxiv.org/schemas/atom">
  <id>http://arxiv.org/abs/1601.99991v1</id><updated>2015-12-27T01:00:00Z</updated>
  <published>2015-12-26T20:00:00Z</published><title>On the old\n  dialect</title><summary>  It had\nmore.\n</summary>
  <author><name>Ann Lee</name><arxiv:affiliation>A lab</arxiv:affiliation></author><author><name>Bo Ek</name></author>
  <arxiv:doi>10.1063/1.99991</arxiv:doi><arxiv:journal_ref>J. Old Dial. 1, 2 (2016)</arxiv:journal_ref>
  <arxiv:comment>3 pages</arxiv:comment><link title="doi" href="http://dx.doi.org/10.1063/1.99991" rel="related"/>
  <arxiv:primary_category term="cond-mat.mes-hall" scheme="http://arxiv.org/schemas/atom"/>
  <category term="cond-mat.mes-hall" scheme="http://arxiv.org/schemas/atom"/>
</entry>"""


def test_all_that_the_old_dialect_says_is_read() -> None:
    (paper,) = arxiv_api.parse(feed(OLD_DIALECT))
    assert (paper.identifier, paper.version, paper.published_on) == ("1601.99991", 1, date(2015, 12, 26))
    assert (paper.title, paper.abstract, paper.authors) == ("On the old dialect", "It had more.", ("Ann Lee", "Bo Ek"))
    assert (paper.categories, paper.comment) == (("cond-mat.mes-hall",), "3 pages")
    assert (paper.doi, paper.journal_ref) == ("10.1063/1.99991", "J. Old Dial. 1, 2 (2016)")


def test_an_answer_without_entries_is_no_paper_and_an_error_is_told() -> None:
    assert arxiv_api.parse(feed()) == []
    with pytest.raises(arxiv_api.BadQuestion, match=r"^arxiv-api: answered: incorrect id format for abc"):
        arxiv_api.parse(feed(error()))


def test_a_paper_that_arxiv_does_not_know_has_no_entry(shared_data: Path) -> None:
    assert recorded(shared_data, "empty_unknown_id_2026") == []


def test_an_error_is_no_paper_but_says_what_was_wrong(shared_data: Path) -> None:
    with pytest.raises(arxiv_api.BadQuestion, match=r"^arxiv-api: answered: incorrect id format for abc"):
        recorded(shared_data, "error_bad_id_2026-09-19")


def test_an_error_among_papers_is_an_error_too() -> None:
    with pytest.raises(arxiv_api.BadQuestion):
        arxiv_api.parse(feed(entry(), error()))


def test_a_paper_called_error_is_a_paper() -> None:
    (paper,) = arxiv_api.parse(feed(entry(title="Error")))
    assert paper.title == "Error"


def test_the_primary_category_comes_first_and_no_category_twice() -> None:
    (paper,) = arxiv_api.parse(feed(entry()))
    assert paper.categories == ("stat.ML", "cs.LG")


def test_when_a_version_was_submitted_is_no_announcement() -> None:
    (paper,) = arxiv_api.parse(feed(entry()))
    assert (paper.announced_on, paper.announced_as) == (None, Announced.NOT_SAID)


def test_of_several_dois_the_first_is_kept() -> None:
    (paper,) = arxiv_api.parse(feed(entry(**{"arxiv:doi": "10.1/a 10.2/b"})))
    assert paper.doi == "10.1/a"


def test_a_damaged_entry_is_left_out_and_the_others_stand() -> None:
    damaged = [entry(id="http://arxiv.org/abs/x"), entry(title=" "), entry(summary="")]
    assert [paper.identifier for paper in arxiv_api.parse(feed(*damaged, entry("2606.00009")))] == ["2606.00009"]
    assert arxiv_api.parse(feed(damaged[0])) == []


BOMB = b'<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><feed><title>&b;</title></feed>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "the answer is refused"),
        (feed(entry())[:-40], "is not XML"),
        (b"", "is not XML"),
        (b"<html><body>Down for maintenance</body></html>", "is not an Atom feed"),
        (feed("<entry/>", "<entry/>"), "not one of 2 entries could be read"),
    ],
)
def test_anything_but_an_atom_feed_is_an_error_of_this_source(data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=f"^arxiv-api: .*{words}"):
        arxiv_api.parse(data)


@given(st.dictionaries(st.sampled_from(["id", "title", "summary", "published", "arxiv:comment"]), st.text()))
def test_no_text_in_an_entry_trips_the_parser_over(changes: dict[str, str]) -> None:
    with contextlib.suppress(SourceError, UnicodeEncodeError):
        arxiv_api.parse(feed(entry(**changes)))


@pytest.mark.django_db
def test_papers_are_asked_for_in_one_request_that_names_how_many_may_come(feed_server: FeedServer) -> None:
    feed_server.default = Answer(feed(entry()))
    assert arxiv_api.fetch(["2606.00001", "hep-th/9901001"]) == feed(entry())
    (path,) = feed_server.paths
    assert asked(path) == ["2606.00001", "hep-th/9901001"]
    assert path.startswith("/api/query?")
    assert path.endswith("&max_results=2")


@pytest.mark.django_db
def test_a_question_refused_by_its_status_is_a_bad_question(feed_server: FeedServer) -> None:
    feed_server.default = Answer(feed(error()), 400)
    with pytest.raises(arxiv_api.BadQuestion, match="answered 400"):
        arxiv_api.fetch(["2606.00001"])


@pytest.mark.django_db
def test_not_acceptable_is_a_failure_whatever_the_body(feed_server: FeedServer) -> None:
    feed_server.default = Answer(feed(entry()), 406)
    with pytest.raises(SourceError, match="answered 406"):
        arxiv_api.fetch(["2606.00001"])


@pytest.mark.parametrize(
    "change", [{"published": "once"}, {"published": "2999-01-01T00:00:00Z"}, {"arxiv:comment": "x" * 50_001}]
)
def test_a_bad_value_that_a_paper_can_do_without_costs_that_value(change: dict[str, str]) -> None:
    (paper,) = arxiv_api.parse(feed(entry("2606.00001", **change)))
    assert paper.identifier == "2606.00001"
    assert paper.title


def test_elements_within_a_text_keep_their_text() -> None:
    marked = entry("2606.00001", title="TITLE", summary="ABSTRACT").replace("TITLE", "On <i>E. coli</i> growth")
    marked = marked.replace("ABSTRACT", "<div><p>One.</p><p>Two &lt; three.</p></div>")
    (paper,) = arxiv_api.parse(feed(marked))
    assert (paper.title, paper.abstract) == ("On E. coli growth", "One. Two < three.")
