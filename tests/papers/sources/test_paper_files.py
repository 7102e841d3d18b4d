import gzip
import io
import json
import re
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.records import PaperRecord
from papers.sources import SourceError, jsonl

GOOD = {"arxiv_id": "2606.00001", "title": "On files", "abstract": "One line each."}


def parse(*lines: bytes | dict[str, object]) -> tuple[list[PaperRecord], dict[int, str]]:
    bad: dict[int, str] = {}
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return list(jsonl.parse(io.BytesIO(data), bad.__setitem__)), bad


def only(**changes: object) -> PaperRecord:
    ((paper,), bad) = parse(GOOD | changes)
    assert not bad
    return paper


@pytest.mark.parametrize(("name", "rows"), [("hf_daily", 9_124), ("arxiv_2026Q1", 13_285), ("arxiv_2026Q2", 20_426)])
def test_every_line_of_the_real_files_is_good(shared_data: Path, name: str, rows: int) -> None:
    def refuse(number: int, reason: str) -> None:
        pytest.fail(f"line {number}: {reason}")

    with jsonl.fetch(shared_data / "papers" / f"{name}.jsonl.gz") as stream:
        assert sum(1 for _ in jsonl.parse(stream, refuse)) == rows


def test_the_words_of_a_line_become_a_record() -> None:
    paper = only(
        arxiv_id="2606.00001v3",
        authors=["Ann Lee"],
        categories=["stat.ML", "cs.LG"],
        primary_category="cs.LG",
        published_at="2026-06-26T14:00:00Z",
        first_seen_on="2026-06-29",
        listed_on="2026-06-30",
        captured_at="2026-06-30T18:44:19+08:00",
        upvotes=4,
        github_stars=None,
        comment="12 pages",
        ai_summary="It is about files.",
    )
    assert (paper.identifier, paper.version, paper.categories) == ("2606.00001", 3, ("cs.LG", "stat.ML"))
    assert paper.published_on == date(2026, 6, 26)
    assert (paper.announced_on, paper.listed_on) == (date(2026, 6, 29), date(2026, 6, 30))
    assert (paper.comment, paper.machine_summary) == ("12 pages", "It is about files.")
    (signal,) = paper.signals
    assert (signal.kind, signal.value) == ("upvotes", 4)
    assert signal.observed_at == datetime(2026, 6, 30, 10, 44, 19, tzinfo=UTC)


PREPRINT = {"title": "On cells", "abstract": "They divide."}


@pytest.mark.parametrize(
    ("names", "identifier", "aliases", "doi"),
    [
        ({"id": "lab:2026/17"}, "lab:2026/17", (), ""),
        ({"id": "openreview:aB_3-x", "doi": "10.1101/ABC"}, "openreview:aB_3-x", (), "10.1101/abc"),
        ({"doi": "https://doi.org/10.1101/ABC"}, "doi:10.1101/abc", (), "10.1101/abc"),
        ({"id": "doi:10.1101/ABC"}, "doi:10.1101/abc", (), "10.1101/abc"),
        ({"doi": "10.48550/arXiv.2606.00001"}, "2606.00001", (), ""),
        ({"doi": "10.48550/arXiv.2606.00001", "id": "lab:17"}, "2606.00001", ("lab:17",), ""),
        ({"arxiv_id": "2606.00001v2", "id": "lab:17", "doi": "10.1103/X"}, "2606.00001", ("lab:17",), "10.1103/x"),
    ],
)
def test_a_paper_is_called_by_arxivs_identifier_else_its_own_else_its_doi(
    names: dict[str, object], identifier: str, aliases: tuple[str, ...], doi: str
) -> None:
    ((paper,), bad) = parse(PREPRINT | names)
    assert not bad
    assert (paper.identifier, paper.aliases, paper.doi) == (identifier, aliases, doi)


def test_a_paper_of_another_server_says_its_field_and_where_to_read_it() -> None:
    words = {"field": "quant-ph", "url": "https://example.org/17", "journal_ref": " Cells  9 ", "withdrawn": True}
    ((paper,), _) = parse(PREPRINT | words | {"id": "lab:17"})
    assert (paper.field, paper.url, paper.journal_ref) == ("physics", "https://example.org/17", "Cells 9")
    assert paper.withdrawn
    assert not only(withdrawn=None).withdrawn
    assert only(url="javascript:alert(1)").url == ""


def test_several_observations_are_several_counts_and_the_first_listing_counts() -> None:
    first = {"listed_on": "2026-06-10", "captured_at": "2026-06-10T11:00:00Z", "upvotes": 29, "github_stars": 1}
    last = {"listed_on": "2026-06-16", "captured_at": "2026-06-16T12:00:00Z", "upvotes": 82}
    paper = only(**last, observations=[first, last])
    assert [(signal.kind, signal.value) for signal in paper.signals] == [("stars", 1), ("upvotes", 29), ("upvotes", 82)]
    assert paper.listed_on == date(2026, 6, 10)


def test_counts_without_a_time_are_no_observation() -> None:
    assert only(upvotes=5).signals == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "it is not JSON"),
        (b"[1]", "it is not a JSON object"),
        (b"null", "it is not a JSON object"),
        (b'{"arxiv_id": "\xff"}', "it is not UTF-8"),
        (b"[" * 200_000, "it is nested too deeply"),
        (b'{"title": "' + b"x" * 1_000_001 + b'"}', "the line is longer than 1,000,000 bytes"),
        ({"title": "No id", "abstract": "x"}, "it has no arxiv_id, no id and no doi"),
        (GOOD | {"id": "17"}, "id is not written like lab:2026-17: '17'"),
        (GOOD | {"id": "lab:a/../b"}, "id is not written like lab:2026-17"),
        (GOOD | {"id": "lab:two words"}, "id is not written like lab:2026-17"),
        (GOOD | {"id": "lab:" + "x" * 151}, "id is not written like lab:2026-17"),
        (GOOD | {"id": "arxiv:2606.00001"}, "id is in the namespace of arXiv: write it as arxiv_id"),
        (GOOD | {"doi": "12.1/3"}, "doi is not a DOI like 10.1101/2026.06.30.123456: '12.1/3'"),
        (GOOD | {"arxiv_id": 2606.00001}, "arxiv_id is not text"),
        (GOOD | {"arxiv_id": "seven"}, "'seven' is no arXiv identifier"),
        (GOOD | {"title": " \n "}, "title is missing or empty"),
        (GOOD | {"abstract": None}, "abstract is missing or empty"),
        (GOOD | {"title": "x" * 2_001}, "title has more than 2,000 characters"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_reason_and_the_rest_is_kept(
    line: bytes | dict[str, object], reason: str
) -> None:
    papers, bad = parse(GOOD, line, GOOD | {"arxiv_id": "2606.00002"})
    assert [paper.identifier for paper in papers] == ["2606.00001", "2606.00002"]
    assert list(bad) == [2]
    assert reason in bad[2]


FULL = GOOD | {"captured_at": "2026-06-30T10:00:00Z", "upvotes": 3, "comment": "9 pages", "authors": ["Ann Lee"]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"field": "alchemy"}, "field is not one of cs, econ, eess, math, physics, q-bio, q-fin, stat"),
        ({"withdrawn": "no"}, "withdrawn is neither true nor false"),
        ({"authors": "Ann Lee"}, "authors is not a list"),
        ({"authors": ["Ann Lee", 1]}, "an entry of authors is not text"),
        ({"categories": {"a": 1}}, "categories is not a list"),
        ({"primary_category": 3}, "primary_category is not text"),
        ({"upvotes": "many"}, "upvotes is not a count"),
        ({"upvotes": 2.5}, "upvotes is not a count"),
        ({"upvotes": True}, "upvotes is not a count"),
        ({"upvotes": 2**40}, "upvotes is not a count"),
        ({"github_stars": -1}, "stars is not a count"),
        ({"listed_on": "June"}, "listed_on is not a date"),
        ({"published_at": 2026}, "published_at is not text"),
        ({"captured_at": "now"}, "captured_at is not a time"),
        ({"observations": [3]}, "observations is not a list of objects"),
        ({"comment": "x" * 50_001}, "comment has more than 50,000 characters"),
        ({"organization": ["A"]}, "organization is not text"),
    ],
)
def test_a_bad_value_that_a_paper_can_do_without_costs_that_value_and_is_told(
    change: dict[str, object], reason: str
) -> None:
    ((paper,), bad) = parse(FULL | change)
    assert list(bad) == [1]
    assert reason in bad[1]
    assert "the paper comes without it" in bad[1]
    (whole,) = parse(FULL)[0]
    others = {"upvotes": "signals", "captured_at": "signals"}
    for name in {"title", "comment", "signals"} - {others.get(name, name) for name in change}:
        assert getattr(paper, name) == getattr(whole, name)


@pytest.mark.parametrize("written", [7, "7", " 7 ", 7.0])
def test_a_count_may_be_written_as_text_or_with_a_point(written: object) -> None:
    ((paper,), bad) = parse(FULL | {"upvotes": written})
    assert not bad
    assert [signal.value for signal in paper.signals] == [7]


def test_empty_lines_and_a_byte_order_mark_are_no_fault() -> None:
    papers, bad = parse(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), b"", b"  ", GOOD)
    assert (len(papers), bad) == (2, {})


def test_characters_that_no_database_stores_are_dropped() -> None:
    paper = only(title="a\x00b\ud800c\td", authors=["\x00", "Ann\x07 Lee"])
    assert (paper.title, paper.authors) == ("abc d", ("Ann Lee",))


@given(st.binary() | st.text().map(lambda text: json.dumps(GOOD | {"title": text}).encode()))
def test_no_line_trips_the_parser_over(line: bytes) -> None:
    papers, bad = parse(line.replace(b"\n", b""))
    assert len(papers) + len(bad) <= 1
    for paper in papers:
        paper.title.encode()


def test_plain_and_packed_files_are_told_apart_by_their_first_bytes(tmp_path: Path) -> None:
    data = json.dumps(GOOD).encode()
    for name, content in {"plain.gz": data, "packed.txt": gzip.compress(data)}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with jsonl.fetch(path) as stream:
            assert len(list(jsonl.parse(stream, pytest.fail))) == 1


def test_every_key_that_is_read_is_described_and_the_example_is_good() -> None:
    root = Path(__file__).parents[3]
    source, page = (root / "papers/sources/jsonl.py").read_text(), (root / "docs/papers-jsonl.md").read_text()
    keys = set(re.findall(r'\.get\("(\w+)"', source))
    assert keys > {"arxiv_id", "id", "doi", "field"}
    assert not {key for key in keys if f"`{key}`" not in page}
    (example,) = re.findall(r"```json\n(.+)\n```", page)
    ((paper,), bad) = parse(example.encode())
    assert (paper.identifier, bad) == ("lab:2026-17", {})


def test_a_missing_or_damaged_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot be read .* Name a file that exists"):
        jsonl.check(tmp_path / "none")
    for name, content in {"short": gzip.compress(b"{}" * 999)[:-9], "wrong": b"\x1f\x8b" + bytes(20)}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=r"is damaged .* Get the file again"):
            jsonl.check(tmp_path / name)


def test_a_file_of_any_size_takes_the_same_memory(tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        path = tmp_path / "papers.jsonl.gz"
        line = json.dumps(GOOD | {"abstract": "x" * 1_000}).encode() + b"\n"
        path.write_bytes(gzip.compress(line * lines))
        tracemalloc.start()
        with jsonl.fetch(path) as stream:
            assert sum(1 for _ in jsonl.parse(stream, pytest.fail)) == lines
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(5_000) < 1.5 * peak(200) + 200_000
