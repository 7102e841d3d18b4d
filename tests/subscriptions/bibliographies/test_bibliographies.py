"""From a file's bytes to what its papers are recognised by, whatever the bytes are."""

import gzip
import io
import json
import re
import zipfile

import pytest

from papers.text.plain import title_key
from subscriptions.bibliographies import confined_reading, entries, files
from subscriptions.bibliographies.confined_reading import DAMAGED
from subscriptions.bibliographies.entries import BibliographyError, Entry
from subscriptions.bibliographies.formats import bibtex
from tests.processes import PATIENCE
from tests.subscriptions.bibliographies import hostile_parsers

BIBTEX = r"""
@string{acm = "ACM Press"}
@comment{Exported by hand}
@article{muller2021, title = {{G}raph {N}eural networks of the deep sea},
  author = {M{\"u}ller, J{\"o}rg and Lovelace, Ada},
  journal = {arXiv preprint arXiv:2106.01234}, year = 2021}
@inproceedings{b, title = "On sonar", doi = {https://doi.org/10.1145/ABC.12}, publisher = acm}
@misc{c, title={Whale song}, eprint={2606.00001v3}, archivePrefix={arXiv}}
"""
RIS = """TY  - JOUR
TI  - Whale song
AU  - Lovelace, Ada
UR  - https://arxiv.org/abs/2606.00001v1
ER  -

TY  - CONF
T1  - On sonar
DO  - 10.1145/abc.12
ER  -
"""
LARGE = 4_900_000


def read(data: bytes) -> list[Entry]:
    return list(files.read(data).entries)


def arxiv_ids(data: str) -> list[str]:
    return [entry.arxiv_id for entry in read(data.encode())]


def confined(
    data: bytes, parser: str = confined_reading.PARSER, seconds: int = 15 * PATIENCE, memory: int = 512_000_000
) -> list[Entry]:
    """Read as a worker does. A processor may be slow too: only what takes minutes on it is a fault."""
    return list(confined_reading.read([data], seconds=seconds, memory=memory, parser=parser).entries)


def zipped(name: str, content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def outcome(data: bytes) -> str:
    """What becomes of a file: its entries, or the words of the refusal that name its kind."""
    try:
        return "entries" if confined(data) else "nothing"
    except BibliographyError as error:
        return (
            "damaged" if re.search("it is damaged|No entry could be read|too many fields", str(error)) else str(error)
        )


def test_bibtex_is_read_by_what_papers_are_recognised_by() -> None:
    muller, sonar, whales = read(BIBTEX.encode())
    assert (muller.arxiv_id, whales.arxiv_id) == ("2106.01234", "2606.00001")
    assert muller.title_key == title_key(muller.title) == "graphneuralnetworksofthedeepsea"
    assert len(muller.authors) == 2
    assert (sonar.doi, sonar.arxiv_id) == ("10.1145/abc.12", "")


def test_ris_is_read_too() -> None:
    whales, sonar = read(RIS.encode())
    assert (whales.arxiv_id, whales.authors) == ("2606.00001", ("Lovelace, Ada",))
    assert (sonar.doi, sonar.title) == ("10.1145/abc.12", "On sonar")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_a_file_in_an_old_encoding_or_with_a_byte_order_mark_is_read(encoding: str) -> None:
    [entry] = read("@misc{a, title={Über Wale}, eprint={2606.00001}}".encode(encoding))
    assert (entry.title, entry.arxiv_id) == ("Über Wale", "2606.00001")
    assert read(RIS.encode(encoding))[0].arxiv_id == "2606.00001"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_may_end_as_on_any_system(end: str) -> None:
    assert [entry.arxiv_id for entry in read(RIS.replace("\n", end).encode())] == ["2606.00001", ""]
    assert len(read(BIBTEX.replace("\n", end).encode())) == 3


@pytest.mark.parametrize(
    "head", ["@ misc{a,", "@misc {a,", "@misc\n{a,", "@ misc\t( a ,", "@mv-misc{a,", "@misc{b, note={x}} @\nmisc\n{a,"]
)
def test_blanks_and_hyphens_in_the_head_of_an_entry_lose_nothing(head: str) -> None:
    end = ")" if "(" in head else "}"
    text = f"{head} eprint={{2606.00001}}{end}\n@misc{{z, eprint={{2606.00002}}}}"
    assert [found for found in arxiv_ids(text) if found] == ["2606.00001", "2606.00002"]
    assert len(list(bibtex.begun(text))) == head.count("@") + 1


def test_what_only_looks_like_a_head_stays_text() -> None:
    [entry] = read(b"@misc{a, title={Write to bo@ example {x} and @ noon (y), please}, note={@\n the-end {z}}}")
    assert entry.title == "Write to bo@ example {x} and @ noon (y), please"


def test_an_entry_says_in_which_line_it_begins() -> None:
    assert [entry.line for entry in read(BIBTEX.encode())] == [4, 7, 8]


def test_a_broken_entry_does_not_take_the_others_with_it() -> None:
    assert arxiv_ids("@article{a, title={never closed\n\n@misc{b, eprint={2606.00001}}\n@misc{c, eprint={2606.00002}}")[
        -1
    ]
    assert arxiv_ids("@misc{a, url={x}, url={https://arxiv.org/abs/2606.00001}}") != []


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (b"", "No entry could be read"),
        (b"a shopping list", "No entry could be read"),
        (b"\0" * LARGE, "No entry could be read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        (b"%PDF-1.4\n@misc{a, title={x}}", "This is a PDF"),
        (zipped("a.bib", BIBTEX), "unpack it"),
        (gzip.compress(BIBTEX.encode()), "unpack it"),
        (b"SQLite format 3\0", "export BibTeX"),
        (b"\n\n@misc{a, title={never closed", "begins in line 3 .* damaged"),
        (b"TY  - JOUR\nER  - \n", "begins in line 1 .* damaged"),
        (b"@misc{a, title={x}}\n" * 5_001, "Please keep to 5000 entries; this file has 5001. .* in parts"),
        (b"@a{\n" * 1_200_000, "Please keep to 5000 entries"),
        (b"@article{k" + b",a=b" * 1_000_000 + b"}", "too many fields"),
        (b"TY  - JOUR\nER  - \n" * 5_001, "Please keep to 5000 entries"),
        (b"TY  - JOUR\n" + b"a\n" * (LARGE // 2) + b"ER  - \n", "it has no fields"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
    ids=[
        "empty",
        "prose",
        "NULs",
        "a picture",
        "a PDF",
        "zip",
        "gzip",
        "a database",
        "an entry that never ends",
        "a record without fields",
        "too many",
        "beginnings",
        "fields",
        "too many in RIS",
        "short lines",
        "too large",
    ],
)
def test_what_is_no_library_gets_one_clear_error(data: bytes, remedy: str) -> None:
    with pytest.raises(BibliographyError, match=remedy):
        read(data)
    if len(data) < 100_000:  # and through the other process the same words
        with pytest.raises(BibliographyError, match=remedy):
            confined(data)


class TestHostileFiles:
    """Each of these held a processor for a minute or more, or may do so in a parser of tomorrow."""

    @pytest.mark.parametrize("blank", [b" ", b"\n", b"\t"], ids=["spaces", "lines", "tabs"])
    def test_an_authors_field_of_blanks_is_an_authors_field(self, blank: bytes) -> None:
        [entry] = confined(b"@article{a, title={Whale song}, author={A" + blank * LARGE + b"B and C}}")
        assert entry.title == "Whale song"
        assert entry.authors == ("A",)

    def test_a_field_that_goes_on_for_lines_without_end_is_cut(self) -> None:
        [entry] = confined(b"TY  - JOUR\nTI  - Whale song\n" + b"sung\n" * 490_000 + b"AU  - Ada\nER  - \n")
        assert entry.title.startswith("Whale song sung")
        assert entry.authors == ("Ada",)

    def test_sizes_are_cut_before_anything_is_made_of_them(self) -> None:
        many = " and ".join(f"Author {number}" for number in range(5_000))
        for data in (
            f"@misc{{a, title={{{'w' * LARGE}}}}}",
            f"@misc{{a, title={{{'ﬃ' * 1_600_000}}}}}",
            f"@misc{{a, title={{x}}, author={{{many}}}}}",
            f"@misc{{a, title={{x}}, author={{{'w' * LARGE}}}}}",
            f"@misc{{a, title={{x}}, doi={{10.1234/{'w' * LARGE}}}}}",
        ):
            [entry] = confined(data.encode())
            assert len(entry.title) <= entries.TITLE
            assert len(entry.doi) <= entries.DOI
            assert len(entry.authors) <= entries.AUTHORS
            assert all(len(name) <= entries.NAME for name in entry.authors)

    @pytest.mark.parametrize(
        "data",
        [
            b"@" * LARGE,
            b"@misc{a, title=" + b"{" * LARGE,
            b"@misc{a, title=" + b"{" * (LARGE // 2) + b"}" * (LARGE // 2) + b"}",
            b"@misc{a, title=" + b'"' * LARGE,
            b"@misc{a" + b"," * LARGE + b"}",
            b"@misc{a, title={" + b"\\" * LARGE + b"}}",
            b"@misc{a, title={" + b"$x^{2}$ " * (LARGE // 8) + b"}}",
            b"TY  - JOUR\n" + b"AU  - a\n" * 490_000 + b"ER  - \n",
        ],
        ids=["ats", "braces", "nested", "quotes", "commas", "backslashes", "maths", "authors"],
    )
    def test_it_ends_in_time_with_entries_or_with_words(self, data: bytes) -> None:
        assert outcome(data) in {"entries", "damaged"}

    def test_no_character_comes_through_that_a_database_refuses(self) -> None:
        data = b"@misc{a, title={Wh\0ale \xed\xa0\x80song}, author={A\0da}, doi={10.1234/a\0b\x07c}}"
        [entry] = confined(data)
        assert (entry.authors, entry.doi) == (("Ada",), "10.1234/abc")
        assert entry.title.isprintable()


class TestBadBehaviourOfAParser:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("dies", "could not be read"),
            ("raises", "could not be read"),
            ("leaves", "could not be read"),
            ("floods", "Too much stands in the entries"),
            ("eats_memory", "took too much memory. Please export it without abstracts and notes, or in parts"),
        ],
    )
    def test_gets_the_reader_a_remedy(self, name: str, words: str) -> None:
        with pytest.raises(BibliographyError, match=words):
            confined(b"", f"{hostile_parsers.__name__}:{name}", memory=200_000_000)

    def test_an_endless_loop_too(self) -> None:
        with pytest.raises(BibliographyError, match=r"took too long\. Please export it .* in parts"):
            confined(b"", f"{hostile_parsers.__name__}:loops", seconds=1)

    @pytest.mark.parametrize(
        "garbage",
        [
            "garbage",
            "[]",
            "7",
            '["2606.00001"]',
            '["2606.00001", "", "", "", "Ada", 1]',
            '["2606.00001", null, "", "", [], 1]',
            '["2606.00001", "", "", "", [], "1"]',
            "[" * 100_000,
            "{}",
            "{",
            "",
        ],
    )
    def test_what_is_not_in_the_agreed_form_is_not_believed(self, garbage: str) -> None:
        with pytest.raises(BibliographyError, match=DAMAGED):
            confined(garbage.encode(), f"{hostile_parsers.__name__}:talks_nonsense")

    def test_nor_more_than_an_entry_can_hold(self) -> None:
        line = json.dumps(["not an id", "no\u0000doi", "w" * 9_000, "k" * 9_000, ["\ud800n" * 900] * 900, 7, False])
        [entry] = confined(line.encode(), f"{hostile_parsers.__name__}:talks_nonsense")
        assert (entry.arxiv_id, entry.doi) == ("", "")
        assert max(len(entry.title), len(entry.title_key)) <= entries.TITLE
        assert len(entry.authors) == entries.AUTHORS
        assert {len(name) for name in entry.authors} == {entries.NAME}
        assert entry.authors[0].encode()


def test_what_is_read_there_is_what_is_read_here() -> None:
    for data in (BIBTEX.encode(), RIS.encode()):
        assert confined(data) == read(data)


def test_every_format_has_the_same_shape() -> None:
    for one in files.FORMATS:
        assert not list(one.begun("a shopping list"))
        assert callable(one.read)
