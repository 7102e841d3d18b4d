"""RIS, PubMed's and EndNote's records are read however they are spaced, and a damaged one takes no other with it."""

import re
from collections.abc import Callable

import pytest

from subscriptions.bibliographies.entries import BibliographyError, Entry
from subscriptions.bibliographies.files import read

RIS = """TY  - JOUR
TI  - Whale song
AU  - Lovelace, Ada
DO  - 10.1234/whale
ER  -
TY  - JOUR
T1  - On sonar
ER  -
"""


def entries(text: str) -> tuple[Entry, ...]:
    return read(text.encode()).entries


BENT: dict[str, Callable[[str], str]] = {
    "as the format says": str,
    "without ER": lambda text: re.sub("ER  -\n", "", text),
    "with one blank": lambda text: text.replace("  - ", " - "),
    "with one blank in one line": lambda text: text.replace("TI  - ", "TI - "),
    "in lower case": lambda text: re.sub("^..", lambda tag: tag[0].lower(), text, flags=re.M),
    "indented": lambda text: re.sub("^", "   ", text, flags=re.M),
    "with carriage returns alone": lambda text: text.replace("\n", "\r"),
    "with Windows' line ends": lambda text: text.replace("\n", "\r\n"),
    "without a blank behind the dash": lambda text: text.replace("- ", "-"),
    "without a blank before the dash": lambda text: text.replace("  - ", "- "),
    "with tabs": lambda text: text.replace("  - ", "\t-\t"),
    "with a longer dash": lambda text: text.replace("  - ", "  – "),
    "with a byte order mark": lambda text: "\ufeff" + text,
    "with empty lines": lambda text: text.replace("\n", "\n\n"),
    "with words in front": lambda text: "Provider: A library\nDatabase: Whales\n\n" + text,
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
def test_ris_is_read(bent: Callable[[str], str]) -> None:
    whales, sonar = entries(bent(RIS))
    assert (whales.title, whales.authors, whales.doi) == ("Whale song", ("Lovelace, Ada",), "10.1234/whale")
    assert (sonar.title, sonar.authors, sonar.doi) == ("On sonar", (), "")


def test_a_sentence_that_goes_on_in_a_line_of_its_own_begins_no_field() -> None:
    text = RIS.replace("DO  -", "AB  - Whales were\nCT-scanned, as\nis - we hold - usual, and\n  AI-based.\nDO  -")
    assert entries(text) == entries(RIS)[:1] + tuple(
        Entry("", "", "On sonar", "onsonar", (), line=10) for _ in range(1)
    )


@pytest.mark.parametrize(
    "fields",
    ["TI  - \nT1  - Whale song\n", "TI  - Whale\n  song\n", "TI  - Whale\nsong\n", "TI  - Whale song\nTI  - Other\n"],
    ids=["the other tag", "indented", "in the next line", "twice"],
)
def test_a_title_is_found(fields: str) -> None:
    [entry] = entries(f"TY  - JOUR\n{fields}ZZ  - 7\nDO  - \nDO  - 10.1234/whale\nER  - \n")
    assert (entry.title, entry.doi) == ("Whale song", "10.1234/whale")


def test_a_record_without_its_first_line_is_read() -> None:
    text = "TI  - First\nER  - \n" + RIS + "TI  - Last\nER  - \n"
    assert [(entry.title, entry.line) for entry in entries(text)] == [
        ("First", 1),
        ("Whale song", 3),
        ("On sonar", 8),
        ("Last", 11),
    ]


def test_a_record_without_fields_is_told_by_its_line_and_the_others_are_read() -> None:
    reading = read(("TY  - JOUR\nER  - \n" + RIS).encode())
    assert [(found.line, found.reason) for found in reading.unreadable] == [(1, "it has no fields")]
    assert len(reading.entries) == 2


def test_names_in_one_field_are_parted() -> None:
    [entry] = entries("TY  - JOUR\nTI  - x\nAU  - Lovelace, Ada; Turing, Alan\nER  - ")
    assert entry.authors == ("Lovelace, Ada", "Turing, Alan")


PUBMED = """
PMID- 12345678
OWN - NLM
TI  - Songs of whales
      in the deep sea.
LID - S0022-2836(05)80360-2 [pii]
LID - 10.1234/whale [doi]
FAU - Lovelace, Ada
AU  - Lovelace A
JT  - Journal of Whales

PMID- 12345679
TI  - On sonar.
JT  - ArXiv
AID - arXiv:2606.00001v2 [pii]
"""


def test_pubmed_is_read() -> None:
    whales, sonar = entries(PUBMED)
    assert (whales.title, whales.authors) == ("Songs of whales in the deep sea.", ("Lovelace, Ada",))
    assert (whales.doi, whales.arxiv_id, whales.line) == ("10.1234/whale", "", 2)
    assert (sonar.title, sonar.arxiv_id, sonar.line) == ("On sonar.", "2606.00001", 12)


ENDNOTE = """%0 Journal Article
%T Whale song
%A Lovelace, Ada
%A Turing, Alan
%R 10.1234/whale
%X An abstract
of two lines

%0 Generic
%T On sonar
%U https://arxiv.org/abs/2606.00001
"""


@pytest.mark.parametrize("text", [ENDNOTE, re.sub("%0.*\n", "", ENDNOTE)], ids=["EndNote", "refer, without types"])
def test_endnote_is_read(text: str) -> None:
    whales, sonar = entries(text)
    assert (whales.title, whales.authors) == ("Whale song", ("Lovelace, Ada", "Turing, Alan"))
    assert (whales.doi, sonar.title, sonar.arxiv_id) == ("10.1234/whale", "On sonar", "2606.00001")


def test_of_two_formats_the_one_of_which_most_entries_begin_is_read() -> None:
    quoted = RIS.replace("DO  -", "AB  - Cite as\n@misc{a, title={x}}\nDO  -")
    assert [entry.title for entry in entries(quoted)] == ["Whale song", "On sonar"]
    bibtex = "@misc{a, title={x}, note={\nTY  - JOUR\n}}\n@misc{b, title={y}}"
    assert [entry.title for entry in entries(bibtex)] == ["x", "y"]


def test_a_library_of_records_without_fields_says_what_it_looks_like() -> None:
    with pytest.raises(BibliographyError, match=r"This looks like PubMed's \.nbib\. An entry begins in line 2 "):
        read(b"\nPMID-\n\nPMID-\n")
